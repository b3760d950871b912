package dev.kmsenvelope.kms;

import org.jspecify.annotations.Nullable;

/** A limit of the service on what one account or key can have was reached; waiting does not help. */
public final class KmsLimitException extends KmsException {

    private static final long serialVersionUID = 1L;

    /**
     * Makes one.
     *
     * @param message what was tried, with which key, what was found and what would be right
     */
    public KmsLimitException(String message) {
        super(message, null);
    }

    /**
     * Makes one with its cause.
     *
     * @param message what was tried, with which key, what was found and what would be right
     * @param cause what the service or the system said, or null
     */
    public KmsLimitException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
