package dev.kmsenvelope.keystore.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The single steps of writing a file, which tests replace to make them fail. */
class FileSteps {

    /**
     * Locks a file if nobody has it locked.
     *
     * @return whether it is locked now
     * @throws IOException if there are no locks here
     */
    boolean tryLock(FileChannel channel) throws IOException {
        return channel.tryLock() != null;
    }

    /**
     * Writes what is going to take a file's place.
     *
     * @param made the new file, which is empty
     * @param content all of it
     * @param old the file whose place it will take, or null if there is none
     */
    final void write(Replacement made, byte[] content, @Nullable Path old) throws IOException {
        if (old != null) {
            KeptAttributes.keep(old, made.path());
        }
        ByteBuffer bytes = ByteBuffer.wrap(content);
        while (bytes.hasRemaining()) {
            write(made.channel(), bytes);
        }
        if (old != null) {
            makeNewer(made.path(), old);
        }
        force(made.channel());
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
            // in its place already, so this must not look like a failure to write it.
        }
    }

    /** Who watches the file by its time sees that it is another one, also within a tick of the file system's clock. */
    private static void makeNewer(Path made, Path old) throws IOException {
        FileTime before = Files.getLastModifiedTime(old);
        if (Files.getLastModifiedTime(made).compareTo(before) <= 0) {
            Files.setLastModifiedTime(made, FileTime.from(before.toInstant().plus(Duration.ofMillis(1))));
        }
    }
}
