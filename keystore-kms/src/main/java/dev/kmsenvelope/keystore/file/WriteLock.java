package dev.kmsenvelope.keystore.file;

import dev.kmsenvelope.keystore.StoreFileException;
import dev.kmsenvelope.keystore.StoreFileException.Reason;
import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The right to write a file: the system's lock on {@code NAME.lock} beside it, which ends with the process that has it. The lock
 * file is empty and is never removed, so that no writer can have the lock of a file that others do not see any more; if
 * somebody else removes it, that is noticed. Within a process, threads exclude each other before they look at the file at all:
 * POSIX drops all locks of a process on a file when it closes any descriptor of it.
 */
final class WriteLock implements Closeable {

    private static final String SUFFIX = ".lock";
    private static final long POLL_MILLIS = 2;

    /** For reading too: a pipe that somebody puts there would make the opening for writing alone wait for its reader. */
    private static final Set<OpenOption> EXISTING =
            Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);

    private final Path path;
    private final FileChannel channel;
    private final @Nullable Object key;

    private WriteLock(Path path, FileChannel channel, @Nullable Object key) {
        this.path = path;
        this.channel = channel;
        this.key = key;
    }

    /**
     * Waits for the right.
     *
     * @param file what is to be written, behind all links
     * @param patience for how long
     * @param steps what locks
     * @return the right; the thread that got it closes it
     * @throws StoreFileException if somebody else has it for all that time
     * @throws FileSystemException if the lock file is no regular file, or the file system has no locks
     */
    static WriteLock acquire(Path file, Duration patience, FileSteps steps) throws IOException {
        Path path = file.resolveSibling(file.getFileName() + SUFFIX);
        long deadline = System.nanoTime() + patience.toNanos();
        if (!Turns.take(path, patience)) {
            throw inUse(path);
        }
        boolean acquired = false;
        try {
            WriteLock lock = tryAcquire(file, path, deadline, steps);
            while (lock == null) {
                requireTime(path, deadline);
                lock = tryAcquire(file, path, deadline, steps);
            }
            acquired = true;
            return lock;
        } finally {
            if (!acquired) {
                Turns.leave(path);
            }
        }
    }

    /** The lock, or null if the lock file was removed meanwhile, so that the next writer would lock another one. */
    private static @Nullable WriteLock tryAcquire(Path file, Path path, long deadline, FileSteps steps)
            throws IOException {
        boolean made = make(path, file);
        Object key = keyOf(path);
        FileChannel channel;
        try {
            channel = FileChannel.open(path, EXISTING);
        } catch (NoSuchFileException e) {
            return null;
        }
        boolean done = false;
        try {
            waitFor(channel, path, deadline, steps);
            done = Objects.equals(keyOf(path), key);
            return done ? new WriteLock(path, channel, key) : null;
        } catch (NoLocksException e) {
            if (made) {
                Files.deleteIfExists(path);
            }
            throw e;
        } finally {
            if (!done) {
                channel.close();
            }
        }
    }

    /** Whoever owns the file can lock it, also after the superuser was the first to write. */
    private static boolean make(Path path, Path file) throws IOException {
        if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return false;
        }
        try {
            Replacement.openNew(path).close();
        } catch (FileAlreadyExistsException e) {
            return false;
        }
        if (Files.exists(file)) {
            KeptAttributes.tryToKeepOwner(file, path);
        }
        return true;
    }

    private static void waitFor(FileChannel channel, Path path, long deadline, FileSteps steps) throws IOException {
        while (!isLocked(channel, path, steps)) {
            requireTime(path, deadline);
            try {
                Thread.sleep(POLL_MILLIS);
            } catch (InterruptedException e) {
                throw interrupted();
            }
        }
    }

    private static void requireTime(Path path, long deadline) throws StoreFileException {
        if (System.nanoTime() - deadline >= 0) {
            throw inUse(path);
        }
    }

    private static boolean isLocked(FileChannel channel, Path path, FileSteps steps) throws IOException {
        try {
            return steps.tryLock(channel);
        } catch (OverlappingFileLockException e) {
            return false; // Another copy of this class in the same process has it.
        } catch (ClosedByInterruptException e) {
            throw interrupted();
        } catch (IOException e) {
            throw new NoLocksException(path, e);
        }
    }

    private static final class NoLocksException extends FileSystemException {

        private static final long serialVersionUID = 1L;

        NoLocksException(Path path, IOException cause) {
            super(
                    path.toString(),
                    null,
                    "this file system does not lock files, so that writers could undo each other's changes: write the"
                            + " file where it does, and copy it here (" + cause.getMessage() + ")");
            initCause(cause);
        }
    }

    static IOException interrupted() {
        Thread.currentThread().interrupt();
        return new InterruptedIOException("interrupted while another writer was at work");
    }

    private static StoreFileException inUse(Path path) {
        return new StoreFileException(Reason.IN_USE, "another writer is at work, who has the lock on " + path);
    }

    /**
     * Tells one file of a name from the next. It is looked at before it is opened, for opening anything but a file could wait
     * for ever.
     */
    private static @Nullable Object keyOf(Path path) throws IOException {
        BasicFileAttributes attributes;
        try {
            attributes = Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        } catch (NoSuchFileException e) {
            return new Object(); // Equals nothing.
        }
        if (!attributes.isRegularFile()) {
            throw new FileSystemException(
                    path.toString(),
                    null,
                    "writers lock this file, and it is none, but a "
                            + (attributes.isDirectory() ? "folder" : attributes.isSymbolicLink() ? "link" : "device")
                            + "; nothing was written");
        }
        return attributes.fileKey();
    }

    Path path() {
        return path;
    }

    /** Looks whether somebody removed the lock file, so that another writer can have the right too. */
    void requireHeld() throws IOException {
        if (!Objects.equals(keyOf(path), key)) {
            throw inUse(path);
        }
    }

    /** Gives the right up. */
    @Override
    public void close() throws IOException {
        try (channel) {
            // Closing it is all.
        } finally {
            Turns.leave(path);
        }
    }
}
