package dev.kmsenvelope.kms;

import org.jspecify.annotations.Nullable;

/** The service says that the ciphertext was changed, was made under another key, or is bound to another context. */
public final class InvalidCiphertextException extends KmsException {

    private static final long serialVersionUID = 1L;

    /**
     * Makes one.
     *
     * @param message what was tried, with which key, what was found and what would be right
     */
    public InvalidCiphertextException(String message) {
        super(message, null);
    }

    /**
     * Makes one with its cause.
     *
     * @param message what was tried, with which key, what was found and what would be right
     * @param cause what the service or the system said, or null
     */
    public InvalidCiphertextException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
