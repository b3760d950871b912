package dev.kmsenvelope.keyring;

import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.InvalidCiphertextException;
import dev.kmsenvelope.kms.RawKeysOfS3;
import dev.kmsenvelope.kms.SecretBytes;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;

/**
 * Encrypts data keys as the raw keyrings of the Amazon S3 Encryption Client do, which bind them to the name of the content
 * algorithm and to nothing else. The encryption context has to be that pair alone. Thread-safe.
 */
public abstract class S3Keyring implements Keyring {

    private final String providerId;
    private final String keyName;

    /**
     * For subclasses.
     *
     * @param providerId the name of the algorithm
     * @param keyName the name of the wrapping key
     */
    S3Keyring(String providerId, String keyName) {
        this.providerId = providerId;
        this.keyName = keyName;
    }

    /**
     * What stands in an object's metadata, as an encrypted data key of this keyring.
     *
     * @param ciphertext the bytes
     * @return with the provider id and the name of the key; not verified
     */
    public EncryptedDataKey entry(byte[] ciphertext) {
        return new EncryptedDataKey(providerId, keyName.getBytes(StandardCharsets.UTF_8), ciphertext);
    }

    @Override
    public boolean isFor(EncryptedDataKey encrypted) {
        return encrypted.providerId().equals(providerId)
                && Arrays.equals(encrypted.providerInfo(), keyName.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public EncryptedDataKey wrap(byte[] plaintext, EncryptionContext context) {
        return entry(wrap(plaintext, algorithm(context)));
    }

    @Override
    public SecretBytes unwrap(EncryptedDataKey encrypted, EncryptionContext context) {
        byte[] algorithm = algorithm(context);
        if (!isFor(encrypted)) {
            throw notMine();
        }
        return SecretBytes.owning(unwrap(encrypted.ciphertext(), algorithm));
    }

    private static byte[] algorithm(EncryptionContext context) {
        Map<String, String> pairs = context.asMap();
        String algorithm = pairs.get(RawKeysOfS3.ALGORITHM_PAIR);
        if (algorithm == null || pairs.size() != 1) {
            throw new IllegalArgumentException("a key that is at hand binds data keys of S3 objects to the pair "
                    + RawKeysOfS3.ALGORITHM_PAIR + " and to no other encryption context");
        }
        return algorithm.getBytes(StandardCharsets.UTF_8);
    }

    /** One text for every fault, and no cause (RULES 12). */
    InvalidCiphertextException notMine() {
        return new InvalidCiphertextException("the key " + keyName + " did not encrypt this, or for another algorithm");
    }

    abstract byte[] wrap(byte[] plaintext, byte[] algorithm);

    /** Throws {@link #notMine} for all that is wrong with the ciphertext. */
    abstract byte[] unwrap(byte[] ciphertext, byte[] algorithm);
}
