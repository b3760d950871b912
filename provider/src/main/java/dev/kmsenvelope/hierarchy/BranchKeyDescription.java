package dev.kmsenvelope.hierarchy;

import dev.kmsenvelope.kms.EncryptionContext;
import java.time.Instant;
import java.util.List;

/**
 * What a store tells about a branch key. Nothing of it is secret, and nothing is verified: only opening a branch key is.
 *
 * @param id names the branch key
 * @param kmsKey the key of the key-management service that encrypts it
 * @param context the names and values that were bound to it when it was created
 * @param versions its versions, oldest first, the last one being the active one; only that one in a list
 */
public record BranchKeyDescription(String id, String kmsKey, EncryptionContext context, List<Version> versions) {

    /**
     * Copies the list.
     *
     * @param id names the branch key
     * @param kmsKey the key that encrypts it
     * @param context what is bound to it
     * @param versions its versions, at least one
     */
    public BranchKeyDescription {
        versions = List.copyOf(versions);
        if (versions.isEmpty()) {
            throw new IllegalArgumentException("a branch key has at least one version");
        }
    }

    /**
     * The version that encrypts now.
     *
     * @return the last one
     */
    public Version active() {
        return versions.get(versions.size() - 1);
    }

    /**
     * One generation of a branch key.
     *
     * @param id a UUID, in its form with 36 characters
     * @param created when it was made
     */
    public record Version(String id, Instant created) {}
}
