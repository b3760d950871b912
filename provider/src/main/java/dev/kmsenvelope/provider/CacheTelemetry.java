package dev.kmsenvelope.provider;

import dev.kmsenvelope.dek.CacheObserver;
import dev.kmsenvelope.dek.CacheObservers;
import dev.kmsenvelope.dek.CacheOperation;
import dev.kmsenvelope.dek.CacheStatistics;
import dev.kmsenvelope.dek.DataKeyCache;
import dev.kmsenvelope.dek.EvictionCause;
import dev.kmsenvelope.dek.LoadFailure;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.metering.Events;
import dev.kmsenvelope.metering.OpenCaches;
import dev.kmsenvelope.telemetry.DataKeyCacheStatistics;
import dev.kmsenvelope.telemetry.KmsOutcome;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Has the caches of data keys counted, recorded and flushed with all others. Thread-safe. */
final class CacheTelemetry implements CacheObserver {

    static {
        CacheObservers.set(new CacheTelemetry(Events.get()));
    }

    private final Events events;

    private CacheTelemetry(Events events) {
        this.events = events;
    }

    /** The cache, which counts from now on. */
    static DataKeyCache observed(DataKeyCache cache) {
        Supplier<CacheStatistics> counts = cache.counts();
        OpenCaches.ALL.add(
                cache, DataKeyCache::flush, one -> statistics(one.statistics()), () -> statistics(counts.get()));
        return cache;
    }

    private static DataKeyCacheStatistics statistics(CacheStatistics counted) {
        Map<KmsOutcome, Long> failures = new EnumMap<>(KmsOutcome.class);
        counted.failures().forEach((failure, count) -> failures.merge(outcome(failure), count, Long::sum));
        Map<String, Long> evictions = new TreeMap<>();
        counted.evictions().forEach((cause, count) -> evictions.put(cause.name(), count));
        return new DataKeyCacheStatistics(
                counted.hits(),
                counted.misses(),
                counted.negativeHits(),
                counted.kmsCalls(),
                counted.refreshes(),
                failures,
                evictions,
                counted.entries(),
                Duration.ofNanos(counted.totalLoadNanos()),
                Duration.ofNanos(counted.maxLoadNanos()));
    }

    static KmsOutcome outcome(@Nullable LoadFailure failure) {
        if (failure == null) {
            return KmsOutcome.SUCCESS;
        }
        return switch (failure) {
            case UNAVAILABLE -> KmsOutcome.UNAVAILABLE;
            case THROTTLED -> KmsOutcome.THROTTLED;
            case DENIED -> KmsOutcome.DENIED;
            case DISABLED -> KmsOutcome.DISABLED;
            case NOT_FOUND -> KmsOutcome.NOT_FOUND;
            case INVALID -> KmsOutcome.INVALID_CIPHERTEXT;
            case AUTHENTICATION -> KmsOutcome.UNAUTHENTICATED;
            case CONFIGURATION -> KmsOutcome.CONFIGURATION;
            case LIMIT -> KmsOutcome.LIMIT;
            case OTHER -> KmsOutcome.OTHER;
        };
    }

    @Override
    public void missed(KeyId key, CacheOperation operation) {
        events.cacheMissed(key.value(), operation.name());
    }

    @Override
    public void loaded(
            KeyId key, CacheOperation operation, boolean refresh, long nanos, @Nullable LoadFailure failure) {
        if (refresh) {
            events.cacheRefreshed(key.value(), operation.name(), nanos, outcome(failure));
        }
    }

    @Override
    public void evicted(KeyId key, CacheOperation operation, EvictionCause cause, long messages, long bytes) {
        events.cacheEvicted(key.value(), operation.name(), cause.name(), messages, bytes);
    }
}
