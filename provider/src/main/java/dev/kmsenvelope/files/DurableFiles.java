package dev.kmsenvelope.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Writes files so that a crash at any moment leaves the old or the new content, and what was acknowledged survives a power
 * failure: a temporary file next to the target is written and forced to disk, renamed over it, and the directory forced
 * to disk. Files are for the owner only (0600, directories 0700) from the moment they exist, where the file system knows
 * permissions.
 *
 * <p>Callers hold the lock of the directory, so that there is one writer. Tests replace single steps to make them fail.
 */
public class DurableFiles {

    private static final Set<OpenOption> NEW =
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);

    /** Makes one; keeps nothing. */
    public DurableFiles() {}

    /**
     * Makes a directory and those above it that are missing.
     *
     * @param directory its path
     * @throws IOException if that fails
     */
    public void createDirectories(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            Path existing = directory;
            while (existing != null && !Files.exists(existing)) {
                existing = existing.getParent();
            }
            Files.createDirectories(directory, ownerOnly(existing, "rwx------"));
            if (existing != null) {
                syncDirectory(existing);
            }
        }
    }

    /**
     * Replaces a file, or makes it.
     *
     * @param target an absolute path
     * @param content all of it
     * @throws IOException if that fails; the old file is there still
     */
    public final void replace(Path target, byte[] content) throws IOException {
        // One name for all attempts: what a killed process left behind is overwritten, not collected.
        Path temporary = target.resolveSibling(target.getFileName() + ".tmp");
        Files.deleteIfExists(temporary);
        try {
            write(temporary, content);
            makeNewer(temporary, target);
            move(temporary, target);
        } catch (IOException | RuntimeException e) {
            deleteQuietly(temporary, e);
            throw e;
        }
        syncDirectory(directoryOf(target));
    }

    /**
     * Deletes a file if there is one.
     *
     * @param file its absolute path
     * @throws IOException if that fails
     */
    public void delete(Path file) throws IOException {
        if (Files.deleteIfExists(file)) {
            syncDirectory(directoryOf(file));
        }
    }

    /**
     * Makes a file.
     *
     * @param target an absolute path
     * @param content all of it
     * @throws java.nio.file.FileAlreadyExistsException if there is something of that name already
     * @throws IOException if it fails otherwise
     */
    public final void create(Path target, byte[] content) throws IOException {
        write(target, content);
        syncDirectory(directoryOf(target));
    }

    /**
     * Renames a file over another one in the same directory, after what was done there before is on disk.
     *
     * @param from the file
     * @param to its new name
     * @throws IOException if that fails
     */
    public final void rename(Path from, Path to) throws IOException {
        syncDirectory(directoryOf(to));
        move(from, to);
        syncDirectory(directoryOf(to));
    }

    /**
     * Makes a file that does not exist yet and forces it to disk; leaves none behind if that fails.
     *
     * @param file its absolute path
     * @param content all of it
     * @throws IOException if that fails
     */
    protected void write(Path file, byte[] content) throws IOException {
        FileAttribute<?>[] ownerOnly = ownerOnly(directoryOf(file), "rw-------");
        despiteInterrupts(() -> {
            // The file that is made is the one that is written: nobody can put another one, or a link, in between.
            FileChannel channel = FileChannel.open(file, NEW, ownerOnly);
            boolean done = false;
            try (channel) {
                ByteBuffer bytes = ByteBuffer.wrap(content);
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                force(channel);
                done = true;
            } finally {
                if (!done) {
                    Files.deleteIfExists(file);
                }
            }
        });
    }

    /**
     * Renames a file over another one in the same directory.
     *
     * @param from the file
     * @param to its new name
     * @throws IOException if that fails
     */
    protected void move(Path from, Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /**
     * Forces the names in a directory to disk, where the system can.
     *
     * @param directory the directory
     * @throws IOException if that fails
     */
    protected void syncDirectory(Path directory) throws IOException {
        despiteInterrupts(() -> {
            FileChannel channel;
            try {
                channel = FileChannel.open(directory, StandardOpenOption.READ);
            } catch (ClosedByInterruptException e) {
                throw e;
            } catch (IOException e) {
                return; // Windows opens no directories; a rename is journalled there.
            }
            try (channel) {
                force(channel);
            }
        });
    }

    /**
     * Waits until the disk has it.
     *
     * @param channel what was written
     * @throws IOException if that fails
     */
    protected void force(FileChannel channel) throws IOException {
        channel.force(true);
    }

    private interface Step {
        void run() throws IOException;
    }

    /** An interrupt closes the channel that its thread uses: the step is done again then, and the interrupt kept for later. */
    private static void despiteInterrupts(Step step) throws IOException {
        boolean interrupted = Thread.interrupted();
        try {
            while (true) {
                try {
                    step.run();
                    return;
                } catch (ClosedByInterruptException e) {
                    interrupted |= Thread.interrupted();
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /**
     * Readers notice a new file by its time, size and inode. File systems stamp times with the granularity of a timer
     * tick and give freed inodes out again, so that two writes within a tick could make a file that looks like the one
     * before last. Times that strictly increase rule that out, also when the clock was set back.
     */
    private static void makeNewer(Path file, Path than) throws IOException {
        try {
            FileTime old = Files.getLastModifiedTime(than);
            if (Files.getLastModifiedTime(file).compareTo(old) <= 0) {
                Files.setLastModifiedTime(file, FileTime.from(old.toInstant().plus(Duration.ofMillis(1))));
            }
        } catch (NoSuchFileException e) {
            // There is no older one.
        }
    }

    private static void deleteQuietly(Path file, Exception because) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            because.addSuppressed(e);
        }
    }

    private static Path directoryOf(Path file) {
        Path parent = file.getParent();
        if (parent == null) {
            throw new IllegalArgumentException("not an absolute path of a file: " + file);
        }
        return parent;
    }

    private static FileAttribute<?>[] ownerOnly(@Nullable Path where, String permissions) {
        if (where == null || Files.getFileAttributeView(where, PosixFileAttributeView.class) == null) {
            return new FileAttribute<?>[0];
        }
        return new FileAttribute<?>[] {
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
        };
    }
}
