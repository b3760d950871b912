package dev.kmsenvelope.dek;

import dev.kmsenvelope.kms.KeyId;
import org.jspecify.annotations.Nullable;

/**
 * Is told what caches of data keys do, but for hits, which are too many: {@link CacheStatistics} counts those. It learns key
 * ids, counts and durations only (RULES 20). Called by the thread that does the work, so it must return quickly; it may be
 * called by several at a time. What it throws is logged and otherwise ignored.
 */
public interface CacheObserver {

    /** Does nothing. */
    CacheObserver NONE = new CacheObserver() {};

    /**
     * A data key was wanted and none that may be used was cached: the caller waits for the service.
     *
     * @param key the key of the service
     * @param operation what the data key is for
     */
    default void missed(KeyId key, CacheOperation operation) {}

    /**
     * The service was asked for a data key, in the background or for those who wait.
     *
     * @param key the key of the service
     * @param operation what the data key is for
     * @param refresh whether the data key that it takes the place of could still be used
     * @param nanos how long it took, in nanoseconds
     * @param failure how it failed; null if it did not
     */
    default void loaded(
            KeyId key, CacheOperation operation, boolean refresh, long nanos, @Nullable LoadFailure failure) {}

    /**
     * A data key left the cache. It is wiped as soon as nobody uses it any more.
     *
     * @param key the key of the service
     * @param operation what the data key was for
     * @param cause why
     * @param messages how many messages it was used for
     * @param bytes how many bytes of plaintext, as far as is known by now
     */
    default void evicted(KeyId key, CacheOperation operation, EvictionCause cause, long messages, long bytes) {}
}
