package dev.kmsenvelope.crypto;

import javax.crypto.BadPaddingException;

/**
 * One decryption whose ciphertext comes in pieces and whose plaintext is not verified before {@link #finish} returned: the
 * caller keeps all of it back until then, and drops it when that throws (RULES 6). Not thread-safe.
 */
public interface UnverifiedDecryption extends AutoCloseable {

    /** How much more than its input {@link #update} gives at most, and {@link #finish} in all, in bytes. */
    int MOST_KEPT = 16;

    /**
     * Decrypts.
     *
     * @param in holds ciphertext; shares no memory with the output
     * @param offset where it starts
     * @param length how long it is
     * @param out receives at most {@code length} + {@value #MOST_KEPT} bytes of plaintext that is not verified
     * @param outOffset where to
     * @return how many bytes were written
     * @throws IllegalStateException if there is more than may be encrypted at once, or this was closed
     * @throws java.security.ProviderException if the provider fails, or has a lower limit
     */
    int update(byte[] in, int offset, int length, byte[] out, int outOffset);

    /**
     * Verifies all that was decrypted, and closes this.
     *
     * @param out receives at most {@value #MOST_KEPT} bytes, the end of the plaintext
     * @param outOffset where to
     * @return how many bytes were written
     * @throws BadPaddingException if anything was changed, as far as the algorithm tells
     */
    int finish(byte[] out, int outOffset) throws BadPaddingException;

    /** Lets go of the key; idempotent. */
    @Override
    void close();
}
