package dev.kmsenvelope.testing;

import dev.kmsenvelope.kms.DataKeyPair;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyDescription;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.SecretBytes;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A key service that says of every encrypted data key that it is its own, and decrypts each to the same bytes. */
public record FixedDataKey(byte[] dataKey) implements KeyService {

    private static final KeyId ID = KeyId.of("fixed");

    @Override
    public String name() {
        return "fixed";
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
    public SecretBytes decrypt(KeyId key, EncryptedDataKey encrypted, EncryptionContext context) {
        return SecretBytes.copyOf(dataKey);
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
    public DataKeyPair generateDataKey(KeyId key, int numberOfBytes, EncryptionContext context) {
        throw new UnsupportedOperationException();
    }

    @Override
    public EncryptedDataKey encrypt(KeyId key, byte[] plaintext, EncryptionContext context) {
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
    public byte[] toBlob(EncryptedDataKey encrypted) {
        throw new UnsupportedOperationException();
    }

    @Override
    public EncryptedDataKey fromBlob(KeyId key, byte[] blob) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
}
