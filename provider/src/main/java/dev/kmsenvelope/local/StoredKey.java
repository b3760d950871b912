package dev.kmsenvelope.local;

import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.kms.KeyState;
import dev.kmsenvelope.kms.SecretBytes;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
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

    /** Length of the material of a version, in bytes. */
    static final int MATERIAL_LENGTH = 32;

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
    record Version(int number, Instant created, long reservedUses, SecretBytes material) {

        /** A version with fresh material. */
        static Version random(int number, Instant created, SecureRandom random) {
            byte[] material = new byte[MATERIAL_LENGTH];
            random.nextBytes(material);
            return new Version(number, created, 0, SecretBytes.owning(material));
        }
    }

    /** A random UUID (RFC 9562, version 4). */
    static UUID randomId(SecureRandom random) {
        byte[] bytes = new byte[16];
        random.nextBytes(bytes);
        bytes[6] = (byte) ((bytes[6] & 0x0F) | 0x40);
        bytes[8] = (byte) ((bytes[8] & 0x3F) | 0x80);
        ByteBuffer words = ByteBuffer.wrap(bytes);
        return new UUID(words.getLong(), words.getLong());
    }

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
