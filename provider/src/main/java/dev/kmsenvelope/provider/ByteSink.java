package dev.kmsenvelope.provider;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;

/** Where bytes go. */
interface ByteSink {

    /** Writes all of them. */
    void write(byte[] bytes, int offset, int length) throws IOException;

    static ByteSink of(WritableByteChannel out) {
        ByteSource.requireBlocking(out);
        return (bytes, offset, length) -> {
            ByteBuffer buffer = ByteBuffer.wrap(bytes, offset, length);
            while (buffer.hasRemaining()) {
                if (out.write(buffer) == 0) {
                    throw new IOException("the channel took nothing: it does not block");
                }
            }
        };
    }
}
