package dev.kmsenvelope.cli;

import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/** Where a command writes to. What is closed without {@link #commit} leaves no file. */
public interface Output extends Closeable {

    /**
     * Takes the bytes.
     *
     * @return the stream, which the caller does not close
     */
    OutputStream stream();

    /**
     * Says that all bytes were written. Everything that can fail because of them fails here: they are sent or on disk
     * afterwards, but a file does not have its name yet. To call it is optional.
     *
     * @throws IOException if they could not be written
     */
    void finish() throws IOException;

    /**
     * Says that all bytes were written and are right: finishes, and gives a file its name.
     *
     * @throws IOException if they could not be written
     */
    void commit() throws IOException;

    /**
     * Opens an output.
     *
     * @param stdio for standard output
     * @param target a file, or null for standard output. Devices and named pipes are written to as they are
     * @param force whether a file may be replaced
     * @param isPrivate whether only the owner may read the file
     * @return the output; the caller closes it
     * @throws IOException if it cannot be opened
     */
    static Output open(Stdio stdio, @Nullable Path target, boolean force, boolean isPrivate) throws IOException {
        if (target == null) {
            return new Direct(stdio.out(), false);
        }
        if (Files.isDirectory(target)) {
            throw new FileSystemException(target.toString(), null, "is a directory");
        }
        if (Files.exists(target) && !Files.isRegularFile(target)) {
            return new Direct(new NamedStream(Files.newOutputStream(target, StandardOpenOption.WRITE), target), true);
        }
        if (!force && Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
            throw new FileAlreadyExistsException(target.toString());
        }
        return OutputFile.create(target, force, isPrivate);
    }

    /**
     * A pipe or device, which cannot take back what was written.
     *
     * @param stream takes the bytes
     * @param owned whether to close it
     */
    record Direct(OutputStream stream, boolean owned) implements Output {

        @Override
        public void finish() throws IOException {
            stream.flush();
        }

        @Override
        public void commit() throws IOException {
            finish();
        }

        @Override
        public void close() throws IOException {
            if (owned) {
                stream.close();
            }
        }
    }
}
