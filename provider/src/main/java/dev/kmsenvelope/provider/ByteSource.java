package dev.kmsenvelope.provider;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.IllegalBlockingModeException;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SelectableChannel;

/** Where bytes come from, and whether more are there already. */
interface ByteSource {

    /**
     * Waits for at least one byte.
     *
     * @return how many bytes were read, at least 1; -1 at the end
     */
    int read(byte[] into, int offset, int length) throws IOException;

    /** Whether reading will not wait, as far as is known. */
    boolean isReady() throws IOException;

    /** Reads as much as is there, and waits only for the first byte; returns how much, 0 only at the end. */
    default int fill(byte[] into, int length) throws IOException {
        int filled = 0;
        do {
            int count = read(into, filled, length - filled);
            if (count < 0) {
                return filled;
            }
            filled += count;
        } while (filled < length && isReady());
        return filled;
    }

    static ByteSource of(InputStream in) {
        return new ByteSource() {
            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                int count = in.read(into, offset, length);
                if (count == 0) {
                    throw new IOException("the stream gave nothing, and is not at its end");
                }
                return count;
            }

            @Override
            public boolean isReady() throws IOException {
                return in.available() > 0;
            }
        };
    }

    static ByteSource of(ReadableByteChannel in) {
        requireBlocking(in);
        return new ByteSource() {
            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                int count = in.read(ByteBuffer.wrap(into, offset, length));
                if (count == 0) {
                    throw new IOException("the channel gave nothing, and is not at its end: it does not block");
                }
                return count;
            }

            @Override
            public boolean isReady() throws IOException {
                return in instanceof FileChannel file && file.position() < file.size();
            }
        };
    }

    static void requireBlocking(Object channel) {
        if (channel instanceof SelectableChannel selectable && !selectable.isBlocking()) {
            throw new IllegalBlockingModeException();
        }
    }
}
