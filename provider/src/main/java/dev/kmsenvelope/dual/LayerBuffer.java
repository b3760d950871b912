package dev.kmsenvelope.dual;

import dev.kmsenvelope.engine.Scratch;
import java.util.Arrays;

/** What goes from one layer to the other: one array, that is used again and wiped at the end. Not thread-safe. */
final class LayerBuffer implements AutoCloseable {

    private static final byte[] NOTHING = new byte[0];

    private byte[] bytes = NOTHING;
    private int used;

    /** An array of at least so many bytes, with anything in it; no more of it is written to. */
    byte[] room(long length) {
        if (length > bytes.length) {
            close();
            bytes = Scratch.take(Math.toIntExact(length));
        }
        used = Math.max(used, (int) length);
        return bytes;
    }

    byte[] bytes() {
        return bytes;
    }

    /** Wipes; idempotent. */
    @Override
    public void close() {
        byte[] old = bytes;
        bytes = NOTHING; // first, so that it is never given back twice
        Arrays.fill(old, 0, used, (byte) 0);
        used = 0;
        Scratch.give(old);
    }
}
