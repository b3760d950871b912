package dev.kmsenvelope.dek;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A file whose every change means that cached data keys are to be dropped: another modification time, another file in its
 * place, its coming and going. Its content is never read. That it cannot be looked at any more is a change too: who takes
 * away the sight of the file must not thereby keep data keys alive. Thread-safe.
 */
final class FlushFile {

    private static final System.Logger LOGGER = System.getLogger(FlushFile.class.getName());

    private final Path path;
    private final AtomicReference<State> seen;

    /** Remembers how the file is now. */
    FlushFile(Path path) {
        this.path = path;
        Path directory = path.toAbsolutePath().getParent();
        if (directory != null && !Files.isDirectory(directory)) {
            LOGGER.log(
                    System.Logger.Level.WARNING,
                    "The directory of the flush file {0} does not exist: nothing can be flushed by it before it does.",
                    path);
        }
        this.seen = new AtomicReference<>(look());
    }

    /** What can be seen of it: a time and an identity, or why there are none. */
    private record State(
            @Nullable FileTime modified,
            @Nullable Object identity,
            @Nullable String failure) {

        static final State MISSING = new State(null, null, null);
    }

    /** Whether it changed since this was asked last; of several callers at once, one is told. */
    boolean hasChanged() {
        State now = look();
        State before = seen.getAndSet(now);
        if (now.equals(before)) {
            return false;
        }
        if (now.failure() != null) {
            LOGGER.log(
                    System.Logger.Level.WARNING,
                    "The flush file {0} cannot be looked at ({1}); cached data keys are dropped once for that.",
                    path,
                    now.failure());
        }
        return true;
    }

    private State look() {
        try {
            BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
            return new State(attributes.lastModifiedTime(), attributes.fileKey(), null);
        } catch (NoSuchFileException e) {
            return State.MISSING;
        } catch (IOException | SecurityException e) {
            return new State(null, null, e.getClass().getSimpleName());
        }
    }
}
