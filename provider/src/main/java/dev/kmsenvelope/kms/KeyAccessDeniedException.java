package dev.kmsenvelope.kms;

import org.jspecify.annotations.Nullable;

/** This identity, or this handle, may not do that with the key. */
public final class KeyAccessDeniedException extends KmsException {

    private static final long serialVersionUID = 1L;

    /**
     * Makes one.
     *
     * @param message what was tried, with which key, what was found and what would be right
     */
    public KeyAccessDeniedException(String message) {
        super(message, null);
    }

    /**
     * Makes one with its cause.
     *
     * @param message what was tried, with which key, what was found and what would be right
     * @param cause what the service or the system said, or null
     */
    public KeyAccessDeniedException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
