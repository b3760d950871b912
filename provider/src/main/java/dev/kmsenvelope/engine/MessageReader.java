package dev.kmsenvelope.engine;

import dev.kmsenvelope.format.InvalidMessageException;
import dev.kmsenvelope.kms.EncryptionContext;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads one message of some format, in pieces, and releases verified plaintext only.
 *
 * <p>A fault latches: {@link #feed(byte[], int, int)} swallows what follows it, and {@link #finish()} throws it. A failure of
 * the service leaves {@code feed} as it is, and {@code finish} throws it again. Not thread-safe.
 */
public interface MessageReader extends AutoCloseable {

    /**
     * Adds associated data, which must be what the message was encrypted with.
     *
     * @param in holds it
     * @param offset where it starts
     * @param length how long it is
     * @throws IllegalStateException if there was data already
     * @throws UnsupportedOperationException if the format has no place for it
     */
    void updateAad(byte[] in, int offset, int length);

    /**
     * Takes a piece of the message.
     *
     * @param in holds it
     * @param offset where it starts
     * @param length how long it is
     * @throws dev.kmsenvelope.kms.KmsException if the service fails
     */
    void feed(byte[] in, int offset, int length);

    /**
     * Takes a piece of the message and gives what is released.
     *
     * @param in holds the piece
     * @param offset where it starts
     * @param length how long it is
     * @param out receives at most {@link #availableAfter} bytes; shares no memory with the piece
     * @param outOffset where to
     * @return how many bytes were written
     * @throws dev.kmsenvelope.kms.KmsException if the service fails
     */
    default int feed(byte[] in, int offset, int length, byte[] out, int outOffset) {
        feed(in, offset, length);
        return drain(out, outOffset);
    }

    /**
     * The same, on other threads as far as there are any, while the caller does something else.
     *
     * @param in holds the piece; not to be changed before the work is finished
     * @param offset where it starts
     * @param length how long it is
     * @param out receives at most {@link #availableAfter} bytes; shares no memory with the piece
     * @param outOffset where to
     * @return what has to be finished, on this thread, before anything else is done with this object
     */
    default Ongoing begin(byte[] in, int offset, int length, byte[] out, int outOffset) {
        int written = feed(in, offset, length, out, outOffset);
        return () -> written;
    }

    /**
     * Ends the message. What {@link #available} says after that is all of the plaintext that was not taken before.
     *
     * @throws InvalidMessageException if something is wrong with the message; nothing is available then
     * @throws dev.kmsenvelope.kms.KmsException if the service failed
     */
    void finish() throws InvalidMessageException;

    /**
     * Ends the message with its last piece and gives all of the plaintext that was not taken before. The output is wiped if
     * anything is wrong.
     *
     * @param in holds the piece
     * @param offset where it starts
     * @param length how long it is
     * @param out receives at most {@link #mostAtTheEnd} bytes; nobody else sees it before this returns
     * @return how many bytes were written
     * @throws InvalidMessageException if something is wrong with the message
     * @throws dev.kmsenvelope.kms.KmsException if the service failed
     */
    default int finish(byte[] in, int offset, int length, byte[] out) throws InvalidMessageException {
        boolean verified = false;
        try {
            feed(in, offset, length);
            finish();
            verified = true;
            return drain(out, 0);
        } finally {
            if (!verified) {
                Arrays.fill(out, (byte) 0);
            }
        }
    }

    /**
     * Makes room for plaintext that is to be held, so that it need not be moved. Need do nothing.
     *
     * @param length how much is held at the end
     */
    default void expect(long length) {}

    /**
     * How many bytes can be taken with {@code drain}.
     *
     * @return verified bytes that need not be held back
     */
    int available();

    /**
     * Takes what is released.
     *
     * @param out receives {@link #available} bytes
     * @param offset where to
     * @return how many bytes were written
     */
    int drain(byte[] out, int offset);

    /**
     * Takes what is released.
     *
     * @param out receives {@link #available} bytes
     * @return how many bytes were written
     */
    int drain(ByteBuffer out);

    /**
     * Takes what is released.
     *
     * @return {@link #available} bytes
     */
    byte[] drain();

    /**
     * Takes the next piece of what is released after the end, in constant memory where the format holds back more than that.
     *
     * @return some of it; no bytes when nothing is left
     */
    default byte[] next() {
        return drain();
    }

    /**
     * An upper bound of what is available after more input.
     *
     * @param length how long the input is
     * @return a number of bytes, which may be larger than what an array can hold
     */
    long availableBound(int length);

    /**
     * How much of the input the sizes below can depend on.
     *
     * @return a number of bytes
     */
    int headLength();

    /**
     * How much plaintext the message has of which a part was fed and the rest is given, if it is well-formed; nothing is
     * consumed. The number is exact wherever the length of a message tells that of its plaintext. Else it is the most that
     * there can be, for there is no telling without decrypting: with a signature or a padding at the end, with streams of which
     * the key is not known yet, and with a dual-layer message until its inner header was read ({@link #verifiedContext} is not
     * null then).
     *
     * @param in holds the rest of the message, or its first {@link #headLength} bytes
     * @param offset where it starts
     * @param present how much of it is there
     * @param length how long it is
     * @return the number of bytes that {@link #available} would say at the end, or more, as said; 0 when the message is not
     *     well-formed
     */
    long availableAtTheEnd(byte[] in, int offset, int present, int length);

    /**
     * At most how much plaintext is decrypted until the end of the message, be it well-formed or not; nothing is consumed.
     *
     * @param in holds the rest of the message, or its first {@link #headLength} bytes
     * @param offset where it starts
     * @param present how much of it is there
     * @param length how long it is
     * @return a number of bytes
     */
    long mostAtTheEnd(byte[] in, int offset, int present, int length);

    /**
     * At most how much is available after more input that does not end the message; nothing is consumed.
     *
     * @param in holds the next piece of the message, or its first {@link #headLength} bytes
     * @param offset where it starts
     * @param present how much of it is there
     * @param length how long it is
     * @return a number of bytes
     */
    long availableAfter(byte[] in, int offset, int present, int length);

    /**
     * The id of a message that has one, once its header was verified.
     *
     * @return its bytes; null before that, and for formats without
     */
    byte @Nullable [] messageId();

    /**
     * The encryption context of the message, once it was verified.
     *
     * @return the context, which is empty for formats without; null before that
     */
    @Nullable
    EncryptionContext verifiedContext();

    /**
     * The part of {@link #verifiedContext} that stands in the message: all of it, but for required pairs that its writer left out.
     *
     * @return the pairs; null before the context was verified
     */
    default @Nullable EncryptionContext storedContext() {
        return verifiedContext();
    }

    /**
     * Whether {@link #finish()} will throw, whatever follows.
     *
     * @return whether a fault was found or the service failed
     */
    boolean hasFailed();

    /** Wipes what was not taken and lets go of the keys; idempotent. */
    @Override
    void close();
}
