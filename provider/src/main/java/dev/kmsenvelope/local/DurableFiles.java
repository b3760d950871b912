package dev.kmsenvelope.local;

import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Writes files so that a crash at any moment leaves the old or the new content, and what was acknowledged survives a power
 * failure: a temporary file next to the target is written and forced to disk, renamed over it, and the directory forced
 * to disk. Files are for the owner only (0600, directories 0700) from the moment they exist, where the file system knows
 * permissions.
 *
 * <p>Callers hold the lock of the directory, so that there is one writer. Tests replace single steps to make them fail.
 */
class DurableFiles {

    /** Makes a directory and those above it that are missing. */
    void createDirectories(Path directory) throws IOException {
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
     */
    final void replace(Path target, byte[] content) throws IOException {
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

    /** Deletes a file if there is one. */
    void delete(Path file) throws IOException {
        if (Files.deleteIfExists(file)) {
            syncDirectory(directoryOf(file));
        }
    }

    /** Makes a file that does not exist yet and forces it to disk. */
    void write(Path file, byte[] content) throws IOException {
        Files.createFile(file, ownerOnly(directoryOf(file), "rw-------"));
        // A plain stream: unlike a channel, it is not closed under us when the thread is interrupted.
        try (FileOutputStream out = new FileOutputStream(file.toFile())) {
            out.write(content);
            out.getFD().sync();
        }
    }

    /** Renames a file over another one in the same directory. */
    void move(Path from, Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Forces the names in a directory to disk, where the system can. */
    void syncDirectory(Path directory) throws IOException {
        FileChannel channel;
        try {
            channel = FileChannel.open(directory, StandardOpenOption.READ);
        } catch (IOException e) {
            return; // Windows opens no directories; a rename is journalled there.
        }
        try (channel) {
            channel.force(true);
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
