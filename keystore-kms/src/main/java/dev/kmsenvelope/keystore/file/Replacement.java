package dev.kmsenvelope.keystore.file;

import dev.kmsenvelope.crypto.RandomSource;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HexFormat;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A file with a random name of its own, beside the one whose place it is going to take. It is for the owner only until it has
 * the attributes of that one.
 */
final class Replacement implements Closeable {

    private static final Set<OpenOption> NEW =
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
    private static final int NAME_BYTES = 8;

    private final Path path;
    private final FileChannel channel;
    private boolean moved;

    private Replacement(Path path, FileChannel channel) {
        this.path = path;
        this.channel = channel;
    }

    /** Makes an empty one; the caller closes it. */
    static Replacement of(Path file) throws IOException {
        byte[] name = RandomSource.operatingSystem().next(NAME_BYTES);
        Path path =
                file.resolveSibling(file.getFileName() + "." + HexFormat.of().formatHex(name) + ".tmp");
        return new Replacement(path, openNew(path));
    }

    /** Makes a file that there was not, for the owner only where the file system knows permissions. */
    static FileChannel openNew(Path path) throws IOException {
        Path directory = path.getParent();
        boolean hasPermissions =
                directory != null && Files.getFileAttributeView(directory, PosixFileAttributeView.class) != null;
        FileAttribute<?>[] attributes = hasPermissions
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                }
                : new FileAttribute<?>[0];
        return FileChannel.open(path, NEW, attributes);
    }

    /**
     * Removes what writers that were killed left. The caller has the right to write the file; if somebody else is at work all the
     * same, that one finds nothing to move, and fails.
     */
    static void removeLeftOver(Path file) throws IOException {
        Path directory = file.getParent();
        if (directory == null) {
            return;
        }
        Pattern name = Pattern.compile(Pattern.quote(file.getFileName().toString()) + "\\.[0-9a-f]{16}\\.tmp");
        try (DirectoryStream<Path> left = Files.newDirectoryStream(
                directory, each -> name.matcher(each.getFileName().toString()).matches())) {
            for (Path each : left) {
                if (Files.isRegularFile(each, LinkOption.NOFOLLOW_LINKS)) {
                    Files.deleteIfExists(each);
                }
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
    }

    Path path() {
        return path;
    }

    FileChannel channel() {
        return channel;
    }

    /** Says that it has the other name now. */
    void moved() {
        moved = true;
    }

    /** Removes it if it was not moved. */
    @Override
    public void close() throws IOException {
        try (channel) {
            if (!moved) {
                Files.deleteIfExists(path);
            }
        }
    }
}
