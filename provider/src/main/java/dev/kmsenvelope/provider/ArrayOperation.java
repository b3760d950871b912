package dev.kmsenvelope.provider;

import dev.kmsenvelope.engine.MessageId;
import java.nio.ByteBuffer;
import java.security.AlgorithmParameters;
import java.security.InvalidKeyException;
import java.security.Key;
import java.security.NoSuchAlgorithmException;
import javax.crypto.AEADBadTagException;
import javax.crypto.ShortBufferException;
import org.jspecify.annotations.Nullable;

/**
 * What encrypting and decrypting have in common: every call form is reduced to arrays that do not overlap. Heap buffers and
 * arrays are worked on where they are; direct and read-only buffers, and input that the output would overwrite before it
 * was read, go through arrays of a mebibyte ({@link BufferChunks}).
 */
abstract class ArrayOperation implements CipherOperation {

    static final byte[] NOTHING = new byte[0];

    /** Takes input and gives what is ready, if it fits; the arrays do not overlap. */
    abstract int process(byte[] in, int offset, int length, byte[] out, int outOffset) throws ShortBufferException;

    /** How much of the input the sizes depend on. */
    abstract int headLength();

    /**
     * Exactly, or at most, how much {@link #process} gives.
     *
     * @param present how much of the input there is: all, or the first {@link #headLength} bytes
     */
    abstract long processSize(byte[] in, int offset, int present, int length);

    /** Exactly, or at most, how much {@code doFinal} gives. */
    abstract long processFinalSize(byte[] in, int offset, int present, int length);

    /** {@code doFinal} with any kind of buffers; moves no position. */
    abstract int doFinalBuffers(ByteBuffer in, ByteBuffer out) throws ShortBufferException, AEADBadTagException;

    @Override
    public abstract int doFinal(byte[] in, int offset, int length, byte[] out, int outOffset)
            throws ShortBufferException, AEADBadTagException;

    @Override
    public final int update(byte[] in, int offset, int length, byte[] out, int outOffset) throws ShortBufferException {
        return Overlap.of(in, offset, length, out, outOffset).isPossible()
                ? updateInChunks(
                        ByteBuffer.wrap(in, offset, length), ByteBuffer.wrap(out, outOffset, out.length - outOffset))
                : process(in, offset, length, out, outOffset);
    }

    @Override
    public final int update(ByteBuffer in, ByteBuffer out) throws ShortBufferException {
        int written;
        if (areSeparateArrays(in, out)) {
            byte[] array = in.array();
            int offset = in.arrayOffset() + in.position();
            requireRoom(processSize(array, offset, in.remaining(), in.remaining()), out);
            written = process(array, offset, in.remaining(), out.array(), out.arrayOffset() + out.position());
        } else {
            written = updateInChunks(in, out);
        }
        return moved(in, out, written);
    }

    @Override
    public final int doFinal(ByteBuffer in, ByteBuffer out) throws ShortBufferException, AEADBadTagException {
        int written;
        if (areSeparateArrays(in, out)) {
            byte[] array = in.array();
            int offset = in.arrayOffset() + in.position();
            requireRoom(processFinalSize(array, offset, in.remaining(), in.remaining()), out);
            written = doFinal(array, offset, in.remaining(), out.array(), out.arrayOffset() + out.position());
        } else {
            written = doFinalBuffers(in, out);
        }
        return moved(in, out, written);
    }

    private static boolean areSeparateArrays(ByteBuffer in, ByteBuffer out) {
        return in.hasArray() && out.hasArray() && !Overlap.of(in, out).isPossible();
    }

    private static int moved(ByteBuffer in, ByteBuffer out, int written) {
        in.position(in.limit());
        out.position(out.position() + written);
        return written;
    }

    private int updateInChunks(ByteBuffer in, ByteBuffer out) throws ShortBufferException {
        byte[] head = head(in);
        requireRoom(processSize(head, 0, head.length, in.remaining()), out);
        return BufferChunks.run(in, out, new BufferChunks.Steps() {
            @Override
            public long size(byte[] chunk, int offset, int length, boolean last) {
                return processSize(chunk, offset, length, length);
            }

            @Override
            public int run(byte[] chunk, int offset, int length, boolean last, byte[] room, int roomOffset)
                    throws ShortBufferException {
                return process(chunk, offset, length, room, roomOffset);
            }
        });
    }

    /** What the sizes depend on of an input that may not be an array. */
    final byte[] head(ByteBuffer in) {
        byte[] head = new byte[Math.min(in.remaining(), headLength())];
        in.duplicate().get(head);
        return head;
    }

    private static void requireRoom(long needed, ByteBuffer out) throws ShortBufferException {
        if (needed > out.remaining()) {
            throw new ShortBufferException("the output needs " + needed + " bytes");
        }
    }

    @Override
    public final @Nullable AlgorithmParameters parameters() {
        AlgorithmParameters ofFormat = formatParameters();
        if (ofFormat != null) {
            return ofFormat;
        }
        byte[] iv = iv();
        return iv == null ? null : GcmParameters.of(iv);
    }

    /** The parameters of a format that has more than an IV; else null. */
    abstract @Nullable AlgorithmParameters formatParameters();

    static byte[] shortIv(byte[] messageId) {
        return MessageId.iv(messageId, MessageId.MIN_IV_LENGTH);
    }

    static int clamp(long size) {
        return (int) Math.min(size, Integer.MAX_VALUE);
    }

    @Override
    public byte[] wrap(Key key) throws InvalidKeyException {
        throw new IllegalStateException("the cipher is not initialized for wrapping");
    }

    @Override
    public Key unwrap(byte[] wrapped, String algorithm, int type) throws InvalidKeyException, NoSuchAlgorithmException {
        throw new IllegalStateException("the cipher is not initialized for unwrapping");
    }
}
