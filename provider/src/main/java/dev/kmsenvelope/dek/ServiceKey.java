package dev.kmsenvelope.dek;

import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyService;

/**
 * A key and the service that has it.
 *
 * @param service the service; not closed by those who have this
 * @param id an alias, key id or ARN there
 */
public record ServiceKey(KeyService service, KeyId id) {

    /** The same object as a service, not an equal one, which may have other credentials (RULES 13). */
    @Override
    @SuppressWarnings("ReferenceEquality")
    public boolean equals(Object other) {
        return other instanceof ServiceKey that && service == that.service && id.equals(that.id);
    }

    @Override
    public int hashCode() {
        return 31 * System.identityHashCode(service) + id.hashCode();
    }
}
