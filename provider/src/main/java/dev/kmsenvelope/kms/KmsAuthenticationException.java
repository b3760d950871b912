package dev.kmsenvelope.kms;

import org.jspecify.annotations.Nullable;

/**
 * The service does not accept who is asking: there are no credentials, or they are expired, unknown, or signed with a wrong
 * clock. What an accepted identity may not do is a {@link KeyAccessDeniedException}.
 */
public final class KmsAuthenticationException extends KmsException {

    private static final long serialVersionUID = 1L;

    /**
     * Makes one.
     *
     * @param message what was tried, with which key, what was found and what would be right
     */
    public KmsAuthenticationException(String message) {
        super(message, null);
    }

    /**
     * Makes one with its cause.
     *
     * @param message what was tried, with which key, what was found and what would be right
     * @param cause what the service or the system said, or null
     */
    public KmsAuthenticationException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
