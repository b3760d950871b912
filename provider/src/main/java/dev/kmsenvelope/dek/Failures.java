package dev.kmsenvelope.dek;

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

/** Throws what a service failed with, once per caller who waited for it. */
final class Failures {

    private Failures() {}

    /**
     * A failure for one caller. Each gets an exception of his own, of the same type and text, whose trace is that of his call
     * and whose cause is the one that the call of the service ended with. A type that is not known here is shared: its trace
     * is that of the thread that asked, and nothing of it changes but what is suppressed.
     *
     * @param failure what the call ended with
     * @return what to throw
     */
    static RuntimeException forCaller(Throwable failure) {
        if (failure instanceof Error error) {
            throw error;
        }
        String message = failure.getMessage() == null ? "" : failure.getMessage();
        Class<?> type = failure.getClass();
        if (type == KmsUnavailableException.class) {
            return new KmsUnavailableException(message, failure);
        } else if (type == KmsThrottledException.class) {
            return new KmsThrottledException(message, failure);
        } else if (type == KeyAccessDeniedException.class) {
            return new KeyAccessDeniedException(message, failure);
        } else if (type == KeyDisabledException.class) {
            return new KeyDisabledException(message, failure);
        } else if (type == KeyNotFoundException.class) {
            return new KeyNotFoundException(message, failure);
        } else if (type == InvalidCiphertextException.class) {
            return new InvalidCiphertextException(message, failure);
        } else if (type == InvalidKeyUsageException.class) {
            return new InvalidKeyUsageException(message, failure);
        } else if (type == KmsAuthenticationException.class) {
            return new KmsAuthenticationException(message, failure);
        } else if (type == KmsConfigurationException.class) {
            return new KmsConfigurationException(message, failure);
        } else if (type == KmsLimitException.class) {
            return new KmsLimitException(message, failure);
        } else if (failure instanceof IllegalStateException) {
            return new IllegalStateException(message, failure);
        }
        return failure instanceof RuntimeException unchecked
                ? unchecked
                : new IllegalStateException("a key service failed", failure);
    }
}
