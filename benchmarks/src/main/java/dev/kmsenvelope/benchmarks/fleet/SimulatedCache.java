package dev.kmsenvelope.benchmarks.fleet;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;

/**
 * The cache of one process as the model sees it: the rules of the real one without keys, threads and waiting. What to keep
 * when room is short is left to the same library as in the real one. Not thread-safe.
 */
final class SimulatedCache {

    private final Cache<Long, Entry> entries;
    private final LongSupplier dataKeys;
    private final DoubleSupplier chance;
    private long now;
    private long requests;
    private long waits;

    /** A data key in the cache. */
    private static final class Entry {
        private final long dataKey;
        private final long refreshAt;
        private final long tooOldAt;
        private long uses;

        private Entry(long dataKey, long refreshAt, long tooOldAt) {
            this.dataKey = dataKey;
            this.refreshAt = refreshAt;
            this.tooOldAt = tooOldAt;
        }
    }

    /**
     * @param room how many data keys are kept
     * @param maxAge for how long one can be of use at most
     * @param dataKeys numbers the data keys
     * @param chance decides between the earliest and the latest refresh age: from 0 to 1
     */
    SimulatedCache(long room, Duration maxAge, LongSupplier dataKeys, DoubleSupplier chance) {
        this.dataKeys = dataKeys;
        this.chance = chance;
        entries = Caffeine.newBuilder()
                .maximumSize(room)
                .expireAfterWrite(maxAge)
                .executor(Runnable::run)
                .ticker(() -> now)
                .build();
    }

    /**
     * Uses a data key for one message.
     *
     * @param id tells what for: a context to write in or a data key to read with
     * @param nanos when; never less than before
     * @param limits for how long
     * @param messages for how many messages at most
     * @return the number of the data key that the message is under
     */
    long use(long id, long nanos, Limits limits, long messages) {
        now = nanos;
        if (!limits.isCaching()) {
            requests++;
            waits++;
            return dataKeys.getAsLong();
        }
        Entry entry = entries.getIfPresent(id);
        if (entry == null || nanos >= entry.tooOldAt || entry.uses >= messages) {
            waits++;
            entry = load(id, limits);
        }
        entry.uses++;
        if (nanos >= entry.refreshAt || entry.uses >= Limits.refreshingMessage(messages)) {
            load(id, limits);
        }
        return entry.dataKey;
    }

    private Entry load(long id, Limits limits) {
        requests++;
        long refresh = (long) (1e9 * limits.refreshAge(chance.getAsDouble()));
        Entry entry = new Entry(
                dataKeys.getAsLong(), now + refresh, now + limits.maxAge().toNanos());
        entries.put(id, entry);
        return entry;
    }

    /** Loses everything. */
    void restart() {
        entries.invalidateAll();
    }

    /** Requests to the key service so far. */
    long requests() {
        return requests;
    }

    /** How many of them a message had to wait for. */
    long waits() {
        return waits;
    }
}
