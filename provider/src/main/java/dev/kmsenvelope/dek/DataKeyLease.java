package dev.kmsenvelope.dek;

import dev.kmsenvelope.kms.EncryptedDataKey;
import java.util.List;

/** The right to use a data key until {@link #close()}; the key is wiped when the last lease of it is closed. */
public interface DataKeyLease extends AutoCloseable {

    /**
     * The data key.
     *
     * @return a fresh copy, which the caller wipes
     * @throws IllegalStateException if this was closed
     */
    byte[] copyKey();

    /**
     * The data key in the encrypted versions that travel with a message.
     *
     * @return at least one
     */
    List<EncryptedDataKey> encrypted();

    /** Ends the use; idempotent. */
    @Override
    void close();
}
