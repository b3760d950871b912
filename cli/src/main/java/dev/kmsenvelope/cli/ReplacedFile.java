package dev.kmsenvelope.cli;

import dev.kmsenvelope.keystore.file.KeptAttributes;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.SecureRandom;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Set;

/**
 * A file whose content is replaced in one step: a temporary file beside it, for the owner only, is written, gets the owner,
 * group, permissions and extended attributes of the file, is forced to disk, and takes its name. Killed at any moment, there
 * is the old content or the new one. The time of modification is that of the replacement, so that backups notice it.
 *
 * <p>The temporary file is locked while it is being written, so that {@link #removeIfStale} tells what a killed process left
 * from what another one needs. A file that was changed since it was opened is not replaced.
 */
final class ReplacedFile implements Closeable {

    private static final Set<StandardOpenOption> NEW =
            EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);

    private final Path file;
    private final BasicFileAttributes before;
    private final FileChannel source;
    private final Path temporary;
    private final FileChannel channel;
    private final OutputStream out;

    private ReplacedFile(
            Path file, BasicFileAttributes before, FileChannel source, Path temporary, FileChannel channel) {
        this.file = file;
        this.before = before;
        this.source = source;
        this.temporary = temporary;
        this.channel = channel;
        this.out = new NamedStream(Channels.newOutputStream(channel), file);
    }

    /**
     * Opens a file.
     *
     * @param file not followed if it is a link
     * @param splitLinks whether to replace it under this name although it has others, which keep the old content
     */
    static ReplacedFile open(Path file, boolean splitLinks) throws IOException {
        BasicFileAttributes before = attributes(file);
        if (!before.isRegularFile()) {
            throw new FileSystemException(file.toString(), null, "not a file any more");
        }
        int names = names(file);
        if (names > 1 && !splitLinks) {
            throw new FileSystemException(
                    file.toString(),
                    null,
                    "has " + names
                            + " names (hard links), and the others would keep the old content; --split-hard-links accepts that");
        }
        FileChannel source = FileChannel.open(file, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS));
        boolean opened = false;
        try {
            requireSame(file, before);
            Path directory = OutputFile.directoryOf(file);
            byte[] random = new byte[8];
            new SecureRandom().nextBytes(random);
            Path temporary =
                    directory.resolve(".kms-envelope-replace-" + HexFormat.of().formatHex(random) + ".tmp");
            FileChannel channel = TemporaryFiles.create(temporary, () -> {
                FileChannel created = FileChannel.open(temporary, NEW, OutputFile.attributes(directory, true));
                lock(created);
                return created;
            });
            opened = true;
            return new ReplacedFile(file, before, source, temporary, channel);
        } catch (FileSystemException e) {
            throw OutputFile.named(e, file);
        } finally {
            if (!opened) {
                source.close();
            }
        }
    }

    private static BasicFileAttributes attributes(Path file) throws IOException {
        return Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    }

    private static int names(Path file) throws IOException {
        return file.getFileSystem().supportedFileAttributeViews().contains("unix")
                ? (int) Files.getAttribute(file, "unix:nlink", LinkOption.NOFOLLOW_LINKS)
                : 1;
    }

    /** Where locks are not to be had, the file counts as in use for ever, and has to be removed by hand if it is left. */
    private static boolean lock(FileChannel channel) {
        try {
            return channel.tryLock() != null;
        } catch (IOException | OverlappingFileLockException e) {
            return false;
        }
    }

    /**
     * Deletes a temporary file of {@link #open} that no process is writing. If it deletes one that has been made but not yet
     * locked, its writer fails to give it the name, and the file that was to be replaced stays as it is.
     *
     * @return whether it was stale
     */
    static boolean removeIfStale(Path temporary) throws IOException {
        if (!temporary.getFileName().toString().startsWith(".kms-envelope-replace-")) {
            return false;
        }
        try (FileChannel channel =
                FileChannel.open(temporary, Set.of(StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS))) {
            return lock(channel) && Files.deleteIfExists(temporary);
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    InputStream in() {
        return Channels.newInputStream(source);
    }

    OutputStream out() {
        return out;
    }

    /** Says that all was written and is right: replaces the file. */
    void commit() throws IOException {
        KeptAttributes.keep(file, temporary);
        try {
            channel.force(true);
        } catch (IOException e) {
            throw NamedStream.failure(file, e);
        }
        requireSame(file, before);
        try {
            TemporaryFiles.publish(temporary, () -> Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE));
        } catch (FileSystemException e) {
            throw OutputFile.named(e, file);
        }
        OutputFile.syncDirectory(OutputFile.directoryOf(file));
    }

    private static void requireSame(Path file, BasicFileAttributes before) throws IOException {
        BasicFileAttributes now = attributes(file);
        if (!Objects.equals(now.fileKey(), before.fileKey())
                || now.size() != before.size()
                || !now.lastModifiedTime().equals(before.lastModifiedTime())) {
            throw new FileSystemException(file.toString(), null, "was changed by somebody else meanwhile");
        }
    }

    @Override
    public void close() throws IOException {
        try (source;
                channel) {
            TemporaryFiles.delete(temporary);
        }
    }
}
