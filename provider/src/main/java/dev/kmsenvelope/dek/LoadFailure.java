package dev.kmsenvelope.dek;

import dev.kmsenvelope.kms.InvalidCiphertextException;
import dev.kmsenvelope.kms.KeyAccessDeniedException;
import dev.kmsenvelope.kms.KeyDisabledException;
import dev.kmsenvelope.kms.KeyNotFoundException;
import dev.kmsenvelope.kms.KmsAuthenticationException;
import dev.kmsenvelope.kms.KmsConfigurationException;
import dev.kmsenvelope.kms.KmsException;
import dev.kmsenvelope.kms.KmsLimitException;
import dev.kmsenvelope.kms.KmsThrottledException;
import dev.kmsenvelope.kms.KmsUnavailableException;
import org.jspecify.annotations.Nullable;

/** In which way a service failed to give a data key: what may be told of a failure (RULES 20). */
public enum LoadFailure {
    /** It could not be reached or did not answer. */
    UNAVAILABLE,
    /** It got too many requests. */
    THROTTLED,
    /** The caller may not use the key. */
    DENIED,
    /** The key is disabled. */
    DISABLED,
    /** There is no such key. */
    NOT_FOUND,
    /** The encrypted data key was changed, is for another key or has another context. */
    INVALID,
    /** The caller is not known to the service. */
    AUTHENTICATION,
    /** A setting is wrong. */
    CONFIGURATION,
    /** A limit of the service was reached. */
    LIMIT,
    /** Anything else. */
    OTHER;

    /**
     * Sorts a failure.
     *
     * @param failure what was thrown
     * @return its kind
     */
    public static LoadFailure of(Throwable failure) {
        if (failure instanceof KmsUnavailableException) {
            return UNAVAILABLE;
        } else if (failure instanceof KmsThrottledException) {
            return THROTTLED;
        } else if (failure instanceof KeyAccessDeniedException) {
            return DENIED;
        } else if (failure instanceof KeyDisabledException) {
            return DISABLED;
        } else if (failure instanceof KeyNotFoundException) {
            return NOT_FOUND;
        } else if (failure instanceof InvalidCiphertextException) {
            return INVALID;
        } else if (failure instanceof KmsAuthenticationException) {
            return AUTHENTICATION;
        } else if (failure instanceof KmsConfigurationException) {
            return CONFIGURATION;
        } else if (failure instanceof KmsLimitException) {
            return LIMIT;
        }
        return OTHER;
    }

    /**
     * Tells whether the service could not be asked: the only failure during which a grace lets a data key be used beyond its
     * age (RULES 13). A service that throttles is there.
     *
     * @param failure what was thrown
     * @return true for outages
     */
    static boolean opensGrace(@Nullable Throwable failure) {
        return failure instanceof KmsUnavailableException;
    }

    /**
     * Tells whether it says nothing about the right to use the key: the service did not decide, so a data key that is
     * cached may go on being used within its limits (RULES 13).
     *
     * @param failure what was thrown
     * @return true for throttling and outages
     */
    static boolean isOutage(Throwable failure) {
        return failure instanceof KmsException known && known.isRetryable();
    }
}
