package dev.kmsenvelope.engine;

import dev.kmsenvelope.config.Configuration;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/**
 * Whether plaintext that must not leave yet, and is too long for memory, goes to an encrypted temporary file.
 *
 * @param limit how many bytes of plaintext of one message; 0 for no such file
 * @param directory where the file is; the system's directory for temporary files when it is not set
 */
public record SpoolSettings(long limit, Optional<Path> directory) {

    /** No file. */
    public static final SpoolSettings NONE = new SpoolSettings(0, Optional.empty());

    static final String LIMIT = "decrypt.spool";
    private static final String DIRECTORY = "decrypt.spool-directory";
    private static final long MAX_LIMIT = 1L << 50;

    /** The settings that {@link #of} reads. */
    static final Set<String> CONFIGURATION_KEYS = Set.of(LIMIT, DIRECTORY);

    static SpoolSettings of(Configuration configuration) {
        return new SpoolSettings(configuration.getBytes(LIMIT, 0, 0, MAX_LIMIT), configuration.getPath(DIRECTORY));
    }
}
