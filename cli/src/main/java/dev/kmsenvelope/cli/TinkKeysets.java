package dev.kmsenvelope.cli;

import dev.kmsenvelope.provider.TinkParameterSpec;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Files with encrypted keysets of Tink, in its binary form. */
final class TinkKeysets {

    /** One more than a keyset may have, so that a longer one is refused where that is said. */
    private static final int MOST_READ = 128 * 1024 + 1;

    private TinkKeysets() {}

    /**
     * Parameters for streams.
     *
     * @param option that the file was named with
     * @param file has the keyset
     * @param aad the associated data of the keyset
     */
    static TinkParameterSpec read(String option, Path file, byte[] aad) throws IOException {
        if (Files.isDirectory(file)) {
            throw new FileSystemException(file.toString(), null, "is a directory");
        }
        try (InputStream in = Files.newInputStream(file)) {
            return TinkParameterSpec.ofKeyset(in.readNBytes(MOST_READ), aad);
        } catch (IllegalArgumentException e) {
            throw new UsageException(option + ": " + e.getMessage());
        }
    }

    /** Associated data of a keyset, as it was given. */
    static byte[] aad(String option, @Nullable String text) {
        if (text == null) {
            return new byte[0];
        }
        Decoding.require(option, text, "");
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
