package dev.kmsenvelope.testing;

import dev.kmsenvelope.kms.DataKeyPair;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyDescription;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.SecretBytes;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A key service with one data key, which it holds masked only: what is found of the data key in memory is not from here. It
 * encrypts nothing.
 */
public final class MaskedKeyService implements KeyService {

    private static final byte MASK = 0x5A;

    private final KeyId id;
    private final byte[] masked;

    /**
     * A service.
     *
     * @param name of its only key
     * @param masked its only data key, {@linkplain #mask masked}
     */
    public MaskedKeyService(String name, byte[] masked) {
        this.id = KeyId.of(name);
        this.masked = masked.clone();
    }

    /** A copy with every bit pattern changed; twice gives the original. */
    public static byte[] mask(byte[] bytes) {
        byte[] changed = bytes.clone();
        for (int i = 0; i < changed.length; i++) {
            changed[i] ^= (byte) (MASK + i);
        }
        return changed;
    }

    @Override
    public String name() {
        return "masked";
    }

    @Override
    public Set<KeyId> decryptionKeys(KeyId key) {
        return Set.of(id);
    }

    @Override
    public Optional<KeyId> keyOf(EncryptedDataKey encrypted) {
        return Optional.of(id);
    }

    @Override
    public DataKeyPair generateDataKey(KeyId key, int numberOfBytes, EncryptionContext context) {
        return new DataKeyPair(
                SecretBytes.owning(mask(masked)),
                new EncryptedDataKey("masked", id.value().getBytes(StandardCharsets.UTF_8), new byte[] {1, 2, 3}));
    }

    @Override
    public SecretBytes decrypt(KeyId key, EncryptedDataKey encrypted, EncryptionContext context) {
        return SecretBytes.owning(mask(masked));
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
        return new EncryptedDataKey("masked", id.value().getBytes(StandardCharsets.UTF_8), blob);
    }

    @Override
    public KeyDescription describe(KeyId key) {
        throw new UnsupportedOperationException();
    }

    @Override
    public List<KeyDescription> list() {
        return List.of();
    }

    @Override
    public void close() {}
}
