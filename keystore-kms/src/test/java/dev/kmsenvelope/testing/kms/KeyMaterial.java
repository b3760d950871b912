package dev.kmsenvelope.testing.kms;

import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.kms.KeyUsage;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What the replicas of a multi-Region key have in common: key id, kind and usage, the secret, and its rotation. A key of one
 * Region has one of its own.
 */
final class KeyMaterial {

    /** The most rotations on demand in the life of a key. */
    static final int MAX_ON_DEMAND = 25;

    final String keyId;
    final KeySpec spec;
    final KeyUsage usage;
    /** Stands in ciphertexts for the key. */
    final byte[] tag = Crypto.random(16);
    /** The secrets of a symmetric key or an HMAC key, oldest first. */
    final List<Version> versions = new ArrayList<>();
    /** The pair of an asymmetric key, or null. */
    final KeyPair pair;

    int periodDays = 365;
    /** When the next rotation by age is, or null if there is to be none. */
    Instant nextRotation;

    KeyMaterial(String keyId, KeySpec spec, KeyUsage usage, Instant now) {
        this.keyId = keyId;
        this.spec = spec;
        this.usage = usage;
        this.pair = spec.isAsymmetric() ? Crypto.generate(spec) : null;
        if (pair == null) {
            versions.add(new Version(now, Cause.CREATION, Crypto.random(Crypto.secretLength(spec))));
        }
    }

    boolean isSymmetricEncryption() {
        return spec == KeySpec.SYMMETRIC_DEFAULT;
    }

    Version current() {
        return versions.get(versions.size() - 1);
    }

    Optional<Version> version(String id) {
        return versions.stream().filter(version -> version.id().equals(id)).findFirst();
    }

    void rotate(Instant now, Cause cause) {
        versions.add(new Version(now, cause, Crypto.random(Crypto.secretLength(spec))));
    }

    long rotationsOnDemand() {
        return versions.stream()
                .filter(version -> version.cause() == Cause.ON_DEMAND)
                .count();
    }

    /** Does the rotations by age that are due. */
    void rotateByAge(Instant now) {
        while (nextRotation != null && !nextRotation.isAfter(now)) {
            rotate(nextRotation, Cause.AUTOMATIC);
            nextRotation = nextRotation.plus(Duration.ofDays(periodDays));
        }
    }

    /** Why a version was made. */
    enum Cause {
        CREATION,
        AUTOMATIC,
        ON_DEMAND
    }

    /** One generation of the secret of a symmetric key. */
    record Version(String id, Instant created, Cause cause, byte[] secret) {

        Version(Instant created, Cause cause, byte[] secret) {
            this(Crypto.hex(Crypto.random(32)), created, cause, secret);
        }
    }
}
