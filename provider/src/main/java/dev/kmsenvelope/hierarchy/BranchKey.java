package dev.kmsenvelope.hierarchy;

import dev.kmsenvelope.kms.SecretBytes;
import java.util.UUID;

/**
 * One version of a branch key, in plain text. Closing it wipes the key. Thread-safe.
 *
 * @param id names the branch key
 * @param version which version of it this is
 * @param key {@value #LENGTH} bytes, owned by this
 */
public record BranchKey(String id, UUID version, SecretBytes key) implements AutoCloseable {

    /** How long a branch key is, in bytes. */
    public static final int LENGTH = 32;

    /**
     * Checks the length.
     *
     * @param id names the branch key
     * @param version which version of it this is
     * @param key the key, owned by this
     * @throws IllegalArgumentException if the key does not have {@value #LENGTH} bytes
     */
    public BranchKey {
        if (key.length() != LENGTH) {
            throw new IllegalArgumentException("a branch key has " + LENGTH + " bytes, not " + key.length());
        }
    }

    /** Wipes the key; idempotent. */
    @Override
    public void close() {
        key.close();
    }
}
