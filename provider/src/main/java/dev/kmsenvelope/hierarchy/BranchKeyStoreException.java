package dev.kmsenvelope.hierarchy;

import dev.kmsenvelope.kms.KmsException;
import org.jspecify.annotations.Nullable;

/** What a store of branch keys holds is not as it was written: damaged, changed, swapped, or encrypted under another key. */
public final class BranchKeyStoreException extends KmsException {

    private static final long serialVersionUID = 1L;

    /**
     * Makes one.
     *
     * @param message what was read, and what was found
     * @param cause why, or null
     */
    public BranchKeyStoreException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
