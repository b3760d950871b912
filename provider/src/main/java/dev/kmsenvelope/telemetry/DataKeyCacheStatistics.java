package dev.kmsenvelope.telemetry;

import java.time.Duration;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the caches of data keys did since the library was loaded, those that are gone included.
 *
 * @param hits how often a cached data key was given out
 * @param misses how often somebody had to wait for a key service
 * @param negativeHits how often a failure was remembered rather than the service asked again
 * @param loads how often a service was asked to generate or to decrypt a data key
 * @param refreshes how many of those loads were ahead of time, in the background
 * @param failures how many of those loads failed, by kind; no entry for a kind that did not happen
 * @param evictions how many data keys left, by cause ({@code EXPIRED}, {@code EXHAUSTED}, {@code FLUSHED} and so on); no
 *     entry for a cause that did not happen
 * @param entries how many data keys are cached now
 * @param loadTime how long all loads took together
 * @param maxLoadTime how long the longest took
 */
public record DataKeyCacheStatistics(
        long hits,
        long misses,
        long negativeHits,
        long loads,
        long refreshes,
        Map<KmsOutcome, Long> failures,
        Map<String, Long> evictions,
        long entries,
        Duration loadTime,
        Duration maxLoadTime) {

    /** Where there was no cache. */
    public static final DataKeyCacheStatistics NONE =
            new DataKeyCacheStatistics(0, 0, 0, 0, 0, Map.of(), Map.of(), 0, Duration.ZERO, Duration.ZERO);

    /**
     * Copies the maps.
     *
     * @param hits how often a cached data key was given out
     * @param misses how often somebody had to wait for a key service
     * @param negativeHits how often a failure was remembered rather than the service asked again
     * @param loads how often a service was asked to generate or to decrypt a data key
     * @param refreshes how many of those loads were ahead of time, in the background
     * @param failures how many of those loads failed, by kind; no entry for a kind that did not happen
     * @param evictions how many data keys left, by cause ({@code EXPIRED}, {@code EXHAUSTED}, {@code FLUSHED} and so on); no
     *     entry for a cause that did not happen
     * @param entries how many data keys are cached now
     * @param loadTime how long all loads took together
     * @param maxLoadTime how long the longest took
     */
    public DataKeyCacheStatistics {
        Map<KmsOutcome, Long> byKind = new EnumMap<>(KmsOutcome.class);
        byKind.putAll(failures);
        failures = Collections.unmodifiableMap(byKind);
        evictions = Collections.unmodifiableMap(new TreeMap<>(evictions));
    }

    /**
     * Which share of the requests for a data key was answered without waiting for a service.
     *
     * @return from 0 to 1; 0 if there were none
     */
    public double hitRatio() {
        long all = hits + misses;
        return all == 0 ? 0 : (double) hits / all;
    }

    /**
     * How many loads failed.
     *
     * @return the sum over all kinds
     */
    public long failed() {
        return sum(failures);
    }

    /**
     * How many data keys left.
     *
     * @return the sum over all causes
     */
    public long evicted() {
        return sum(evictions);
    }

    private static long sum(Map<?, Long> counts) {
        return counts.values().stream().mapToLong(Long::longValue).sum();
    }

    /**
     * Adds what other caches did.
     *
     * @param other their figures
     * @return the figures of both
     */
    public DataKeyCacheStatistics plus(DataKeyCacheStatistics other) {
        Map<KmsOutcome, Long> allFailures = new EnumMap<>(KmsOutcome.class);
        allFailures.putAll(failures);
        other.failures.forEach((kind, count) -> allFailures.merge(kind, count, Long::sum));
        Map<String, Long> allEvictions = new TreeMap<>(evictions);
        other.evictions.forEach((cause, count) -> allEvictions.merge(cause, count, Long::sum));
        return new DataKeyCacheStatistics(
                hits + other.hits,
                misses + other.misses,
                negativeHits + other.negativeHits,
                loads + other.loads,
                refreshes + other.refreshes,
                allFailures,
                allEvictions,
                entries + other.entries,
                loadTime.plus(other.loadTime),
                maxLoadTime.compareTo(other.maxLoadTime) < 0 ? other.maxLoadTime : maxLoadTime);
    }
}
