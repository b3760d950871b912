package dev.kmsenvelope.engine;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Decrypted bytes on their way out: held in one array, which grows as needed and is wiped where it was left or read; or,
 * while an output is attached, in that.
 */
final class HeldPlaintext {

    static final int MAX_ARRAY = Integer.MAX_VALUE - 8;
    private static final int PIECE = 32 * 1024;

    private static final byte[] NOTHING = new byte[0];

    private byte[] bytes = NOTHING;
    private int size;
    private byte @Nullable [] output;
    private int outputStart;
    private int outputAt;

    /** How many bytes are held. */
    int size() {
        return size;
    }

    /** Moves what is held to an array, and lets what follows go straight there, until {@link #detach}. */
    void attach(byte[] out, int offset) {
        outputStart = offset;
        outputAt = offset + drain(out, offset);
        output = out;
    }

    boolean isAttached() {
        return output != null;
    }

    /** How many bytes are held or went to what is attached. */
    int total() {
        return size + outputAt - outputStart;
    }

    /** Ends that; returns how many bytes went there in all, 0 if nothing is attached. */
    int detach() {
        int written = outputAt - outputStart;
        output = null;
        outputStart = 0;
        outputAt = 0;
        return written;
    }

    /** Makes room; the place for the next bytes is {@link #array()} from {@link #position()} on, until {@link #added}. */
    void reserve(int length) {
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

    byte[] array() {
        return output != null ? output : bytes;
    }

    int position() {
        return output != null ? outputAt : size;
    }

    void added(int length) {
        if (output != null) {
            outputAt += length;
        } else {
            size += length;
        }
    }

    /** Moves what is held. In pieces: each is still in the cache when it is wiped. */
    int drain(byte[] out, int offset) {
        int drained = size;
        for (int at = 0; at < drained; at += PIECE) {
            int end = Math.min(drained, at + PIECE);
            System.arraycopy(bytes, at, out, offset + at, end - at);
            Arrays.fill(bytes, at, end, (byte) 0);
        }
        size = 0;
        return drained;
    }

    /** Gives away what is held: the array itself, where it is as long as that and is not to be used again. */
    byte[] takeAll() {
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

    /** Moves what is held. */
    int drain(ByteBuffer out) {
        int drained = size;
        out.put(bytes, 0, drained);
        wipe();
        return drained;
    }

    /** Wipes what is held. */
    void wipe() {
        Arrays.fill(bytes, 0, size, (byte) 0);
        size = 0;
    }

    /** Wipes what is held and gives the array up; idempotent. */
    void close() {
        wipe();
        byte[] old = bytes;
        bytes = NOTHING; // first, so that it is never given back twice
        Scratch.give(old);
    }
}
