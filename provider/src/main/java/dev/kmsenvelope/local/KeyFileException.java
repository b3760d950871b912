package dev.kmsenvelope.local;

import dev.kmsenvelope.kms.KmsConfigurationException;
import org.jspecify.annotations.Nullable;

/**
 * The key file of the embedded key service, or the secret that opens it, is missing, damaged, unreadable or not what it
 * should be. The text names the file, never anything secret in it.
 */
public final class KeyFileException extends KmsConfigurationException {

    private static final long serialVersionUID = 1L;

    /**
     * Makes one.
     *
     * @param message which file, what was found and what would be right
     */
    public KeyFileException(String message) {
        super(message);
    }

    /**
     * Makes one with its cause.
     *
     * @param message which file, what was found and what would be right
     * @param cause what the system said, or null
     */
    public KeyFileException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
