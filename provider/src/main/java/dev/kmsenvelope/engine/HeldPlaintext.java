package dev.kmsenvelope.engine;

import java.util.Arrays;

/** Decrypted bytes on their way out: a queue in one array, which grows as needed and is wiped where it was read. */
final class HeldPlaintext {

    private byte[] bytes = new byte[0];
    private int start;
    private int end;

    int size() {
        return end - start;
    }

    /** Makes room; the place for the next bytes is {@link #array()} from {@link #end()} on, until {@link #added}. */
    void reserve(int length) {
        if (length <= bytes.length - end) {
            return;
        }
        long needed = (long) size() + length;
        if (needed > Integer.MAX_VALUE - 8) {
            throw new OutOfMemoryError("more than 2 GiB of plaintext in one call");
        }
        byte[] old = bytes;
        boolean compact = needed <= old.length && start >= old.length / 2;
        byte[] next =
                compact ? old : new byte[(int) Math.max(needed, Math.min(2L * old.length, Integer.MAX_VALUE - 8))];
        int size = size();
        System.arraycopy(old, start, next, 0, size);
        Arrays.fill(old, compact ? size : start, end, (byte) 0);
        bytes = next;
        start = 0;
        end = size;
    }

    byte[] array() {
        return bytes;
    }

    int end() {
        return end;
    }

    void added(int length) {
        end += length;
    }

    int drain(byte[] out, int offset) {
        int size = size();
        System.arraycopy(bytes, start, out, offset, size);
        wipe();
        return size;
    }

    void wipe() {
        Arrays.fill(bytes, start, end, (byte) 0);
        start = 0;
        end = 0;
    }
}
