package dev.kmsenvelope.dek;

import dev.kmsenvelope.kms.DataKeyPair;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.SecretBytes;
import java.util.List;

/**
 * Asks the service for every message, and wipes each data key as soon as its lease is closed.
 *
 * @param service not closed by this source
 */
public record DirectDataKeySource(KeyService service) implements DataKeySource {

    @Override
    public DataKeyLease forEncryption(KeyId key, DataKeyUse use, EncryptionContext context) {
        DataKeyPair pair = service.generateDataKey(key, use.length(), context);
        return new Lease(pair.plaintext(), pair.encrypted());
    }

    @Override
    public DataKeyLease forDecryption(
            KeyId key, DataKeyUse use, EncryptedDataKey encrypted, EncryptionContext context) {
        return new Lease(service.decrypt(key, encrypted, context), encrypted);
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

    private record Lease(SecretBytes key, EncryptedDataKey encryptedKey) implements DataKeyLease {

        @Override
        public byte[] copyKey() {
            return key.copy();
        }

        @Override
        public int length() {
            return key.length();
        }

        @Override
        public List<EncryptedDataKey> encrypted() {
            return List.of(encryptedKey);
        }

        @Override
        public void used(long bytes) {
            // serves one message, of any size
        }

        @Override
        public void close() {
            key.close();
        }
    }
}
