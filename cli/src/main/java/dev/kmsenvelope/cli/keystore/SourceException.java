package dev.kmsenvelope.cli.keystore;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A file that entries are to be taken from is wrong: damaged, of another kind, or for another password, which often cannot be
 * told apart.
 */
public final class SourceException extends IOException {

    private static final long serialVersionUID = 1L;

    SourceException(String message) {
        this(message, null);
    }

    SourceException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
