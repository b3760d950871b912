package dev.kmsenvelope.dek;

import dev.kmsenvelope.kms.DataKeyPair;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyService;

/**
 * Asks the service for every message, and wipes each data key as soon as its lease is closed.
 *
 * @param service not closed by this source
 */
public record DirectDataKeySource(KeyService service) implements DataKeySource {

    @Override
    public DataKeyLease forEncryption(KeyId key, DataKeyUse use, EncryptionContext context) {
        DataKeyPair pair = service.generateDataKey(key, use.length(), context);
        return DataKeyLease.ofOneMessage(pair.plaintext(), pair.encrypted());
    }

    @Override
    public DataKeyLease forDecryption(
            KeyId key, DataKeyUse use, EncryptedDataKey encrypted, EncryptionContext context) {
        return DataKeyLease.ofOneMessage(service.decrypt(key, encrypted, context), encrypted);
    }

    /** The same object as a service, not an equal one, which may have other credentials (RULES 13). */
    @Override
    @SuppressWarnings("ReferenceEquality")
    public boolean equals(Object other) {
        return other instanceof DirectDataKeySource that && service == that.service;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(service);
    }
}
