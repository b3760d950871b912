package dev.kmsenvelope.keystore.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The single steps of writing a file, which tests replace to make them fail. */
class FileSteps {

    /**
     * Writes what is going to take a file's place.
     *
     * @param lock holds the new file, which is empty
     * @param content all of it
     * @param old the file whose place it will take, or null if there is none
     */
    final void write(WriteLock lock, byte[] content, @Nullable Path old) throws IOException {
        if (old != null) {
            keepAttributes(old, lock.path());
        }
        ByteBuffer bytes = ByteBuffer.wrap(content);
        while (bytes.hasRemaining()) {
            write(lock.channel(), bytes);
        }
        if (old != null) {
            makeNewer(lock.path(), old);
        }
        force(lock.channel());
    }

    void write(FileChannel channel, ByteBuffer bytes) throws IOException {
        channel.write(bytes);
    }

    void force(FileChannel channel) throws IOException {
        channel.force(true);
    }

    void move(Path from, Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Forces the name to disk, where the system can. */
    void syncDirectory(Path file) throws IOException {
        Path directory = file.getParent();
        if (directory == null) {
            return;
        }
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException e) {
            // Windows opens no directories, and some file systems force none: a rename is journalled there. The file is
            // in
            // its place already, so this must not look like a failure to write it.
        }
    }

    /** Permissions mean something only together with the owner and the group that have them. */
    private static void keepAttributes(Path old, Path made) throws IOException {
        PosixFileAttributeView from = Files.getFileAttributeView(old, PosixFileAttributeView.class);
        PosixFileAttributeView to = Files.getFileAttributeView(made, PosixFileAttributeView.class);
        if (from == null || to == null) {
            return;
        }
        PosixFileAttributes wanted = from.readAttributes();
        PosixFileAttributes now = to.readAttributes();
        try {
            if (!now.group().equals(wanted.group())) {
                to.setGroup(wanted.group());
            }
            if (!now.owner().equals(wanted.owner())) {
                to.setOwner(wanted.owner());
            }
        } catch (FileSystemException e) {
            FileSystemException named = new FileSystemException(
                    old.toString(), null, "its owner or group cannot be kept; run this as its owner");
            named.initCause(e);
            throw named;
        }
        to.setPermissions(wanted.permissions());
    }

    /** Who watches the file by its time sees that it is another one, also within a tick of the file system's clock. */
    private static void makeNewer(Path made, Path old) throws IOException {
        FileTime before = Files.getLastModifiedTime(old);
        if (Files.getLastModifiedTime(made).compareTo(before) <= 0) {
            Files.setLastModifiedTime(made, FileTime.from(before.toInstant().plus(Duration.ofMillis(1))));
        }
    }
}
