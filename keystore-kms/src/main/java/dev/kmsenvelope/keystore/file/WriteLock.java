package dev.kmsenvelope.keystore.file;

import dev.kmsenvelope.keystore.file.StoreFileException.Reason;
import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The right to write a file, held by whoever made {@code NAME.lock} beside it; the new content is written there.
 *
 * <p>Its maker also holds the system's lock on it, which ends with the process. So a file of that name that can be locked was
 * left behind, and is removed; unless it is younger than a few seconds, when its maker may be just about to lock it. Within a
 * process, threads exclude each other before they look at the file at all: POSIX drops all locks of a process on a file when it
 * closes any descriptor of it.
 */
final class WriteLock implements Closeable {

    private static final String SUFFIX = ".lock";
    private static final Duration MIN_AGE_OF_STALE = Duration.ofSeconds(5);
    private static final long POLL_MILLIS = 2;
    private static final Map<Path, ReentrantLock> THREADS = new ConcurrentHashMap<>();

    private final Path path;
    private final ReentrantLock threads;
    private final FileChannel channel;
    private final @Nullable Object key;
    private boolean moved;

    private WriteLock(Path path, ReentrantLock threads, FileChannel channel, @Nullable Object key) {
        this.path = path;
        this.threads = threads;
        this.channel = channel;
        this.key = key;
    }

    /**
     * Waits for the right.
     *
     * @param file what is to be written, behind all links
     * @param patience for how long
     * @return the right; the caller closes it
     * @throws StoreFileException if somebody else has it for all that time
     */
    static WriteLock acquire(Path file, Duration patience) throws IOException {
        Path path = file.resolveSibling(file.getFileName() + SUFFIX);
        ReentrantLock threads = THREADS.computeIfAbsent(path, absent -> new ReentrantLock());
        long deadline = System.nanoTime() + patience.toNanos();
        boolean acquired = false;
        lock(threads, path, patience);
        try {
            while (true) {
                WriteLock made = tryMake(path, threads);
                if (made != null) {
                    acquired = true;
                    return made;
                }
                if (System.nanoTime() - deadline >= 0) {
                    throw inUse(path);
                }
                pause();
            }
        } finally {
            if (!acquired) {
                threads.unlock();
            }
        }
    }

    private static void lock(ReentrantLock threads, Path path, Duration patience) throws IOException {
        try {
            if (threads.tryLock(patience.toNanos(), TimeUnit.NANOSECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            throw interrupted();
        }
        throw inUse(path);
    }

    private static void pause() throws IOException {
        try {
            Thread.sleep(POLL_MILLIS);
        } catch (InterruptedException e) {
            throw interrupted();
        }
    }

    private static IOException interrupted() {
        Thread.currentThread().interrupt();
        return new InterruptedIOException("interrupted while another writer was at work");
    }

    private static StoreFileException inUse(Path path) {
        return new StoreFileException(
                Reason.IN_USE,
                "another writer is at work: " + path + " exists; remove it if you know that there is none");
    }

    private static @Nullable WriteLock tryMake(Path path, ReentrantLock threads) throws IOException {
        FileChannel channel;
        try {
            channel = FileChannel.open(path, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE));
        } catch (FileAlreadyExistsException e) {
            removeIfStale(path);
            return null;
        }
        boolean done = false;
        try {
            Object key = keyOf(path);
            if (!lockFile(channel)) {
                return null; // Somebody looks whether it is stale, and will remove it.
            }
            done = true;
            return new WriteLock(path, threads, channel, key);
        } catch (NoSuchFileException e) {
            return null; // Somebody took it for stale and removed it already.
        } finally {
            if (!done) {
                channel.close();
            }
        }
    }

    /** Where the file system has no locks, a file that is left behind has to be removed by hand. */
    private static boolean lockFile(FileChannel channel) {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            return false; // Another copy of this class in the same process.
        } catch (IOException e) {
            return true;
        }
    }

    private static void removeIfStale(Path path) throws IOException {
        try {
            Instant modified = attributes(path).lastModifiedTime().toInstant();
            if (modified.isAfter(Instant.now().minus(MIN_AGE_OF_STALE))) {
                return;
            }
            try (FileChannel left =
                    FileChannel.open(path, Set.of(StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS))) {
                if (left.tryLock() != null) {
                    Files.deleteIfExists(path);
                }
            }
        } catch (NoSuchFileException e) {
            // Its maker is ready.
        } catch (OverlappingFileLockException e) {
            // Its maker is at work.
        }
    }

    private static BasicFileAttributes attributes(Path path) throws IOException {
        return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    }

    private static @Nullable Object keyOf(Path path) throws IOException {
        return attributes(path).fileKey();
    }

    Path path() {
        return path;
    }

    FileChannel channel() {
        return channel;
    }

    /** Looks whether somebody took this for stale, and has the right now. */
    void requireHeld() throws IOException {
        try {
            if (Objects.equals(keyOf(path), key)) {
                return;
            }
        } catch (NoSuchFileException e) {
            // Said below.
        }
        moved = true; // Whatever is there is not ours to remove.
        throw inUse(path);
    }

    /** Says that the file has another name now. */
    void moved() {
        moved = true;
    }

    /** Gives the right up, and removes what was written if it was not moved. */
    @Override
    public void close() throws IOException {
        try (channel) {
            if (!moved) {
                Files.deleteIfExists(path);
            }
        } finally {
            threads.unlock();
        }
    }
}
