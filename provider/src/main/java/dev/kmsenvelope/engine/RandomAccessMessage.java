package dev.kmsenvelope.engine;

import dev.kmsenvelope.format.InvalidMessageException;
import dev.kmsenvelope.kms.EncryptionContext;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * The plaintext of a message of which any part can be read, without reading what precedes it. When there is one, the header
 * of the message and its end were verified, so the length of the plaintext is proven; every other part is verified when it is
 * read. Not thread-safe.
 */
public interface RandomAccessMessage extends AutoCloseable {

    /**
     * How much plaintext there is.
     *
     * @return the number of bytes
     */
    long length();

    /**
     * The verified encryption context.
     *
     * @return the context, which is empty for formats without
     */
    EncryptionContext context();

    /**
     * Reads plaintext, as much as there is room for. When a later part of it is bad or cannot be read, gives what precedes
     * that part; the next call, which starts there, throws.
     *
     * @param position where to start, from 0
     * @param out receives only verified bytes
     * @return how many bytes were read, which is 0 only without room; -1 at or beyond the end
     * @throws InvalidMessageException if the part at the position was changed
     * @throws IOException if it cannot be read
     */
    int read(long position, ByteBuffer out) throws IOException, InvalidMessageException;

    /** Wipes what is held and lets go of the keys; idempotent. */
    @Override
    void close();
}
