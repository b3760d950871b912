package dev.kmsenvelope.telemetry;

import dev.kmsenvelope.kms.InvalidCiphertextException;
import dev.kmsenvelope.kms.InvalidKeyUsageException;
import dev.kmsenvelope.kms.KeyAccessDeniedException;
import dev.kmsenvelope.kms.KeyDisabledException;
import dev.kmsenvelope.kms.KeyNotFoundException;
import dev.kmsenvelope.kms.KmsAuthenticationException;
import dev.kmsenvelope.kms.KmsConfigurationException;
import dev.kmsenvelope.kms.KmsLimitException;
import dev.kmsenvelope.kms.KmsThrottledException;
import dev.kmsenvelope.kms.KmsUnavailableException;

/** How a call of a key service ended: well, or with one kind of failure. */
public enum KmsOutcome {
    /** It did what was asked. */
    SUCCESS,
    /** The identity, or the handle, may not do that. */
    DENIED,
    /** The service does not accept who is asking. */
    UNAUTHENTICATED,
    /** The key is disabled, or waits for its deletion. */
    DISABLED,
    /** There is no such key. */
    NOT_FOUND,
    /** The key is of another kind, or for another usage. */
    WRONG_USAGE,
    /** Too many requests. */
    THROTTLED,
    /** The service cannot be reached or does not answer in time. */
    UNAVAILABLE,
    /** What was to be decrypted was changed, or made under another key or for another context. */
    INVALID_CIPHERTEXT,
    /** A limit of the service was reached that waiting does not raise. */
    LIMIT,
    /** A setting is missing or wrong. */
    CONFIGURATION,
    /** Anything else, such as a service that was closed, or a fault. */
    OTHER;

    /**
     * What kind of failure something is, by its type alone.
     *
     * @param failure what a call threw
     * @return one that is not {@link #SUCCESS}
     */
    public static KmsOutcome of(Throwable failure) {
        if (failure instanceof KeyAccessDeniedException) {
            return DENIED;
        }
        if (failure instanceof KmsAuthenticationException) {
            return UNAUTHENTICATED;
        }
        if (failure instanceof KeyDisabledException) {
            return DISABLED;
        }
        if (failure instanceof KeyNotFoundException) {
            return NOT_FOUND;
        }
        if (failure instanceof InvalidKeyUsageException) {
            return WRONG_USAGE;
        }
        if (failure instanceof KmsThrottledException) {
            return THROTTLED;
        }
        if (failure instanceof KmsUnavailableException) {
            return UNAVAILABLE;
        }
        if (failure instanceof InvalidCiphertextException) {
            return INVALID_CIPHERTEXT;
        }
        if (failure instanceof KmsLimitException) {
            return LIMIT;
        }
        return failure instanceof KmsConfigurationException ? CONFIGURATION : OTHER;
    }
}
