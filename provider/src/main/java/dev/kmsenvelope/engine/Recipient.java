package dev.kmsenvelope.engine;

import dev.kmsenvelope.dek.DataKeySource;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyService;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
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
     * Which key a data key is for, if that is one of the keys that may be used.
     *
     * @param encrypted an encrypted data key of a message
     * @param allowed what {@link #allowedKeys} gave
     * @return the key, or empty
     */
    Optional<KeyId> keyFor(EncryptedDataKey encrypted, Set<KeyId> allowed) {
        return service.keyOf(encrypted).filter(allowed::contains);
    }

    Set<KeyId> allowedKeys() {
        Set<KeyId> allowed = new LinkedHashSet<>(service.decryptionKeys(key));
        for (KeyId more : moreKeys) {
            allowed.addAll(service.decryptionKeys(more));
        }
        return allowed;
    }
}
