package dev.kmsenvelope.benchmarks.fleet;

import java.time.Duration;

/** A simulated cache for tests in other packages: refresh ages in the middle of what they can be. */
public final class SimulatedDataKeys {

    private final Limits limits;
    private final SimulatedCache cache;
    private long dataKeys;

    /**
     * Starts empty.
     *
     * @param maxAge of a data key
     * @param maxMessages of a data key
     */
    public SimulatedDataKeys(Duration maxAge, long maxMessages) {
        limits = new Limits(maxAge, maxMessages, Long.MAX_VALUE);
        cache = new SimulatedCache(1000, maxAge, () -> dataKeys++, () -> 0.5);
    }

    /** How many requests there were in all after one more message. */
    public long requestsAfter(int context, long nanos) {
        cache.use(context, nanos, limits, limits.messages(0));
        return cache.requests();
    }

    /** How many messages had to wait. */
    public long waits() {
        return cache.waits();
    }
}
