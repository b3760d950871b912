package dev.kmsenvelope.testing;

import dev.kmsenvelope.kms.DataKeyPair;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.InvalidCiphertextException;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.SecretBytes;
import java.util.Arrays;
import java.util.Map;

/** A key service with one data key, that gives it for one blob and one encryption context only. */
public record BoundDataKey(byte[] dataKey, byte[] blob, Map<String, String> context) implements OneKeyService {

    @Override
    public KeyId id() {
        return KeyId.of("bound");
    }

    @Override
    public SecretBytes decrypt(KeyId key, EncryptedDataKey encrypted, EncryptionContext given) {
        if (!Arrays.equals(encrypted.ciphertext(), blob) || !given.asMap().equals(context)) {
            throw new InvalidCiphertextException("another data key or context");
        }
        return SecretBytes.copyOf(dataKey);
    }

    @Override
    public DataKeyPair generateDataKey(KeyId key, int numberOfBytes, EncryptionContext given) {
        if (!given.asMap().equals(context)) {
            throw new IllegalArgumentException("another context");
        }
        return new DataKeyPair(SecretBytes.copyOf(dataKey), fromBlob(key, blob));
    }

    @Override
    public EncryptedDataKey fromBlob(KeyId key, byte[] ciphertext) {
        return new EncryptedDataKey(name(), new byte[0], ciphertext);
    }

    @Override
    public byte[] toBlob(EncryptedDataKey encrypted) {
        return encrypted.ciphertext();
    }
}
