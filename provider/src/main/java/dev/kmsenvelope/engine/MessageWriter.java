package dev.kmsenvelope.engine;

import javax.crypto.ShortBufferException;

/**
 * Writes one message of some format, in pieces. Input and output arrays of a call must not overlap. An implementation checks
 * the room for its output before anything else, and whatever fails after that ends the message, so that no nonce ever serves
 * two plaintexts (RULES 7). Not thread-safe.
 */
public interface MessageWriter extends AutoCloseable {

    /**
     * Adds associated data, which is authenticated with the message and not part of it.
     *
     * @param in holds it
     * @param offset where it starts
     * @param length how long it is
     * @throws IllegalStateException if there was data already
     * @throws UnsupportedOperationException if the format has no place for it
     */
    void updateAad(byte[] in, int offset, int length);

    /**
     * How many bytes {@link #update} would write.
     *
     * @param length how long its input is
     * @return exactly that many; a few more where a cipher of another provider decides
     */
    long updateSize(int length);

    /**
     * How many bytes {@link #finish} would write.
     *
     * @param length how long its input is
     * @return at least that many
     */
    long finishSize(int length);

    /**
     * Encrypts, and writes what can be written already.
     *
     * @param in holds the plaintext
     * @param offset where it starts
     * @param length how long it is
     * @param out receives at most {@link #updateSize} bytes
     * @param outOffset where to
     * @return how many bytes were written
     * @throws ShortBufferException if there is not enough room; nothing happened then
     */
    int update(byte[] in, int offset, int length, byte[] out, int outOffset) throws ShortBufferException;

    /**
     * Like {@link #update}, on other threads as far as there are any, while the caller does something else.
     *
     * @param in holds the plaintext; not to be changed before the work is finished
     * @param offset where it starts
     * @param length how long it is, at least 1
     * @param out receives {@link #updateSize} bytes
     * @param outOffset where to
     * @return what has to be finished, on this thread, before anything else is done with this object
     * @throws ShortBufferException if there is not enough room; nothing happened then
     */
    default Ongoing begin(byte[] in, int offset, int length, byte[] out, int outOffset) throws ShortBufferException {
        int written = update(in, offset, length, out, outOffset);
        return () -> written;
    }

    /**
     * Encrypts the rest and ends the message.
     *
     * @param in holds the plaintext
     * @param offset where it starts
     * @param length how long it is
     * @param out receives at most {@link #finishSize} bytes
     * @param outOffset where to
     * @return how many bytes were written
     * @throws ShortBufferException if there is not enough room; nothing happened then
     */
    int finish(byte[] in, int offset, int length, byte[] out, int outOffset) throws ShortBufferException;

    /** Wipes what is held and lets go of the keys; idempotent. */
    @Override
    void close();
}
