package dev.kmsenvelope.local;

import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.kms.KeyState;
import dev.kmsenvelope.kms.KeyUsage;
import dev.kmsenvelope.kms.RotationStatus;
import dev.kmsenvelope.kms.RotationStatus.Rotation;
import dev.kmsenvelope.kms.SecretBytes;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A key as the key file holds it. Immutable but for {@link #wipe()}.
 *
 * @param id a random UUID in its usual text form
 * @param spec its kind
 * @param usage what it is for
 * @param state whether it can be used
 * @param created when it was created
 * @param deletion when it will be destroyed, or null
 * @param rotationDays after how many days its material is replaced; 0 if age does not matter
 * @param versions its material, oldest first; at least one, and only one unless the kind can be rotated
 */
record StoredKey(
        String id,
        KeySpec spec,
        KeyUsage usage,
        KeyState state,
        Instant created,
        @Nullable Instant deletion,
        int rotationDays,
        List<Version> versions) {

    StoredKey {
        versions = List.copyOf(versions);
    }

    /**
     * One generation of material.
     *
     * @param number 1 for the first, each greater than the one before
     * @param created when it was made
     * @param cause of the rotation that made it, or null for the first
     * @param reservedUses how many encryptions some process did or may still do with it
     * @param material as {@link KeyMaterial#secret}
     * @param publicKey as {@link KeyMaterial#publicKey}
     */
    record Version(
            int number,
            Instant created,
            RotationStatus.@Nullable Cause cause,
            long reservedUses,
            SecretBytes material,
            byte[] publicKey) {

        /** The first version of a key. */
        static Version first(Instant created, KeyMaterial material) {
            return new Version(1, created, null, 0, material.secret(), material.publicKey());
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

    /** Whether keys of this kind get new material: what others do with a public key or a code would break. */
    boolean canRotate() {
        return spec == KeySpec.SYMMETRIC_DEFAULT;
    }

    boolean isRotationDueAt(Instant now) {
        return rotationDays > 0 && !rotationDate().isAfter(now);
    }

    private Instant rotationDate() {
        return current().created().plus(Duration.ofDays(rotationDays));
    }

    RotationStatus rotationStatus() {
        return new RotationStatus(
                rotationDays,
                rotationDays > 0 && state == KeyState.ENABLED ? rotationDate() : null,
                versions.stream()
                        .flatMap(version -> version.cause() == null
                                ? Stream.empty()
                                : Stream.of(new Rotation(version.created(), version.cause())))
                        .toList());
    }

    StoredKey withState(KeyState newState, @Nullable Instant newDeletion) {
        return new StoredKey(id, spec, usage, newState, created, newDeletion, rotationDays, versions);
    }

    StoredKey withRotationDays(int days) {
        return new StoredKey(id, spec, usage, state, created, deletion, days, versions);
    }

    StoredKey withVersion(Version newest) {
        List<Version> more = new ArrayList<>(versions);
        more.add(newest);
        return withVersions(more);
    }

    /** The same key with more encryptions accounted to its current version. */
    StoredKey withReserved(long uses) {
        List<Version> changed = new ArrayList<>(versions);
        Version old = current();
        changed.set(
                changed.size() - 1,
                new Version(
                        old.number(),
                        old.created(),
                        old.cause(),
                        old.reservedUses() + uses,
                        old.material(),
                        old.publicKey()));
        return withVersions(changed);
    }

    private StoredKey withVersions(List<Version> changed) {
        return new StoredKey(id, spec, usage, state, created, deletion, rotationDays, changed);
    }

    void wipe() {
        versions.forEach(version -> version.material().close());
    }
}
