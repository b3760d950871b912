package dev.kmsenvelope.testing;

import dev.kmsenvelope.kms.DataKeyPair;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyDescription;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.SecretBytes;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A key service with one data key, which it holds masked only: what is found of the data key in memory is not from here. It
 * encrypts nothing.
 */
public final class MaskedKeyService implements OneKeyService {

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
    public KeyId id() {
        return id;
    }

    @Override
    public String name() {
        return "masked";
    }

    @Override
    public DataKeyPair generateDataKey(KeyId key, int numberOfBytes, EncryptionContext context) {
        return new DataKeyPair(SecretBytes.owning(mask(masked)), fromBlob(key, new byte[] {1, 2, 3}));
    }

    @Override
    public SecretBytes decrypt(KeyId key, EncryptedDataKey encrypted, EncryptionContext context) {
        return SecretBytes.owning(mask(masked));
    }

    @Override
    public EncryptedDataKey fromBlob(KeyId key, byte[] blob) {
        return new EncryptedDataKey("masked", id.value().getBytes(StandardCharsets.UTF_8), blob);
    }

    @Override
    public List<KeyDescription> list() {
        return List.of();
    }
}
