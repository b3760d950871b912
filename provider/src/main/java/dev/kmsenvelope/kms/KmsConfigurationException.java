package dev.kmsenvelope.kms;

import org.jspecify.annotations.Nullable;

/** The service is set up in a way that cannot work: a setting is missing or wrong, a key file cannot be opened. */
public class KmsConfigurationException extends KmsException {

    private static final long serialVersionUID = 1L;

    /**
     * Makes one.
     *
     * @param message what was tried, with which key, what was found and what would be right
     */
    public KmsConfigurationException(String message) {
        super(message, null);
    }

    /**
     * Makes one with its cause.
     *
     * @param message what was tried, with which key, what was found and what would be right
     * @param cause what the service or the system said, or null
     */
    public KmsConfigurationException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
