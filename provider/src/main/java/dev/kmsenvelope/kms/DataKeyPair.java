package dev.kmsenvelope.kms;

/**
 * A fresh data key in its two versions. Closing it wipes the plaintext.
 *
 * @param plaintext the key itself, to encrypt data with and then discard
 * @param encrypted the same key encrypted under the key of the service, to travel with the data
 */
public record DataKeyPair(SecretBytes plaintext, EncryptedDataKey encrypted) implements AutoCloseable {

    /** Wipes the plaintext key; idempotent. */
    @Override
    public void close() {
        plaintext.close();
    }
}
