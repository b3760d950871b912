package dev.kmsenvelope.hierarchy;

import dev.kmsenvelope.kms.KmsException;
import org.jspecify.annotations.Nullable;

/** A branch key exists already, or was changed by somebody else in the same moment. Nothing was written. */
public final class BranchKeyConflictException extends KmsException {

    private static final long serialVersionUID = 1L;

    /**
     * Makes one.
     *
     * @param message what was tried, with which branch key, and what was found
     * @param cause what the store said, or null
     */
    public BranchKeyConflictException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
