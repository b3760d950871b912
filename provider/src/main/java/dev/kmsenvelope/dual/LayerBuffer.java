package dev.kmsenvelope.dual;

import dev.kmsenvelope.engine.Scratch;

/**
 * What goes from one layer to the other: one array, that is used again. It is the inner layer's message, which is ciphertext:
 * plaintext never stands here, so nothing is wiped. Not thread-safe.
 */
final class LayerBuffer implements AutoCloseable {

    private static final byte[] NOTHING = new byte[0];

    private byte[] bytes = NOTHING;

    /** An array of at least so many bytes, with anything in it. */
    byte[] room(long length) {
        if (length > bytes.length) {
            close();
            bytes = Scratch.takeForCiphertext(Math.toIntExact(length));
        }
        return bytes;
    }

    byte[] bytes() {
        return bytes;
    }

    /** Gives it back; idempotent. */
    @Override
    public void close() {
        byte[] old = bytes;
        bytes = NOTHING; // first, so that it is never given back twice
        Scratch.giveCiphertext(old);
    }
}
