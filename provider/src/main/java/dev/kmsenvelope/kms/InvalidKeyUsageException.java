package dev.kmsenvelope.kms;

import org.jspecify.annotations.Nullable;

/** The key is of a kind, or for a usage, that does not go with what was asked. */
public final class InvalidKeyUsageException extends KmsException {

    private static final long serialVersionUID = 1L;

    /**
     * Makes one.
     *
     * @param message what was tried, with which key, what was found and what would be right
     */
    public InvalidKeyUsageException(String message) {
        super(message, null);
    }

    /**
     * Makes one with its cause.
     *
     * @param message what was tried, with which key, what was found and what would be right
     * @param cause what the service or the system said, or null
     */
    public InvalidKeyUsageException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
