package dev.kmsenvelope.format;

import java.security.GeneralSecurityException;
import org.jspecify.annotations.Nullable;

/**
 * Something is wrong with a message itself, as opposed to the service that holds its key. The text says what was found and
 * what is allowed, from what an observer without the key can compute.
 */
public final class InvalidMessageException extends GeneralSecurityException {

    private static final long serialVersionUID = 1L;

    /** What is wrong. */
    public enum Reason {
        /** It is not a message of a known format, or breaks its grammar. */
        MALFORMED,
        /** It ends too early. */
        TRUNCATED,
        /** It is well-formed but beyond a configured limit, or of a version or suite that is not supported or not allowed. */
        NOT_ALLOWED,
        /** None of its encrypted data keys is for the key that was given. */
        WRONG_KEY,
        /** Its encryption context lacks a required pair. */
        WRONG_CONTEXT,
        /** It or its data key was changed, or its associated data (AAD) or IV is not the one given. */
        NOT_AUTHENTIC
    }

    private final Reason reason;

    /**
     * Makes one.
     *
     * @param reason what kind of fault it is
     * @param message what was found and what is allowed
     */
    public InvalidMessageException(Reason reason, String message) {
        this(reason, message, null);
    }

    /**
     * Makes one with a cause.
     *
     * @param reason what kind of fault it is
     * @param message what was found and what is allowed
     * @param cause what made it known, or null
     */
    public InvalidMessageException(Reason reason, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    /**
     * What kind of fault it is.
     *
     * @return the reason
     */
    public Reason reason() {
        return reason;
    }
}
