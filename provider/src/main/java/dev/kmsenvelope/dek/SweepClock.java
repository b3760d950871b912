package dev.kmsenvelope.dek;

import com.github.benmanes.caffeine.cache.Scheduler;
import com.github.benmanes.caffeine.cache.Ticker;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * The clock by which a cache removes what is too old. It stands still between the moments when something is stored or swept,
 * because reading the real one at each hit costs as much as all the rest of a hit; whether a data key may be used by its age
 * is decided by the real one, which is read once for that. Thread-safe.
 */
final class SweepClock implements Ticker {

    private final Ticker real;
    private volatile long now;
    private volatile @Nullable Future<?> next;

    SweepClock(Ticker real) {
        this.real = real;
        this.now = real.read();
    }

    @Override
    public long read() {
        return now;
    }

    /** Goes on to the real time; threads that meet here leave it at one of their times, which hardly differ. */
    void advance() {
        now = real.read();
    }

    /** A scheduler that sweeps at the real time. */
    Scheduler wake(Scheduler scheduler) {
        return (executor, sweep, delay, unit) -> {
            Future<?> scheduled = scheduler.schedule(
                    executor,
                    () -> {
                        advance();
                        sweep.run();
                    },
                    delay,
                    unit);
            next = scheduled;
            return scheduled;
        };
    }

    /** What ends the sweeps when the cache is no more, and does something besides; refers to neither the cache nor its entries. */
    Runnable stopping(Runnable besides) {
        return () -> {
            stop();
            besides.run();
        };
    }

    /** Sweeps no more: nothing is left that could become too old. */
    void stop() {
        Future<?> scheduled = next;
        if (scheduled != null) {
            scheduled.cancel(false);
        }
    }
}
