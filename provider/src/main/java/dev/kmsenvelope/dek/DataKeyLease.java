package dev.kmsenvelope.dek;

import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.SecretBytes;
import java.util.Arrays;
import java.util.List;

/** The right to use a data key until {@link #close()}; the key is wiped when the last lease of it is closed. */
public interface DataKeyLease extends AutoCloseable {

    /**
     * The only lease of a data key, which serves one message of any size.
     *
     * @param key the data key; wiped when the lease is closed
     * @param encrypted the same, encrypted
     * @return the lease
     */
    static DataKeyLease ofOneMessage(SecretBytes key, EncryptedDataKey encrypted) {
        return new OnlyLease(key, encrypted);
    }

    /**
     * The data key.
     *
     * @return a fresh copy, which the caller wipes
     * @throws IllegalStateException if this was closed
     */
    byte[] copyKey();

    /**
     * How long the data key is.
     *
     * @return its length in bytes
     */
    int length();

    /**
     * Which data key it is, by its bytes: what is encrypted under it counts together, however it was encrypted itself
     * (RULES 10). A source that keeps data keys computes it once.
     *
     * @return its identity in this process
     * @throws IllegalStateException if this was closed
     */
    default KeyIdentity identity() {
        byte[] copy = copyKey();
        try {
            return KeyIdentity.of(copy);
        } finally {
            Arrays.fill(copy, (byte) 0);
        }
    }

    /**
     * The data key in the encrypted versions that travel with a message.
     *
     * @return at least one
     */
    List<EncryptedDataKey> encrypted();

    /**
     * Tells how much was encrypted or decrypted, which counts against the limits of the data key. May be called more than
     * once, also after {@link #close()}, and while others use the key.
     *
     * @param bytes how many bytes of plaintext, not negative
     */
    void used(long bytes);

    /** Ends the use; idempotent. */
    @Override
    void close();
}
