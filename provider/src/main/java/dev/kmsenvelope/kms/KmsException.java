package dev.kmsenvelope.kms;

import java.security.ProviderException;
import org.jspecify.annotations.Nullable;

/**
 * A failure of a key-management service. It is a {@link ProviderException}, so it may leave any JCA call; its subclasses
 * say what kind of failure it is. Texts name the key and the operation, never a secret, a context value or a ciphertext.
 */
public abstract class KmsException extends ProviderException {

    private static final long serialVersionUID = 1L;

    /**
     * Makes one.
     *
     * @param message what was tried, with which key, what was found and what would be right
     * @param cause what the service or the system said, or null
     */
    protected KmsException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /**
     * Tells whether the same call may succeed later without anybody changing anything.
     *
     * @return true for throttling and outages
     */
    public boolean isRetryable() {
        return false;
    }
}
