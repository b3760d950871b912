package dev.kmsenvelope.crypto;

import java.io.EOFException;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.function.Supplier;

/**
 * The operating system's random bytes, read from its device: one request to the system for each draw, and no lock, where the
 * JDK's reader of the same device has one that all threads of the process share. Thread-safe.
 */
final class RandomDevice implements RandomSource {

    /** Where Unix has it. */
    static final Path PATH = Path.of("/dev/urandom");

    private final FileInputStream device;
    private final Supplier<RandomSource> otherwise;

    private RandomDevice(FileInputStream device, Supplier<RandomSource> otherwise) {
        this.device = device;
        this.otherwise = otherwise;
    }

    /**
     * Opens the device.
     *
     * @param path where it is
     * @param otherwise gives the source to use if there is no device there, or it cannot be read some time
     * @return a source
     */
    static RandomSource open(Path path, Supplier<RandomSource> otherwise) {
        try {
            // An ordinary file in its place would give everybody the same bytes.
            if (!Files.readAttributes(path, BasicFileAttributes.class).isOther()) {
                return otherwise.get();
            }
            return new RandomDevice(new FileInputStream(path.toFile()), otherwise);
        } catch (IOException e) {
            return otherwise.get();
        }
    }

    @Override
    public byte[] next(int length) {
        byte[] bytes = new byte[length];
        try {
            int filled = 0;
            while (filled < length) {
                int count = device.read(bytes, filled, length - filled);
                if (count <= 0) {
                    throw new EOFException("the device of random bytes has an end");
                }
                filled += count;
            }
            return bytes;
        } catch (IOException e) {
            return otherwise.get().next(length);
        }
    }
}
