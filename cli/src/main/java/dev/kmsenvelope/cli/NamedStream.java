package dev.kmsenvelope.cli;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;

/** Names the file in errors, which the system does not. */
final class NamedStream extends FilterOutputStream {

    private final Path name;

    NamedStream(OutputStream out, Path name) {
        super(out);
        this.name = name;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        try {
            out.write(bytes, offset, length);
        } catch (IOException e) {
            throw failure(name, e);
        }
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    static IOException failure(Path name, IOException e) {
        return new IOException("cannot write " + name + ": " + e.getMessage(), e);
    }
}
