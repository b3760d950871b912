package dev.kmsenvelope.testing;

import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.SecretBytes;

/** A key service that says of every encrypted data key that it is its own, and decrypts each to the same bytes. */
public record FixedDataKey(byte[] dataKey) implements OneKeyService {

    @Override
    public KeyId id() {
        return KeyId.of("fixed");
    }

    @Override
    public SecretBytes decrypt(KeyId key, EncryptedDataKey encrypted, EncryptionContext context) {
        return SecretBytes.copyOf(dataKey);
    }
}
