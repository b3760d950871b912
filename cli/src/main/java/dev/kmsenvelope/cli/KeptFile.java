package dev.kmsenvelope.cli;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.jspecify.annotations.Nullable;

/**
 * What a file was before it is replaced, under a second name: a hard link, or a copy where there are none. If there was no
 * file, that is what is kept. When this is closed, the second name is gone, unless {@link #restore} failed.
 */
final class KeptFile implements Closeable {

    private final Path file;
    private final @Nullable Path kept;

    private KeptFile(Path file, @Nullable Path kept) {
        this.file = file;
        this.kept = kept;
    }

    /**
     * Keeps a file.
     *
     * @param file may be missing; a link is followed
     * @throws IOException if it can be neither linked nor copied
     */
    static KeptFile of(Path file) throws IOException {
        if (!Files.exists(file)) {
            return new KeptFile(file, null);
        }
        Path followed = file.toRealPath();
        Path kept = OutputFile.temporaryIn(OutputFile.directoryOf(followed));
        try {
            return TemporaryFiles.create(kept, () -> {
                linkOrCopy(followed, kept);
                return new KeptFile(followed, kept);
            });
        } catch (FileSystemException e) {
            throw OutputFile.named(e, file);
        }
    }

    private static void linkOrCopy(Path file, Path kept) throws IOException {
        try {
            Files.createLink(kept, file);
        } catch (FileSystemException | UnsupportedOperationException e) {
            boolean copied = false;
            try {
                Files.copy(file, kept, StandardCopyOption.COPY_ATTRIBUTES);
                copied = true;
            } finally {
                if (!copied) {
                    Files.deleteIfExists(kept);
                }
            }
        }
    }

    /** Makes the file what it was. Not refused when the process ends: then all the more. */
    void restore() throws IOException {
        if (kept == null) {
            Files.deleteIfExists(file);
        } else {
            // If the step fails, this is all that is left of the file, and is not deleted.
            TemporaryFiles.leave(kept);
            Files.move(kept, file, StandardCopyOption.ATOMIC_MOVE);
        }
        OutputFile.syncDirectory(OutputFile.directoryOf(file));
    }

    @Override
    public void close() throws IOException {
        if (kept != null) {
            TemporaryFiles.delete(kept);
        }
    }
}
