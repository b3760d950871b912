package dev.kmsenvelope.provider;

import dev.kmsenvelope.engine.MessageId;
import java.nio.ByteBuffer;
import java.security.AlgorithmParameters;
import java.security.InvalidKeyException;
import java.security.Key;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import javax.crypto.ShortBufferException;
import org.jspecify.annotations.Nullable;

/**
 * What encrypting and decrypting have in common: every call form is reduced to arrays that do not overlap. Direct and
 * read-only buffers are copied, since there is no telling whether two of them share memory.
 */
abstract class ArrayOperation implements CipherOperation {

    static final byte[] NOTHING = new byte[0];

    /** Takes input and gives what is ready, if it fits; the arrays do not overlap. */
    abstract int process(byte[] in, int offset, int length, byte[] out, int outOffset) throws ShortBufferException;

    /** The same with the last input. */
    abstract int processFinal(byte[] in, int offset, int length, byte[] out, int outOffset)
            throws ShortBufferException, AEADBadTagException;

    /** Exactly, or at most, how much {@link #process} gives. */
    abstract long processSize(byte[] in, int offset, int length);

    /** Exactly, or at most, how much {@link #processFinal} gives. */
    abstract long processFinalSize(byte[] in, int offset, int length);

    @Override
    public final int update(byte[] in, int offset, int length, byte[] out, int outOffset) throws ShortBufferException {
        if (!same(in, out)) {
            return process(in, offset, length, out, outOffset);
        }
        byte[] copy = Arrays.copyOfRange(in, offset, offset + length);
        try {
            return process(copy, 0, length, out, outOffset);
        } finally {
            Arrays.fill(copy, (byte) 0);
        }
    }

    @Override
    public final int doFinal(byte[] in, int offset, int length, byte[] out, int outOffset)
            throws ShortBufferException, AEADBadTagException {
        if (!same(in, out) || length == 0) {
            return processFinal(in, offset, length, out, outOffset);
        }
        byte[] copy = Arrays.copyOfRange(in, offset, offset + length);
        try {
            return processFinal(copy, 0, length, out, outOffset);
        } finally {
            Arrays.fill(copy, (byte) 0);
        }
    }

    @Override
    public final int update(ByteBuffer in, ByteBuffer out) throws ShortBufferException {
        try (BufferCall call = new BufferCall(in)) {
            int written = call.write(
                    out,
                    processSize(call.array, call.offset, call.length),
                    room -> process(call.array, call.offset, call.length, room.array, room.offset));
            in.position(in.limit());
            return written;
        } catch (AEADBadTagException e) {
            throw new IllegalStateException("update keeps a bad tag for doFinal", e);
        }
    }

    @Override
    public final int doFinal(ByteBuffer in, ByteBuffer out) throws ShortBufferException, AEADBadTagException {
        try (BufferCall call = new BufferCall(in)) {
            int written = call.write(
                    out,
                    processFinalSize(call.array, call.offset, call.length),
                    room -> processFinal(call.array, call.offset, call.length, room.array, room.offset));
            in.position(in.limit());
            return written;
        }
    }

    @Override
    public final @Nullable AlgorithmParameters parameters() {
        byte[] iv = iv();
        return iv == null ? null : GcmParameters.of(iv);
    }

    @SuppressWarnings("ReferenceEquality") // whether they share memory, not whether they have the same content
    private static boolean same(byte[] one, byte[] other) {
        return one == other;
    }

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

    private record Room(byte[] array, int offset) {}

    private interface Work {
        int into(Room room) throws ShortBufferException, AEADBadTagException;
    }

    /** One call with buffers: the input as an array, copied unless it is a writable array already. */
    private static final class BufferCall implements AutoCloseable {

        private final byte[] array;
        private final int offset;
        private final int length;
        private final boolean copied;

        BufferCall(ByteBuffer in) {
            length = in.remaining();
            copied = !in.hasArray();
            if (copied) {
                array = new byte[length];
                offset = 0;
                in.duplicate().get(array);
            } else {
                array = in.array();
                offset = in.arrayOffset() + in.position();
            }
        }

        int write(ByteBuffer out, long size, Work work) throws ShortBufferException, AEADBadTagException {
            if (size > out.remaining()) {
                throw new ShortBufferException("the output needs " + size + " bytes");
            }
            if (out.hasArray() && endsWithItsArray(out) && !same(out.array(), array)) {
                int written = work.into(new Room(out.array(), out.arrayOffset() + out.position()));
                out.position(out.position() + written);
                return written;
            }
            byte[] room = new byte[(int) size];
            try {
                int written = work.into(new Room(room, 0));
                out.put(room, 0, written);
                return written;
            } finally {
                Arrays.fill(room, (byte) 0);
            }
        }

        /** If not, an array method would not notice that it writes beyond the buffer's limit. */
        private static boolean endsWithItsArray(ByteBuffer out) {
            return out.arrayOffset() + out.limit() == out.array().length;
        }

        @Override
        public void close() {
            if (copied) {
                Arrays.fill(array, (byte) 0);
            }
        }
    }
}
