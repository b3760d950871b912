package dev.kmsenvelope.local;

import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.kms.KeyState;
import dev.kmsenvelope.kms.SecretBytes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A key as the key file holds it. Immutable but for {@link #wipe()}.
 *
 * @param id a random UUID in its usual text form
 * @param spec its kind
 * @param state whether it can be used
 * @param created when it was created
 * @param deletion when it will be destroyed, or null
 * @param versions its material, oldest first; at least one
 */
record StoredKey(
        String id,
        KeySpec spec,
        KeyState state,
        Instant created,
        @Nullable Instant deletion,
        List<Version> versions) {

    StoredKey {
        versions = List.copyOf(versions);
    }

    /**
     * One generation of material.
     *
     * @param number 1 for the first, each greater than the one before
     * @param created when it was made
     * @param reservedUses how many encryptions some process did or may still do with it
     * @param material 32 bytes
     */
    record Version(int number, Instant created, long reservedUses, SecretBytes material) {}

    Version current() {
        return versions.get(versions.size() - 1);
    }

    Optional<Version> version(int number) {
        return versions.stream().filter(v -> v.number() == number).findFirst();
    }

    boolean isDestroyedAt(Instant now) {
        return deletion != null && !deletion.isAfter(now);
    }

    StoredKey withState(KeyState newState, @Nullable Instant newDeletion) {
        return new StoredKey(id, spec, newState, created, newDeletion, versions);
    }

    StoredKey withVersion(Version newest) {
        List<Version> more = new ArrayList<>(versions);
        more.add(newest);
        return new StoredKey(id, spec, state, created, deletion, more);
    }

    /** The same key with more encryptions accounted to its current version. */
    StoredKey withReserved(long uses) {
        List<Version> changed = new ArrayList<>(versions);
        Version old = current();
        changed.set(
                changed.size() - 1,
                new Version(old.number(), old.created(), old.reservedUses() + uses, old.material()));
        return new StoredKey(id, spec, state, created, deletion, changed);
    }

    void wipe() {
        versions.forEach(version -> version.material().close());
    }
}
