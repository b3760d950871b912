package dev.kmsenvelope.engine;

import dev.kmsenvelope.format.InvalidMessageException;
import dev.kmsenvelope.format.InvalidMessageException.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.util.Arrays;

/**
 * Reads any part of a message that is cut into pieces each of which is verified for itself, such as frames or segments. The
 * piece that was read last is kept. Who extends it says where the pieces are and how one is decrypted, and proves the length
 * of the message before it gives the object away. Not thread-safe.
 */
public abstract class VerifiedParts implements RandomAccessMessage {

    private static final byte[] NOTHING = new byte[0];
    private static final long NO_PIECE = -1;

    private final SeekableByteChannel message;
    private byte[] ciphertext = NOTHING;
    private byte[] plaintext = NOTHING;
    private int plaintextLength;
    private long present = NO_PIECE;

    /**
     * For a message of which nothing was verified yet.
     *
     * @param message all of the channel is the message; not closed
     */
    protected VerifiedParts(SeekableByteChannel message) {
        this.message = message;
    }

    /**
     * Where a piece is.
     *
     * @param number of the piece, from 0
     * @param messageOffset where it starts in the message
     * @param messageLength how many bytes it has there
     * @param plaintextOffset where its plaintext starts in that of the message
     */
    public record Piece(long number, long messageOffset, int messageLength, long plaintextOffset) {}

    /**
     * Finds the piece that has a byte.
     *
     * @param position of the byte in the plaintext: from 0, less than {@link #length}
     * @return the piece
     */
    protected abstract Piece pieceAt(long position);

    /**
     * Decrypts and verifies a piece.
     *
     * @param piece which
     * @param in the piece, from the start of the array on
     * @param out receives its plaintext; has as much room as the piece is long; left without unverified bytes
     * @return how many bytes were written
     * @throws InvalidMessageException if it was changed, or is not this piece
     */
    protected abstract int decrypt(Piece piece, byte[] in, byte[] out) throws InvalidMessageException;

    /**
     * Reads and verifies a piece, unless it is the one that is kept.
     *
     * @param piece which
     * @throws InvalidMessageException if it was changed, or the message ends within it
     * @throws IOException if it cannot be read
     */
    protected final void load(Piece piece) throws IOException, InvalidMessageException {
        if (piece.number() == present) {
            return;
        }
        present = NO_PIECE;
        int length = piece.messageLength();
        ciphertext = sized(ciphertext, length);
        plaintext = sized(plaintext, length);
        if (fill(message, piece.messageOffset(), ciphertext, length) < length) {
            throw new InvalidMessageException(Reason.TRUNCATED, "the message became shorter while it was being read");
        }
        plaintextLength = decrypt(piece, ciphertext, plaintext);
        present = piece.number();
    }

    @Override
    public final int read(long position, ByteBuffer out) throws IOException, InvalidMessageException {
        if (position < 0) {
            throw new IllegalArgumentException("a position is not negative");
        }
        if (position >= length()) {
            return -1;
        }
        long next = position;
        while (out.hasRemaining() && next < length()) {
            Piece piece = pieceAt(next);
            try {
                load(piece);
            } catch (IOException | InvalidMessageException e) {
                if (next > position) {
                    break;
                }
                throw e;
            }
            int from = (int) (next - piece.plaintextOffset());
            int count = Math.min(out.remaining(), plaintextLength - from);
            out.put(plaintext, from, count);
            next += count;
        }
        return (int) (next - position);
    }

    private static byte[] sized(byte[] array, int length) {
        if (array.length >= length) {
            return array;
        }
        Arrays.fill(array, (byte) 0);
        return new byte[length];
    }

    /**
     * Fills the start of an array as far as a channel goes.
     *
     * @param channel is read
     * @param position where in it to start
     * @param out receives the bytes
     * @param length how many, at most
     * @return how many there were
     * @throws IOException if reading fails
     */
    protected static int fill(SeekableByteChannel channel, long position, byte[] out, int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(out, 0, length);
        channel.position(position);
        while (buffer.hasRemaining() && channel.read(buffer) > 0) {
            // once more, until it is full or the end
        }
        return buffer.position();
    }

    /** Wipes what is kept; idempotent. Who extends this lets go of the keys too. */
    @Override
    public void close() {
        Arrays.fill(plaintext, (byte) 0);
        plaintext = NOTHING;
        present = NO_PIECE;
    }
}
