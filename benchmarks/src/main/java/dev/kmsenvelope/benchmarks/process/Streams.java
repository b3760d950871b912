package dev.kmsenvelope.benchmarks.process;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Random;

/** Where a text comes from and goes to. */
final class Streams {

    private Streams() {}

    /** The same pseudo-random MiB again and again. */
    static InputStream text(long length) {
        byte[] piece = new byte[Work.PIECE];
        new Random(1).nextBytes(piece);
        return new InputStream() {
            private long at;

            @Override
            public int read() {
                return at == length ? -1 : piece[(int) (at++ % piece.length)] & 0xFF;
            }

            @Override
            public int read(byte[] into, int offset, int wanted) {
                if (at == length) {
                    return -1;
                }
                int from = (int) (at % piece.length);
                int count = (int) Math.min(Math.min(wanted, piece.length - from), length - at);
                System.arraycopy(piece, from, into, offset, count);
                at += count;
                return count;
            }
        };
    }

    static void copy(InputStream in, OutputStream out) throws IOException {
        byte[] piece = new byte[Work.PIECE];
        for (int read = in.readNBytes(piece, 0, piece.length); read > 0; read = in.readNBytes(piece, 0, piece.length)) {
            out.write(piece, 0, read);
        }
    }

    static OutputStream notClosing(OutputStream out) {
        return new FilterOutputStream(out) {
            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                out.write(bytes, offset, length);
            }

            @Override
            public void close() throws IOException {
                flush();
            }
        };
    }

    /** Counts and forgets. */
    static final class Sink extends OutputStream {
        private long length;

        @Override
        public void write(int b) {
            length++;
        }

        @Override
        public void write(byte[] bytes, int offset, int count) {
            length += count;
        }

        long length() {
            return length;
        }
    }
}
