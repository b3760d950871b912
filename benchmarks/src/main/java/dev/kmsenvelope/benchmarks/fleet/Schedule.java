package dev.kmsenvelope.benchmarks.fleet;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * What happens in a fleet and when, drawn from a seed: the same seed gives the same. All processes write independently of
 * each other; together, that is one Poisson process, of whose messages each belongs to any process with the same probability.
 * Not thread-safe.
 */
final class Schedule {

    private static final double SECONDS_PER_DAY = 86_400;

    private final Fleet.Traffic traffic;
    private final Popularity popularity;
    private final SplittableRandom random;
    private final double writes;
    private final double archiveReads;
    private final double rate;
    private double now;

    Schedule(Fleet fleet, long seed) {
        traffic = fleet.traffic();
        popularity = traffic.popularity();
        random = new SplittableRandom(seed);
        writes = traffic.processes() * traffic.writes();
        archiveReads = traffic.archive() > 0 ? traffic.processes() * traffic.reads() : 0;
        rate = writes + archiveReads + traffic.processes() * fleet.restarts().perDay() / SECONDS_PER_DAY;
    }

    /** Something that happens at a time, in nanoseconds from the start. */
    sealed interface Event {
        long nanos();
    }

    /** A process writes a message, which those processes read at once. */
    record Write(long nanos, int process, int context, List<Integer> readers) implements Event {}

    /** A process reads a message that is under one of the data keys of the stock. */
    record ArchiveRead(long nanos, int process, int context, long dataKey) implements Event {}

    /** A process loses what it has cached. */
    record Restart(long nanos, int process) implements Event {}

    /** What happens next; there is no end. */
    Event next() {
        now -= Math.log(1 - random.nextDouble()) / rate;
        long nanos = (long) (now * 1e9);
        double kind = random.nextDouble() * rate;
        int process = random.nextInt(traffic.processes());
        if (kind < writes) {
            return new Write(nanos, process, popularity.draw(random), readers());
        }
        if (kind < writes + archiveReads) {
            return new ArchiveRead(nanos, process, popularity.draw(random), random.nextLong(traffic.archive()));
        }
        return new Restart(nanos, process);
    }

    private List<Integer> readers() {
        if (traffic.archive() > 0 || traffic.readsPerWrite() == 0) {
            return List.of();
        }
        int whole = (int) traffic.readsPerWrite();
        int readings = whole + (random.nextDouble() < traffic.readsPerWrite() - whole ? 1 : 0);
        List<Integer> readers = new ArrayList<>(readings);
        for (int i = 0; i < readings; i++) {
            readers.add(random.nextInt(traffic.processes()));
        }
        return readers;
    }
}
