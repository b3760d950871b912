package dev.kmsenvelope.kms;

import org.jspecify.annotations.Nullable;

/** The alias is in use already. */
public final class AliasExistsException extends KmsException {

    private static final long serialVersionUID = 1L;

    /**
     * Makes one.
     *
     * @param message what was tried, with which key, what was found and what would be right
     */
    public AliasExistsException(String message) {
        super(message, null);
    }

    /**
     * Makes one with its cause.
     *
     * @param message what was tried, with which key, what was found and what would be right
     * @param cause what the service or the system said, or null
     */
    public AliasExistsException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
