package dev.kmsenvelope.keystore.file;

import dev.kmsenvelope.keystore.StoreFileException;
import dev.kmsenvelope.keystore.StoreFileException.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.ReadOnlyFileSystemException;
import java.time.Duration;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A keystore file on disk. Whatever happens while it is written, there is the old content or the new one. Writers exclude each
 * other, threads and processes, and each says what it has read: so what one wrote, another one does not write over unseen.
 *
 * <p>A writer locks {@code NAME.lock} beside it, writes the new content to a file of its own, {@code NAME.RANDOM.tmp}, forces
 * that to disk and renames it. The system releases the lock of a writer that dies; what it left is removed by the next one. The
 * lock file stays.
 *
 * <p>A symbolic link is followed: the file that it leads to is replaced and the link stays. {@link KeptAttributes} are kept, or
 * nothing is written; a new file is for its owner only. Programs that do not take part in this, such as git, are noticed if
 * they wrote between reading and writing, but for the moment before the renaming.
 *
 * <p>Immutable and thread-safe.
 */
public final class StoreFile {

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Path path;
    private final FileSteps steps;
    private final Duration patience;

    private StoreFile(Path path, FileSteps steps, Duration patience) {
        this.path = path;
        this.steps = steps;
        this.patience = patience;
    }

    /**
     * Names a file, which need not exist yet.
     *
     * @param path where it is
     * @return the file
     */
    public static StoreFile at(Path path) {
        return at(path, new FileSteps(), PATIENCE);
    }

    static StoreFile at(Path path, FileSteps steps, Duration patience) {
        return new StoreFile(path.toAbsolutePath(), steps, patience);
    }

    /**
     * Reads the file.
     *
     * @return all of it
     * @throws NoSuchFileException if there is none
     * @throws StoreFileException if it is longer than keystore files are
     * @throws IOException if reading fails, or it is no regular file
     */
    public byte[] read() throws IOException {
        return read(path);
    }

    private static byte[] read(Path file) throws IOException {
        if (Files.exists(file) && !Files.isRegularFile(file)) {
            throw new FileSystemException(
                    file.toString(), null, Files.isDirectory(file) ? "is a directory" : "is no regular file");
        }
        try (InputStream in = Files.newInputStream(file)) {
            byte[] content = in.readNBytes(StoreCodec.MAX_LENGTH + 1);
            if (content.length > StoreCodec.MAX_LENGTH) {
                throw new StoreFileException(
                        Reason.TOO_LARGE,
                        file + " is longer than keystore files are, which is " + (StoreCodec.MAX_LENGTH >> 20)
                                + " MiB at most");
            }
            return content;
        }
    }

    /**
     * Replaces the content, or makes the file.
     *
     * @param before what the caller has read and changed; null if there is to be no file yet
     * @param content the new content
     * @throws StoreFileException if the file has other content than the caller thinks ({@link Reason#CHANGED_MEANWHILE}: read it,
     *     change that, and try again), or another writer is at work for more than ten seconds ({@link Reason#IN_USE})
     * @throws IOException if writing fails, which names the file; it is as it was then
     */
    public void write(byte @Nullable [] before, byte[] content) throws IOException {
        writing(() -> {
            Path file = target();
            try (WriteLock lock = WriteLock.acquire(file, patience, steps)) {
                requireUnchanged(file, before);
                Replacement.removeLeftOver(file);
                try (Replacement made = Replacement.of(file)) {
                    steps.write(made, content, before == null ? null : file);
                    requireUnchanged(file, before);
                    lock.requireHeld();
                    steps.move(made.path(), file);
                    made.moved();
                }
            }
            steps.syncDirectory(file);
            return file;
        });
    }

    /**
     * Where the file is, or would be made: the same for every name of it.
     *
     * @return an absolute path behind all links
     * @throws IOException if it could not be written there: a link leads to nothing, or there is no such directory
     */
    public Path place() throws IOException {
        return writing(this::target);
    }

    @FunctionalInterface
    private interface Step {
        Path run() throws IOException;
    }

    /** Says of every failure which file could not be written. */
    private Path writing(Step step) throws IOException {
        try {
            return step.run();
        } catch (StoreFileException e) {
            throw e;
        } catch (FileSystemException e) {
            throw failed(why(e), e);
        } catch (ReadOnlyFileSystemException e) {
            throw failed("the file system is read-only", e);
        } catch (IOException e) {
            throw failed(String.valueOf(e.getMessage()), e);
        }
    }

    private static String why(FileSystemException e) {
        if (e instanceof AccessDeniedException) {
            return "permission denied: " + e.getFile();
        }
        return e instanceof NoSuchFileException
                ? "no such file or directory: " + e.getFile()
                : String.valueOf(e.getMessage());
    }

    /** The directory and the file itself, behind all links; a link to nothing is an error. */
    private Path target() throws IOException {
        if (Files.exists(path) || Files.isSymbolicLink(path)) {
            return path.toRealPath();
        }
        Path directory = path.getParent();
        Path name = path.getFileName();
        if (directory == null || name == null) {
            throw new FileSystemException(path.toString(), null, "this is no place for a file");
        }
        return directory.toRealPath().resolve(name);
    }

    private static void requireUnchanged(Path file, byte @Nullable [] before) throws IOException {
        byte @Nullable [] now;
        try {
            now = read(file);
        } catch (NoSuchFileException e) {
            now = null;
        }
        if (!Arrays.equals(now, before)) {
            String what = now == null ? "was removed" : before == null ? "exists already" : "was changed";
            throw new StoreFileException(
                    Reason.CHANGED_MEANWHILE,
                    file + " " + what + ", by somebody else, since it was looked at; nothing was written");
        }
    }

    private IOException failed(String why, Exception cause) {
        FileSystemException failed =
                new FileSystemException(path.toString(), null, "the keystore file cannot be written: " + why);
        failed.initCause(cause);
        return failed;
    }

    @Override
    public String toString() {
        return path.toString();
    }
}
