package dev.kmsenvelope.dek;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.RemovalCause;
import com.github.benmanes.caffeine.cache.Scheduler;
import com.github.benmanes.caffeine.cache.Ticker;
import org.jspecify.annotations.Nullable;

/** Where cached data keys stand: so many as there is room for, each until it is too old. What leaves is retired. Thread-safe. */
final class Shelf {

    private static final int KIBIBYTE = 1024;

    private final CacheCounters counters;
    private final SweepClock sweeps;
    private final Cache<DataKeyRequest, CachedDataKey> entries;

    /** Held to put and to clear, so that nothing that was asked for before a flush stands here after it. */
    private final Object changing = new Object();

    private volatile long generation;
    private volatile boolean closed;

    /**
     * Starts empty.
     *
     * @param room how many data keys there is room for; one of more than 1 KiB takes the place of several
     * @param ticker tells the time
     * @param scheduler wakes this when something becomes too old
     * @param counters are told what left
     */
    Shelf(int room, Ticker ticker, Scheduler scheduler, CacheCounters counters) {
        this.counters = counters;
        this.sweeps = new SweepClock(ticker);
        this.entries = Caffeine.newBuilder()
                .maximumWeight(room)
                .weigher((DataKeyRequest request, CachedDataKey entry) -> 1 + (entry.size() - 1) / KIBIBYTE)
                .expireAfter(new Lifetime())
                .ticker(sweeps)
                .scheduler(sweeps.wake(scheduler))
                .executor(Runnable::run)
                .removalListener(this::removed)
                .build();
    }

    private static final class Lifetime implements Expiry<DataKeyRequest, CachedDataKey> {

        @Override
        public long expireAfterCreate(DataKeyRequest request, CachedDataKey entry, long now) {
            return Math.max(0, entry.refresh().graceEndsAt() - now);
        }

        @Override
        public long expireAfterUpdate(DataKeyRequest request, CachedDataKey entry, long now, long rest) {
            return expireAfterCreate(request, entry, now);
        }

        @Override
        public long expireAfterRead(DataKeyRequest request, CachedDataKey entry, long now, long rest) {
            return rest;
        }
    }

    /** Whoever drops an entry for a reason of his own has retired it before. */
    private void removed(@Nullable DataKeyRequest request, @Nullable CachedDataKey entry, RemovalCause cause) {
        if (entry != null) {
            retire(
                    entry,
                    switch (cause) {
                        case EXPIRED -> EvictionCause.EXPIRED;
                        case SIZE -> EvictionCause.SIZE;
                        case REPLACED -> EvictionCause.REPLACED;
                        case EXPLICIT, COLLECTED -> closed ? EvictionCause.CLOSED : EvictionCause.FLUSHED;
                    });
        }
    }

    private void retire(CachedDataKey entry, EvictionCause cause) {
        if (entry.retire(cause)) {
            counters.evicted(entry, cause);
        }
    }

    /** What stands here, which may be too old. */
    @Nullable
    CachedDataKey get(DataKeyRequest request) {
        return entries.getIfPresent(request);
    }

    void drop(CachedDataKey entry, EvictionCause cause) {
        retire(entry, cause);
        entries.asMap().remove(entry.request(), entry);
    }

    /** Puts a data key in the place of what stands there; not one that was asked for in another generation. */
    boolean put(long askedIn, CachedDataKey made) {
        synchronized (changing) {
            if (closed || askedIn != generation) {
                return false;
            }
            sweeps.advance();
            entries.put(made.request(), made);
            return true;
        }
    }

    /** Counts how often this was cleared. */
    long generation() {
        return generation;
    }

    boolean isClosed() {
        return closed;
    }

    long size() {
        sweeps.advance();
        entries.cleanUp();
        return entries.estimatedSize();
    }

    void clear() {
        synchronized (changing) {
            generation++; // by one thread at a time
            entries.invalidateAll();
        }
    }

    /** Clears it, and lets nothing be put here any more. */
    void close() {
        synchronized (changing) {
            closed = true;
            clear();
            sweeps.stop();
        }
    }
}
