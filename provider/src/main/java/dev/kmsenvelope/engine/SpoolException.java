package dev.kmsenvelope.engine;

import java.io.IOException;
import java.security.ProviderException;

/**
 * Plaintext that is held back could not be kept in its temporary file, or not be got back from there. This says nothing about
 * the message.
 */
public final class SpoolException extends ProviderException {

    private static final long serialVersionUID = 1L;

    private final IOException failure;

    SpoolException(String what, IOException failure) {
        super(what + ": " + failure.getMessage(), failure);
        this.failure = failure;
    }

    /**
     * What failed, for callers that may throw it.
     *
     * @return the failure of input or output
     */
    public IOException failure() {
        return failure;
    }
}
