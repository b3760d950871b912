package dev.kmsenvelope.benchmarks.fleet;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.DoubleSupplier;

/**
 * A fleet, message by message: what the formulas average over, drawn from a seed. It starts with empty caches; all processes
 * start at once, or over the window of {@link Fleet.Restarts}. Not thread-safe.
 */
final class FleetSimulation {

    /** What one cache serves; reading and writing share its room. */
    private static final class Member {
        private final SimulatedCache cache;
        private final long startsAt;

        private Member(SimulatedCache cache, long startsAt) {
            this.cache = cache;
            this.startsAt = startsAt;
        }
    }

    private final Fleet fleet;
    private final Schedule schedule;
    private final List<Member> processes = new ArrayList<>();
    private final long messages;
    private final long readMessages;
    private final boolean startsOverWindow;
    private long dataKeys;
    private long now;
    private long written;
    private long read;
    private long generate;
    private long decrypt;
    private long writingWaits;
    private long readingWaits;
    private long second;
    private long inSecond;
    private long peak;
    private Schedule.Event next;

    /** As {@link #FleetSimulation(Fleet, long, boolean, DoubleSupplier)}, with refresh ages drawn from the seed too. */
    FleetSimulation(Fleet fleet, long seed, boolean startsOverWindow) {
        this(fleet, seed, startsOverWindow, new SplittableRandom(~seed)::nextDouble);
    }

    /**
     * @param fleet what is simulated
     * @param seed what happens
     * @param startsOverWindow whether processes start one by one over the window
     * @param chance decides between the earliest and the latest refresh age: from 0 to 1
     */
    FleetSimulation(Fleet fleet, long seed, boolean startsOverWindow, DoubleSupplier chance) {
        this.fleet = fleet;
        this.startsOverWindow = startsOverWindow;
        schedule = new Schedule(fleet, seed);
        messages = fleet.writing().messages(fleet.traffic().messageBytes());
        readMessages = fleet.reading().messages(fleet.traffic().messageBytes());
        long window = startsOverWindow ? fleet.restarts().window().toNanos() : 0;
        int count = fleet.traffic().processes();
        for (int i = 0; i < count; i++) {
            long startsAt = (long) (window * ((i + 0.5) / count));
            processes.add(new Member(
                    new SimulatedCache(fleet.maxEntries(), fleet.longestAge(), () -> dataKeys++, chance), startsAt));
        }
        next = schedule.next();
    }

    /**
     * Lets time pass.
     *
     * @param seconds until when, from the start of the simulation
     * @return what happened since the start of the simulation
     */
    Calls runUntil(double seconds) {
        while (next.nanos() < seconds * 1e9) {
            step();
        }
        return new Calls(seconds, written, read, generate, decrypt, writingWaits, readingWaits);
    }

    /** Does what comes next. */
    Schedule.Event step() {
        Schedule.Event event = next;
        now = event.nanos();
        if (event instanceof Schedule.Write write) {
            write(write);
        } else if (event instanceof Schedule.ArchiveRead archived) {
            Member reader = processes.get(archived.process());
            if (now >= reader.startsAt) {
                read(reader, archived.context() * fleet.traffic().archive() + archived.dataKey());
            }
        } else if (event instanceof Schedule.Restart restart) {
            processes.get(restart.process()).cache.restart();
        }
        next = schedule.next();
        return event;
    }

    private void write(Schedule.Write write) {
        Member writer = processes.get(write.process());
        if (now < writer.startsAt) {
            return;
        }
        SimulatedCache cache = writer.cache;
        long requests = cache.requests();
        long waits = cache.waits();
        long dataKey = cache.use(-1L - write.context(), now, fleet.writing(), messages);
        written++;
        generate += count(cache.requests() - requests);
        writingWaits += cache.waits() - waits;
        for (int reader : write.readers()) {
            if (startsOverWindow && now < processes.get(reader).startsAt) {
                continue;
            }
            read(processes.get(reader), dataKey);
        }
    }

    private void read(Member reader, long dataKey) {
        SimulatedCache cache = reader.cache;
        long requests = cache.requests();
        long waits = cache.waits();
        cache.use(dataKey, now, fleet.reading(), readMessages);
        read++;
        decrypt += count(cache.requests() - requests);
        readingWaits += cache.waits() - waits;
    }

    private long count(long requests) {
        long current = now / 1_000_000_000;
        if (current != second) {
            second = current;
            inSecond = 0;
        }
        inSecond += requests;
        peak = Math.max(peak, inSecond);
        return requests;
    }

    /** Requests of both kinds in the worst whole second so far. */
    long peak() {
        return peak;
    }
}
