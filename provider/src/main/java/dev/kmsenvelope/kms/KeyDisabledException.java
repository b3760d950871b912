package dev.kmsenvelope.kms;

import org.jspecify.annotations.Nullable;

/** The key exists but its state forbids the operation: it is disabled, or its deletion is scheduled. */
public final class KeyDisabledException extends KmsException {

    private static final long serialVersionUID = 1L;

    /**
     * Makes one.
     *
     * @param message what was tried, with which key, what was found and what would be right
     */
    public KeyDisabledException(String message) {
        super(message, null);
    }

    /**
     * Makes one with its cause.
     *
     * @param message what was tried, with which key, what was found and what would be right
     * @param cause what the service or the system said, or null
     */
    public KeyDisabledException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
