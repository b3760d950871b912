package dev.kmsenvelope.engine;

import dev.kmsenvelope.dek.DataKeySource;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyNotFoundException;
import dev.kmsenvelope.kms.KeyService;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Who reads: the service and key whose data keys may be opened, and the context that a message must have.
 *
 * @param service knows which encrypted data keys are its own
 * @param source decrypts data keys
 * @param key the key, or an alias, that messages must be for
 * @param moreKeys further keys of the service that messages may be for
 * @param required pairs that must stand in a message's context
 */
public record Recipient(
        KeyService service, DataKeySource source, KeyId key, List<KeyId> moreKeys, EncryptionContext required) {

    /** Copies the list. */
    public Recipient {
        moreKeys = List.copyOf(moreKeys);
    }

    /**
     * The keys whose data keys may be opened: those of {@link #key}, and of what exists of {@link #moreKeys}. A former key
     * that was deleted since must not stop messages under the others from opening.
     *
     * @return ids of keys
     * @throws KeyNotFoundException if {@link #key} does not exist
     */
    public Set<KeyId> allowedKeys() {
        Set<KeyId> allowed = new LinkedHashSet<>(service.decryptionKeys(key));
        for (KeyId more : moreKeys) {
            try {
                allowed.addAll(service.decryptionKeys(more));
            } catch (KeyNotFoundException e) {
                // its messages are for no key that there is, and are refused as such
            }
        }
        return allowed;
    }
}
