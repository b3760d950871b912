package dev.kmsenvelope.engine;

import java.util.Arrays;

/** Decrypted bytes on their way out, in one array, which grows as needed and is wiped where it was left or read. */
final class HeldPlaintext {

    private static final int MAX_ARRAY = Integer.MAX_VALUE - 8;

    private static final byte[] NOTHING = new byte[0];

    private byte[] bytes = NOTHING;
    private int size;

    int size() {
        return size;
    }

    /** Makes room; the place for the next bytes is {@link #array()} from {@link #size()} on, until {@link #added}. */
    void reserve(int length) {
        if (length <= bytes.length - size) {
            return;
        }
        long needed = (long) size + length;
        if (needed > MAX_ARRAY) {
            throw new IllegalStateException("more plaintext than fits into an array; decrypt it in smaller pieces");
        }
        byte[] old = bytes;
        bytes = Arrays.copyOf(old, (int) Math.max(needed, Math.min(2L * old.length, MAX_ARRAY)));
        Arrays.fill(old, 0, size, (byte) 0);
    }

    byte[] array() {
        return bytes;
    }

    void added(int length) {
        size += length;
    }

    int drain(byte[] out, int offset) {
        int drained = size;
        System.arraycopy(bytes, 0, out, offset, drained);
        wipe();
        return drained;
    }

    void wipe() {
        Arrays.fill(bytes, 0, size, (byte) 0);
        size = 0;
    }
}
