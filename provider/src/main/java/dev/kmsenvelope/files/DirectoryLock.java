package dev.kmsenvelope.files;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Lets one writer at a time into a directory: one thread of this process, and one process. The system releases the lock of
 * a process that dies. Thread-safe.
 *
 * <p>POSIX drops a process's lock on a file when the process closes <em>any</em> descriptor of it. So there is one
 * channel per directory and process, opened once and left open; a second copy of this library in another class loader has
 * its own, which the JVM reports as an overlapping lock, and it waits like another process. For the same reason the
 * lock file is never deleted; if somebody else deletes it, the next one to lock notices and opens the new one.
 */
public final class DirectoryLock {

    /** The name of the lock file. */
    public static final String FILE = "lock";

    private static final Map<Path, DirectoryLock> LOCKS = new ConcurrentHashMap<>();

    private final Path file;
    private final ReentrantLock threads = new ReentrantLock();
    private @Nullable FileChannel channel;
    private @Nullable Object channelKey;

    private DirectoryLock(Path file) {
        this.file = file;
    }

    /** Something to close when done. */
    public interface Held extends AutoCloseable {

        /**
         * Lets others in.
         *
         * @throws IOException if the system does not release the lock
         */
        @Override
        void close() throws IOException;
    }

    /**
     * Waits for the lock.
     *
     * @param directory exists
     * @param patience how long to wait for other processes
     * @return the lock; the caller closes it
     * @throws IOException if the lock file cannot be opened or locked, or the patience ends
     */
    public static Held acquire(Path directory, Duration patience) throws IOException {
        Path file = directory.toRealPath().resolve(FILE);
        DirectoryLock lock = LOCKS.computeIfAbsent(file, DirectoryLock::new);
        lock.threads.lock();
        try {
            FileLock fileLock = lock.lockFile(patience);
            return () -> {
                try {
                    fileLock.release();
                } finally {
                    lock.threads.unlock();
                }
            };
        } catch (IOException | RuntimeException e) {
            lock.threads.unlock();
            throw e;
        }
    }

    private FileLock lockFile(Duration patience) throws IOException {
        long deadline = System.nanoTime() + patience.toNanos();
        boolean interrupted = false;
        try {
            while (true) {
                FileLock locked = tryLock();
                if (locked != null) {
                    return locked;
                }
                if (System.nanoTime() - deadline >= 0) {
                    throw new IOException(
                            "another process has held the lock " + file + " for " + patience.toSeconds() + " seconds");
                }
                try {
                    // Polling, because the blocking call closes the channel when the thread is interrupted.
                    Thread.sleep(1);
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private @Nullable FileLock tryLock() throws IOException {
        FileChannel open = openChannel();
        FileLock lock;
        try {
            lock = open.tryLock();
        } catch (OverlappingFileLockException e) {
            return null; // Held through another class loader.
        }
        if (lock != null && !Objects.equals(fileKey(), channelKey)) {
            // The file was deleted and perhaps made anew meanwhile: others lock another file.
            open.close();
            channel = null;
            return null;
        }
        return lock;
    }

    private FileChannel openChannel() throws IOException {
        if (channel == null || !channel.isOpen()) {
            channel = FileChannel.open(file, Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE), ownerOnly());
            channelKey = fileKey();
        }
        return channel;
    }

    private @Nullable Object fileKey() throws IOException {
        try {
            return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
        } catch (NoSuchFileException e) {
            return new Object(); // Equals nothing.
        }
    }

    private FileAttribute<?>[] ownerOnly() {
        if (Files.getFileAttributeView(file.getParent(), PosixFileAttributeView.class) == null) {
            return new FileAttribute<?>[0];
        }
        return new FileAttribute<?>[] {
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
        };
    }
}
