package dev.kmsenvelope.kms;

import java.time.Instant;

/**
 * What those who administer keys can ask of a key-management service. It gives no way to encrypt or decrypt.
 *
 * <p>Implementations are thread-safe. Every method may throw a {@link KmsException}; naming a key that does not exist is a
 * {@link KeyNotFoundException}. Methods that take a key take an alias, key id or ARN.
 */
public interface KeyAdministration extends KeyDirectory {

    /** The shortest waiting time before a key is destroyed, in days. */
    int MIN_DELETION_DAYS = 7;

    /** The longest waiting time before a key is destroyed, in days. */
    int MAX_DELETION_DAYS = 30;

    /** The shortest rotation period, in days. */
    int MIN_ROTATION_DAYS = 90;

    /** The longest rotation period, in days. */
    int MAX_ROTATION_DAYS = 2560;

    /** The rotation period when none is given, in days. */
    int DEFAULT_ROTATION_DAYS = 365;

    /**
     * Creates a key without an alias.
     *
     * @param spec its kind
     * @param usage what it is for: one of {@link KeySpec#usages()}
     * @return the new key
     * @throws IllegalArgumentException if keys of that kind are not for that
     */
    KeyDescription createKey(KeySpec spec, KeyUsage usage);

    /**
     * Creates a key together with its first alias: both or neither.
     *
     * @param spec its kind
     * @param usage what it is for: one of {@link KeySpec#usages()}
     * @param alias a new alias, {@code alias/...}
     * @return the new key
     * @throws AliasExistsException if the alias is in use
     * @throws IllegalArgumentException if keys of that kind are not for that
     */
    KeyDescription createKey(KeySpec spec, KeyUsage usage, KeyId alias);

    /**
     * Creates a key for the default usage of its kind, without an alias.
     *
     * @param spec its kind
     * @return the new key
     */
    default KeyDescription createKey(KeySpec spec) {
        return createKey(spec, spec.defaultUsage());
    }

    /**
     * Creates a key for the default usage of its kind, together with its first alias: both or neither.
     *
     * @param spec its kind
     * @param alias a new alias, {@code alias/...}
     * @return the new key
     * @throws AliasExistsException if the alias is in use
     */
    default KeyDescription createKey(KeySpec spec, KeyId alias) {
        return createKey(spec, spec.defaultUsage(), alias);
    }

    /**
     * Points a new alias to a key.
     *
     * @param alias the alias, {@code alias/...}
     * @param target the key
     * @throws AliasExistsException if the alias is in use
     */
    void createAlias(KeyId alias, KeyId target);

    /**
     * Points an existing alias to another key. What was encrypted under the alias before stays readable where the service
     * remembers the former targets.
     *
     * @param alias the alias, {@code alias/...}
     * @param target the key
     */
    void updateAlias(KeyId alias, KeyId target);

    /**
     * Removes an alias; its key stays.
     *
     * @param alias the alias, {@code alias/...}
     */
    void deleteAlias(KeyId alias);

    /**
     * Gives a key new material now. New encryptions use it; what was encrypted with older material stays readable.
     *
     * @param key the key
     * @return the key as it is now
     * @throws KeyDisabledException if the key is not enabled
     * @throws InvalidKeyUsageException if its kind cannot be rotated: only {@link KeySpec#SYMMETRIC_DEFAULT} can
     */
    KeyDescription rotate(KeyId key);

    /**
     * Has a key rotated by itself whenever its material reaches an age.
     *
     * @param key the key
     * @param periodDays that age, {@link #MIN_ROTATION_DAYS} to {@link #MAX_ROTATION_DAYS} days
     * @throws IllegalArgumentException if the period is out of range
     * @throws KeyDisabledException if the key is not enabled
     * @throws InvalidKeyUsageException if its kind cannot be rotated
     */
    void enableRotation(KeyId key, int periodDays);

    /**
     * Stops {@link #enableRotation}; no material is lost.
     *
     * @param key the key
     * @throws KeyDisabledException if the key is not enabled
     * @throws InvalidKeyUsageException if its kind cannot be rotated
     */
    void disableRotation(KeyId key);

    /**
     * Tells whether a key is rotated by itself, and when it was rotated.
     *
     * @param key the key
     * @return its rotation
     */
    RotationStatus rotationStatus(KeyId key);

    /**
     * Switches a key on.
     *
     * @param key the key
     * @throws KeyDisabledException if its deletion is scheduled: cancel that first
     */
    void enable(KeyId key);

    /**
     * Switches a key off until {@link #enable}.
     *
     * @param key the key
     * @throws KeyDisabledException if its deletion is scheduled
     */
    void disable(KeyId key);

    /**
     * Schedules the destruction of a key and of everything that depends on it; until then it cannot be used.
     *
     * @param key the key
     * @param days the waiting time, {@link #MIN_DELETION_DAYS} to {@link #MAX_DELETION_DAYS}
     * @return when it will be destroyed
     * @throws IllegalArgumentException if the waiting time is out of range
     * @throws KeyDisabledException if its deletion is scheduled already
     */
    Instant scheduleDeletion(KeyId key, int days);

    /**
     * Cancels a scheduled deletion; the key is disabled then, as in AWS KMS.
     *
     * @param key the key
     */
    void cancelDeletion(KeyId key);
}
