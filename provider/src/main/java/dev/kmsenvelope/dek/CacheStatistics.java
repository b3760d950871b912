package dev.kmsenvelope.dek;

import java.util.Map;

/**
 * What a cache of data keys did since it was made, counted without locks: while it is in use, the numbers are of slightly
 * different moments. Counts only (RULES 20).
 *
 * @param hits how often a cached data key was given out
 * @param misses how often somebody had to wait for the service
 * @param negativeHits how often a failure was remembered rather than the service asked again
 * @param kmsCalls how often the service was asked to generate or to decrypt a data key; that it is also asked to encrypt it
 *     for further recipients is not counted apart
 * @param refreshes how many of those calls were ahead of time, in the background
 * @param failures how many of those calls failed, by the kind of failure; without kinds that did not occur
 * @param evictions how many data keys left the cache, by cause; without causes that did not occur
 * @param entries how many data keys are cached
 * @param totalLoadNanos how long all those calls took together, in nanoseconds
 * @param maxLoadNanos how long the longest one took, in nanoseconds
 */
public record CacheStatistics(
        long hits,
        long misses,
        long negativeHits,
        long kmsCalls,
        long refreshes,
        Map<LoadFailure, Long> failures,
        Map<EvictionCause, Long> evictions,
        long entries,
        long totalLoadNanos,
        long maxLoadNanos) {

    /** Copies the maps. */
    public CacheStatistics {
        failures = Map.copyOf(failures);
        evictions = Map.copyOf(evictions);
    }

    /**
     * How many calls failed.
     *
     * @return the sum over all kinds
     */
    public long failureCount() {
        return failures.values().stream().mapToLong(Long::longValue).sum();
    }

    /**
     * How many data keys left the cache.
     *
     * @return the sum over all causes
     */
    public long evictionCount() {
        return evictions.values().stream().mapToLong(Long::longValue).sum();
    }
}
