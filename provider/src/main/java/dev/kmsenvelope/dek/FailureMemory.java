package dev.kmsenvelope.dek;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Scheduler;
import com.github.benmanes.caffeine.cache.Ticker;
import dev.kmsenvelope.kms.KmsException;
import java.time.Duration;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Remembers for a short time what a service failed with, so that a storm of callers does not become a storm of calls: the
 * failure of a call that several waited for, and the second one in a row. A single failure that one caller saw is not held
 * against the next call. What was remembered is dropped when it is too old, by the scheduler or, where that finds no thread,
 * when somebody looks for anything here: a failure refers to what it failed in, up to the services. Apart from the data keys, of which it pushes none out (RULES 13), and never larger than {@value
 * #MAX_BYTES} bytes, about. Thread-safe.
 */
final class FailureMemory {

    private static final long MAX_BYTES = 1 << 20;
    private static final Executor CALLER = Runnable::run;

    private final @Nullable Cache<DataKeyRequest, Remembered> failures;
    private final SweepClock sweeps;
    private final long maxAge;
    private volatile long latest;

    /**
     * Starts empty.
     *
     * @param maxAge for how long; zero for not at all
     * @param ticker tells the time
     * @param scheduler wakes this when something becomes too old
     */
    FailureMemory(Duration maxAge, Ticker ticker, Scheduler scheduler) {
        this.maxAge = maxAge.toNanos();
        this.sweeps = new SweepClock(ticker);
        this.failures = maxAge.isZero()
                ? null
                : Caffeine.newBuilder()
                        .maximumWeight(MAX_BYTES)
                        .weigher((DataKeyRequest request, Remembered failure) -> request.size())
                        .expireAfterWrite(maxAge)
                        .ticker(sweeps)
                        .scheduler(sweeps.wake(scheduler))
                        .executor(CALLER)
                        .build();
    }

    private record Remembered(KmsException failure, boolean isThrown) {}

    /** What is to be thrown rather than to ask; null to ask. */
    @Nullable
    KmsException find(DataKeyRequest request) {
        sweep();
        Remembered known = failures == null ? null : failures.getIfPresent(request);
        return known != null && known.isThrown() ? known.failure() : null;
    }

    void remember(DataKeyRequest request, Throwable failure, boolean severalWaited) {
        if (failures != null && failure instanceof KmsException known) {
            sweeps.advance();
            latest = sweeps.read();
            boolean again = failures.getIfPresent(request) != null;
            failures.put(request, new Remembered(known, severalWaited || again));
        }
    }

    void forget(DataKeyRequest request) {
        if (failures != null) {
            failures.invalidate(request);
        }
    }

    /** Drops what is too old, if all is: what is not will be dropped later. */
    void sweep() {
        sweeps.advance();
        if (failures != null && failures.estimatedSize() > 0 && sweeps.read() - latest >= maxAge) {
            failures.cleanUp();
        }
    }

    void clear() {
        if (failures != null) {
            failures.invalidateAll();
        }
    }

    /** Clears it, and wakes it no more. */
    void close() {
        clear();
        sweeps.stop();
    }

    /** What ends the waking when this is no more, and does something besides; does not refer to this. */
    Runnable stopping(Runnable besides) {
        return sweeps.stopping(besides);
    }

    /** How many there are, with those that are too old and were not dropped yet. */
    long size() {
        return failures == null ? 0 : failures.estimatedSize();
    }
}
