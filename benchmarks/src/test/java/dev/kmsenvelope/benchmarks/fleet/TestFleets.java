package dev.kmsenvelope.benchmarks.fleet;

import java.time.Duration;

/** Fleets for tests. */
final class TestFleets {

    static final Limits LIMITS = new Limits(Duration.ofSeconds(10), 1L << 20, 64L << 30);
    static final Limits NONE = new Limits(Duration.ZERO, 1L << 20, 64L << 30);
    static final Fleet.Service SERVICE = new Fleet.Service(0.03, 1, 2, 10_000);

    private TestFleets() {}

    static Fleet of(Fleet.Traffic traffic, Limits writing, Limits reading) {
        return new Fleet(traffic, writing, reading, 10_000, new Fleet.Restarts(0, Duration.ofSeconds(20)), SERVICE);
    }

    static Fleet.Traffic traffic(int processes, double writes, double readsPerWrite, int contexts, long archive) {
        return new Fleet.Traffic(processes, writes, readsPerWrite, 1000, contexts, 1, archive);
    }
}
