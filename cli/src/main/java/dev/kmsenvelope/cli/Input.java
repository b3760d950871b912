package dev.kmsenvelope.cli;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * What a command reads: a file, or standard input.
 *
 * @param stream the bytes
 * @param size how many there are, where that is known
 */
record Input(InputStream stream, OptionalLong size) implements Closeable {

    private static final Path PIPE = Path.of("-");

    static boolean isPipe(@Nullable Path file) {
        return file == null || file.equals(PIPE);
    }

    static Input open(Stdio stdio, @Nullable Path file) throws IOException {
        if (file == null || isPipe(file)) {
            return new Input(stdio.in(), OptionalLong.empty());
        }
        if (Files.isDirectory(file)) {
            throw new FileSystemException(file.toString(), null, "is a directory");
        }
        InputStream stream = Files.newInputStream(file);
        return new Input(stream, Files.isRegularFile(file) ? OptionalLong.of(Files.size(file)) : OptionalLong.empty());
    }

    @Override
    public void close() throws IOException {
        stream.close();
    }
}
