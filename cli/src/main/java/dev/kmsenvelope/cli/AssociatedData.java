package dev.kmsenvelope.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Associated data, as options give it: a text, or the content of a file. */
final class AssociatedData {

    private static final int MAX_LENGTH = 16 * 1024 * 1024;

    private AssociatedData() {}

    /**
     * Reads it.
     *
     * @param option for a text; for a file, {@code -file} follows its name
     * @param text what was given, if no file is
     * @param file what was named, or null
     */
    static byte[] read(String option, @Nullable String text, @Nullable Path file) throws IOException {
        if (file == null) {
            String given = String.valueOf(text);
            Decoding.require(option, given, ", or " + option + "-file");
            return given.getBytes(StandardCharsets.UTF_8);
        }
        if (Files.isDirectory(file)) {
            throw new FileSystemException(file.toString(), null, "is a directory");
        }
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MAX_LENGTH + 1);
            if (bytes.length > MAX_LENGTH) {
                throw new UsageException(option + "-file: at most " + MAX_LENGTH + " bytes");
            }
            return bytes;
        }
    }
}
