package dev.kmsenvelope.dek;

import dev.kmsenvelope.kms.KeyId;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** Counts what a cache does, and tells the observer. Thread-safe. */
final class CacheCounters {

    private final LongAdder hits = new LongAdder();
    private final LongAdder misses = new LongAdder();
    private final LongAdder negativeHits = new LongAdder();
    private final LongAdder calls = new LongAdder();
    private final LongAdder refreshes = new LongAdder();
    private final LongAdder totalNanos = new LongAdder();
    private final LongAccumulator maxNanos = new LongAccumulator(Math::max, 0);
    private final Map<LoadFailure, LongAdder> failures = adders(LoadFailure.class);
    private final Map<EvictionCause, LongAdder> evictions = adders(EvictionCause.class);

    private static <E extends Enum<E>> Map<E, LongAdder> adders(Class<E> type) {
        Map<E, LongAdder> adders = new EnumMap<>(type);
        for (E each : type.getEnumConstants()) {
            adders.put(each, new LongAdder());
        }
        return adders;
    }

    void hit() {
        hits.increment();
    }

    void negativeHit() {
        negativeHits.increment();
    }

    void missed(DataKeyRequest request) {
        misses.increment();
        KeyId key = request.key();
        CacheObservers.tell(observer -> observer.missed(key, request.operation()));
    }

    void loaded(DataKeyRequest request, boolean refresh, long nanos, @Nullable LoadFailure failure) {
        calls.increment();
        if (refresh) {
            refreshes.increment();
        }
        totalNanos.add(nanos);
        maxNanos.accumulate(nanos);
        if (failure != null) {
            count(failures, failure);
        }
        KeyId key = request.key();
        CacheObservers.tell(observer -> observer.loaded(key, request.operation(), refresh, nanos, failure));
    }

    void evicted(CachedDataKey entry, EvictionCause cause) {
        count(evictions, cause);
        DataKeyRequest request = entry.request();
        CacheObservers.tell(observer ->
                observer.evicted(request.key(), request.operation(), cause, entry.messageCount(), entry.byteCount()));
    }

    private static <E extends Enum<E>> void count(Map<E, LongAdder> adders, E what) {
        LongAdder adder = adders.get(what);
        if (adder != null) {
            adder.increment();
        }
    }

    CacheStatistics snapshot(long entries) {
        return new CacheStatistics(
                hits.sum(),
                misses.sum(),
                negativeHits.sum(),
                calls.sum(),
                refreshes.sum(),
                occurred(failures, LoadFailure.class),
                occurred(evictions, EvictionCause.class),
                entries,
                totalNanos.sum(),
                maxNanos.get());
    }

    private static <E extends Enum<E>> Map<E, Long> occurred(Map<E, LongAdder> adders, Class<E> type) {
        Map<E, Long> sums = new EnumMap<>(type);
        adders.forEach((each, adder) -> {
            if (adder.sum() > 0) {
                sums.put(each, adder.sum());
            }
        });
        return sums;
    }
}
