package dev.kmsenvelope.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.Set;

/**
 * A file that appears complete or not at all: a temporary file beside it is written and forced to disk, and takes its name
 * in one step. Unless told to replace, that step is a hard link, which fails if meanwhile somebody else made a file of that
 * name.
 */
final class OutputFile implements Output {

    private static final Set<StandardOpenOption> NEW =
            EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);

    private final Path target;
    private final Path temporary;
    private final boolean force;
    private final FileChannel channel;
    private final OutputStream stream;

    private OutputFile(Path target, Path temporary, boolean force, FileChannel channel) {
        this.target = target;
        this.temporary = temporary;
        this.force = force;
        this.channel = channel;
        this.stream = new NamedStream(Channels.newOutputStream(channel), target);
    }

    static OutputFile create(Path target, boolean force, boolean isPrivate) throws IOException {
        // A link is followed: what it points to is replaced, not the link.
        Path file = force && Files.isSymbolicLink(target) && Files.exists(target) ? target.toRealPath() : target;
        Path directory = directoryOf(file);
        if (!Files.isDirectory(directory)) {
            throw Files.exists(directory)
                    ? new NotDirectoryException(directory.toString())
                    : new NoSuchFileException(directory.toString());
        }
        Path temporary = temporaryIn(directory);
        try {
            FileChannel channel = TemporaryFiles.create(
                    temporary, () -> FileChannel.open(temporary, NEW, attributes(directory, isPrivate)));
            return new OutputFile(file, temporary, force, channel);
        } catch (FileSystemException e) {
            throw named(e, target);
        }
    }

    /** A name that no file has. */
    static Path temporaryIn(Path directory) {
        byte[] random = new byte[8];
        new SecureRandom().nextBytes(random);
        return directory.resolve(".kms-envelope-" + HexFormat.of().formatHex(random) + ".tmp");
    }

    /** The user knows the target, not the temporary file. */
    static FileSystemException named(FileSystemException e, Path target) {
        String reason = e.getReason() != null
                ? e.getReason()
                : e instanceof AccessDeniedException ? "permission denied" : "cannot be made";
        FileSystemException named = new FileSystemException(target.toString(), null, reason);
        named.initCause(e);
        return named;
    }

    static Path directoryOf(Path file) {
        Path parent = file.toAbsolutePath().getParent();
        return parent == null ? file.toAbsolutePath() : parent;
    }

    static FileAttribute<?>[] attributes(Path directory, boolean isPrivate) throws IOException {
        boolean posix = Files.getFileStore(directory).supportsFileAttributeView("posix");
        return isPrivate && posix
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                }
                : new FileAttribute<?>[0];
    }

    @Override
    public OutputStream stream() {
        return stream;
    }

    @Override
    public void finish() throws IOException {
        if (!channel.isOpen()) {
            return;
        }
        try {
            channel.force(true);
            channel.close();
        } catch (IOException e) {
            throw NamedStream.failure(target, e);
        }
    }

    @Override
    public void commit() throws IOException {
        finish();
        if (force) {
            TemporaryFiles.publish(temporary, () -> Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE));
        } else {
            publishNew();
        }
        syncDirectory(directoryOf(target));
    }

    private void publishNew() throws IOException {
        TemporaryFiles.publish(temporary, () -> {
            try {
                Files.createLink(target, temporary);
            } catch (FileAlreadyExistsException e) {
                throw new FileAlreadyExistsException(target.toString());
            } catch (FileSystemException | UnsupportedOperationException e) {
                publishWithoutLinks();
            }
            return Files.deleteIfExists(temporary);
        });
    }

    /** For file systems without hard links: the name is reserved by an empty file, which only we then replace. */
    private void publishWithoutLinks() throws IOException {
        Files.createFile(target);
        try {
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            Files.delete(target);
            throw e;
        }
    }

    /** So that the new name survives a power failure; not every system can do that to a directory. */
    static void syncDirectory(Path path) {
        try (FileChannel directory = FileChannel.open(path, StandardOpenOption.READ)) {
            directory.force(true);
        } catch (IOException e) {
            // the content is on disk, and the name will be when the system gets to it
        }
    }

    @Override
    public void close() throws IOException {
        try {
            channel.close();
        } finally {
            TemporaryFiles.delete(temporary);
        }
    }

    /** Whether two names are of one file. */
    static boolean isSame(Path one, Path other) throws IOException {
        if (Files.exists(one) && Files.exists(other)) {
            return Files.isSameFile(one, other);
        }
        return one.toAbsolutePath().normalize().equals(other.toAbsolutePath().normalize());
    }
}
