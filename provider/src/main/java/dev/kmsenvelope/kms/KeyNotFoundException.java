package dev.kmsenvelope.kms;

import org.jspecify.annotations.Nullable;

/** There is no such key or alias. */
public final class KeyNotFoundException extends KmsException {

    private static final long serialVersionUID = 1L;

    /**
     * Makes one.
     *
     * @param message what was tried, with which key, what was found and what would be right
     */
    public KeyNotFoundException(String message) {
        super(message, null);
    }

    /**
     * Makes one with its cause.
     *
     * @param message what was tried, with which key, what was found and what would be right
     * @param cause what the service or the system said, or null
     */
    public KeyNotFoundException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
