package dev.kmsenvelope.keyring;

import dev.kmsenvelope.format.EncryptedDataKeyEntry;
import dev.kmsenvelope.format.InvalidMessageException;
import dev.kmsenvelope.kms.DataKeyPair;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.InvalidCiphertextException;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.SecretBytes;
import java.util.Arrays;

/**
 * What key services have in common that encrypt with {@link Keyring}s: everything that comes down to encrypting and
 * decrypting a few bytes, and the form of what comes out.
 */
public abstract class RawKeyService implements KeyService {

    /** For subclasses. */
    protected RawKeyService() {}

    /**
     * Draws the bytes of a data key.
     *
     * @param key the key that it is for, to name in errors
     * @param bytes what to fill
     * @throws dev.kmsenvelope.kms.KmsException if there is no randomness to be had
     */
    protected abstract void drawDataKey(KeyId key, byte[] bytes);

    @Override
    public final DataKeyPair generateDataKey(KeyId key, int numberOfBytes, EncryptionContext context) {
        requireLength("a data key", numberOfBytes, MAX_DATA_KEY);
        byte[] plaintext = new byte[numberOfBytes];
        try {
            drawDataKey(key, plaintext);
            EncryptedDataKey encrypted = encrypt(key, plaintext, context);
            return new DataKeyPair(SecretBytes.copyOf(plaintext), encrypted);
        } finally {
            Arrays.fill(plaintext, (byte) 0);
        }
    }

    @Override
    public final EncryptedDataKey reEncrypt(
            KeyId source,
            EncryptedDataKey encrypted,
            EncryptionContext sourceContext,
            KeyId destination,
            EncryptionContext destinationContext) {
        try (SecretBytes plaintext = decrypt(source, encrypted, sourceContext)) {
            byte[] bytes = plaintext.copy();
            try {
                return encrypt(destination, bytes, destinationContext);
            } finally {
                Arrays.fill(bytes, (byte) 0);
            }
        }
    }

    @Override
    public final byte[] toBlob(EncryptedDataKey encrypted) {
        return EncryptedDataKeyEntry.serialize(encrypted);
    }

    @Override
    public final EncryptedDataKey fromBlob(KeyId key, byte[] blob) {
        try {
            return EncryptedDataKeyEntry.parse(blob);
        } catch (InvalidMessageException e) {
            throw new InvalidCiphertextException(
                    "what should be encrypted under the key " + key + " is malformed: " + e.getMessage(), e);
        }
    }

    /**
     * Checks a length.
     *
     * @param what has it, for the error
     * @param length in bytes
     * @param max the largest allowed
     * @throws IllegalArgumentException if it is not 1 to {@code max}
     */
    protected static void requireLength(String what, int length, int max) {
        if (length < 1 || length > max) {
            throw new IllegalArgumentException(what + " has 1 to " + max + " bytes, not " + length);
        }
    }
}
