package dev.kmsenvelope.keystore;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Something is wrong with a keystore file, and not with the key service: {@code KeyStore.load} and {@code store} throw it. The
 * text says what was found and what would be right; of the file it names at most field names, in printable ASCII.
 */
public final class StoreFileException extends IOException {

    private static final long serialVersionUID = 1L;

    /** What is wrong. */
    public enum Reason {
        /** It does not start as a keystore file does. */
        NOT_A_KEYSTORE,
        /** It starts as one, of a version that this program does not know. */
        UNKNOWN_VERSION,
        /** Its line ends were converted. */
        LINE_ENDS,
        /** It is larger than keystore files may be. */
        TOO_LARGE,
        /** It breaks the grammar. */
        MALFORMED,
        /** It is sealed under another key than the pinned one. */
        FOREIGN_KEY,
        /** The seal is not that of this content: something was changed. */
        BAD_SEAL,
        /** Its generation is lower than what is asked for. */
        OLD_GENERATION,
        /** Somebody else wrote it since it was read. */
        CHANGED_MEANWHILE,
        /** Another writer is at work, and stays so. */
        IN_USE
    }

    /** What is wrong. */
    private final Reason reason;

    /**
     * A file that cannot be used.
     *
     * @param reason what is wrong
     * @param message the same for people, without secrets
     */
    public StoreFileException(Reason reason, String message) {
        this(reason, message, null);
    }

    /**
     * A file that cannot be used, and why.
     *
     * @param reason what is wrong
     * @param message the same for people, without secrets
     * @param cause what found it, or null
     */
    public StoreFileException(Reason reason, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    /**
     * What is wrong.
     *
     * @return the reason
     */
    public Reason reason() {
        return reason;
    }
}
