package dev.kmsenvelope.testing;

import dev.kmsenvelope.kms.DataKeyPair;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.InvalidCiphertextException;
import dev.kmsenvelope.kms.KeyDescription;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.SecretBytes;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A key service with one data key, that gives it for one blob and one encryption context only. */
public record BoundDataKey(byte[] dataKey, byte[] blob, Map<String, String> context) implements KeyService {

    private static final String NAME = "bound";
    private static final KeyId ID = KeyId.of(NAME);

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Set<KeyId> decryptionKeys(KeyId key) {
        return Set.of(ID);
    }

    @Override
    public Optional<KeyId> keyOf(EncryptedDataKey encrypted) {
        return Optional.of(ID);
    }

    @Override
    public SecretBytes decrypt(KeyId key, EncryptedDataKey encrypted, EncryptionContext given) {
        if (!java.util.Arrays.equals(encrypted.ciphertext(), blob)
                || !given.asMap().equals(context)) {
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
        return new EncryptedDataKey(NAME, new byte[0], ciphertext);
    }

    @Override
    public byte[] toBlob(EncryptedDataKey encrypted) {
        return encrypted.ciphertext();
    }

    @Override
    public KeyDescription describe(KeyId key) {
        throw new UnsupportedOperationException();
    }

    @Override
    public List<KeyDescription> list() {
        throw new UnsupportedOperationException();
    }

    @Override
    public EncryptedDataKey encrypt(KeyId key, byte[] plaintext, EncryptionContext given) {
        throw new UnsupportedOperationException();
    }

    @Override
    public EncryptedDataKey reEncrypt(
            KeyId source,
            EncryptedDataKey encrypted,
            EncryptionContext sourceContext,
            KeyId destination,
            EncryptionContext destinationContext) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
}
