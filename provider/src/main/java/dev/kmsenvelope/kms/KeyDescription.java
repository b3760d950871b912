package dev.kmsenvelope.kms;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a service tells about a key. It holds nothing secret.
 *
 * @param id the key's own id (never an alias)
 * @param aliases the aliases that point to it now, sorted
 * @param spec its kind
 * @param usage what it is for
 * @param state whether it can be used
 * @param created when it was created
 * @param versions its key material, oldest first, the last one being what encrypts now; only that one, or none,
 *     where the service does not say more
 * @param deletion when it will be destroyed, or null when no deletion is scheduled
 */
public record KeyDescription(
        KeyId id,
        List<KeyId> aliases,
        KeySpec spec,
        KeyUsage usage,
        KeyState state,
        Instant created,
        List<KeyVersion> versions,
        @Nullable Instant deletion) {

    /**
     * Copies the lists.
     *
     * @param id the key's own id
     * @param aliases its aliases
     * @param spec its kind
     * @param usage what it is for
     * @param state whether it can be used
     * @param created when it was created
     * @param versions its key material, oldest first
     * @param deletion when it will be destroyed, or null
     */
    public KeyDescription {
        aliases = List.copyOf(aliases);
        versions = List.copyOf(versions);
    }

    /**
     * The version that encrypts now.
     *
     * @return the newest version, or empty where the service does not say
     */
    public Optional<KeyVersion> currentVersion() {
        return versions.isEmpty() ? Optional.empty() : Optional.of(versions.get(versions.size() - 1));
    }

    /**
     * One generation of a key's material; rotation adds one, older ones go on decrypting.
     *
     * @param id names it among the versions of its key: a number for the local service, a key material id for AWS KMS
     * @param created when it was made
     * @param reservedUses how many encryptions are accounted to it at most, or -1 where the service does not count
     */
    public record KeyVersion(String id, Instant created, long reservedUses) {}
}
