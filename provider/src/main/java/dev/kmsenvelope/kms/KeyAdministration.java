package dev.kmsenvelope.kms;

import java.time.Instant;

/**
 * What those who administer keys can ask of a key-management service. It gives no way to encrypt or decrypt.
 *
 * <p>Implementations are thread-safe. Every method may throw a {@link KmsException}; naming a key that does not exist is a
 * {@link KeyNotFoundException}. Methods that take a key take an alias, key id or ARN.
 */
public interface KeyAdministration extends AutoCloseable {

    /** The shortest waiting time before a key is destroyed, in days. */
    int MIN_DELETION_DAYS = 7;

    /** The longest waiting time before a key is destroyed, in days. */
    int MAX_DELETION_DAYS = 30;

    /**
     * Creates a key without an alias.
     *
     * @param spec its kind
     * @return the new key
     */
    KeyDescription createKey(KeySpec spec);

    /**
     * Creates a key together with its first alias: both or neither.
     *
     * @param spec its kind
     * @param alias a new alias, {@code alias/...}
     * @return the new key
     * @throws AliasExistsException if the alias is in use
     */
    KeyDescription createKey(KeySpec spec, KeyId alias);

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
     * Gives a key new material. New encryptions use it; what was encrypted with older material stays readable.
     *
     * @param key the key
     * @return the key as it is now
     * @throws KeyDisabledException if the key is not enabled
     */
    KeyDescription rotate(KeyId key);

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

    /** Wipes what key material is held in memory and releases connections; idempotent. Later calls fail. */
    @Override
    void close();
}
