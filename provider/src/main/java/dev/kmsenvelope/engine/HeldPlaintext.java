package dev.kmsenvelope.engine;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Decrypted bytes on their way out: held in one array, which grows as needed and is wiped where it was left or read; or,
 * while an output is attached, in that.
 */
public final class HeldPlaintext {

    static final int MAX_ARRAY = Integer.MAX_VALUE - 8;
    private static final int PIECE = 32 * 1024;

    private static final byte[] NOTHING = new byte[0];

    private byte[] bytes = NOTHING;
    private int size;
    private byte @Nullable [] output;
    private int outputStart;
    private int outputAt;

    /** Starts with nothing. */
    public HeldPlaintext() {}

    /**
     * How many bytes are held.
     *
     * @return that many
     */
    public int size() {
        return size;
    }

    /**
     * Moves what is held to an array, and lets what follows go straight there, until {@link #detach}.
     *
     * @param out receives it
     * @param offset where to
     */
    public void attach(byte[] out, int offset) {
        outputStart = offset;
        outputAt = offset + drain(out, offset);
        output = out;
    }

    /**
     * Whether there is such an array.
     *
     * @return true between {@link #attach} and {@link #detach}
     */
    public boolean isAttached() {
        return output != null;
    }

    /**
     * How many bytes are held or went to what is attached.
     *
     * @return that many
     */
    public int total() {
        return size + outputAt - outputStart;
    }

    /**
     * Ends that.
     *
     * @return how many bytes went there in all, 0 if nothing is attached
     */
    public int detach() {
        int written = outputAt - outputStart;
        output = null;
        outputStart = 0;
        outputAt = 0;
        return written;
    }

    /**
     * Makes room; the place for the next bytes is {@link #array()} from {@link #position()} on, until {@link #added}.
     *
     * @param length how many bytes
     */
    public void reserve(int length) {
        if (output != null) {
            if (length > output.length - outputAt) {
                throw new IllegalStateException("the message has more plaintext than was expected");
            }
            return;
        }
        if (length <= bytes.length - size) {
            return;
        }
        long needed = (long) size + length;
        if (needed > MAX_ARRAY) {
            throw new IllegalStateException("more plaintext than fits into an array; decrypt it in smaller pieces");
        }
        byte[] old = bytes;
        byte[] larger = Scratch.take((int) Math.max(needed, Math.min(2L * old.length, MAX_ARRAY)));
        System.arraycopy(old, 0, larger, 0, size);
        bytes = larger;
        Arrays.fill(old, 0, size, (byte) 0);
        Scratch.give(old);
    }

    /**
     * Where the next bytes go.
     *
     * @return the array itself
     */
    public byte[] array() {
        return output != null ? output : bytes;
    }

    /**
     * Where in {@link #array()} they go.
     *
     * @return the index of the first
     */
    public int position() {
        return output != null ? outputAt : size;
    }

    /**
     * Takes note of bytes that stand there now.
     *
     * @param length how many
     */
    public void added(int length) {
        if (output != null) {
            outputAt += length;
        } else {
            size += length;
        }
    }

    /**
     * Moves what is held. In pieces: each is still in the cache when it is wiped.
     *
     * @param out receives it
     * @param offset where to
     * @return how many bytes
     */
    public int drain(byte[] out, int offset) {
        int drained = size;
        for (int at = 0; at < drained; at += PIECE) {
            int end = Math.min(drained, at + PIECE);
            System.arraycopy(bytes, at, out, offset + at, end - at);
            Arrays.fill(bytes, at, end, (byte) 0);
        }
        size = 0;
        return drained;
    }

    /**
     * Gives away what is held: the array itself, where it is as long as that and is not to be used again.
     *
     * @return the bytes
     */
    public byte[] takeAll() {
        byte[] all = bytes;
        if (size == all.length && size < Scratch.LENGTH) {
            bytes = NOTHING;
            size = 0;
            return all;
        }
        byte[] copy = new byte[size];
        drain(copy, 0);
        return copy;
    }

    /**
     * Moves what is held.
     *
     * @param out receives it
     * @return how many bytes
     */
    public int drain(ByteBuffer out) {
        int drained = size;
        out.put(bytes, 0, drained);
        wipe();
        return drained;
    }

    /** Wipes what is held. */
    public void wipe() {
        Arrays.fill(bytes, 0, size, (byte) 0);
        size = 0;
    }

    /** Wipes what is held and gives the array up; idempotent. */
    public void close() {
        wipe();
        byte[] old = bytes;
        bytes = NOTHING; // first, so that it is never given back twice
        Scratch.give(old);
    }
}
