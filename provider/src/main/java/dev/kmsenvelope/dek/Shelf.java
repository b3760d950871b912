package dev.kmsenvelope.dek;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.RemovalCause;
import com.github.benmanes.caffeine.cache.Scheduler;
import com.github.benmanes.caffeine.cache.Ticker;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Where cached data keys stand: so many as there is room for, each until it is too old. What leaves is retired. Thread-safe.
 *
 * <p>What was found of late is found again without asking Caffeine, which for each read writes to memory that all threads
 * share. One read in {@value #SAMPLE} asks it all the same, so that it knows what is used. A retired entry is never found so,
 * and nothing leaves without being retired.
 */
final class Shelf {

    private static final int KIBIBYTE = 1024;

    /** A power of two. */
    private static final int RECENT = 64;

    /** A power of two. */
    private static final int SAMPLE = 64;

    private final CacheCounters counters;
    private final SweepClock sweeps;
    private final Cache<DataKeyRequest, CachedDataKey> entries;
    private final AtomicReferenceArray<@Nullable CachedDataKey> recent = new AtomicReferenceArray<>(RECENT);

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
            recent.compareAndSet(slot(entry.request()), entry, null);
            counters.evicted(entry, cause);
        }
    }

    private static int slot(DataKeyRequest request) {
        int hash = request.hashCode();
        return (hash ^ hash >>> 16) & (RECENT - 1);
    }

    /** What stands here, which may be too old. */
    @Nullable
    CachedDataKey get(DataKeyRequest request) {
        int slot = slot(request);
        CachedDataKey seen = recent.get(slot);
        if (seen != null
                && (ThreadLocalRandom.current().nextInt() & (SAMPLE - 1)) != 0
                && !seen.isRetired()
                && seen.request().equals(request)) {
            return seen;
        }
        CachedDataKey entry = entries.getIfPresent(request);
        if (entry != null && entry != seen) {
            recent.set(slot, entry);
        }
        return entry;
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

    /** What ends the sweeps when this is no more, and does something besides; does not refer to this. */
    Runnable stopping(Runnable besides) {
        return sweeps.stopping(besides);
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
