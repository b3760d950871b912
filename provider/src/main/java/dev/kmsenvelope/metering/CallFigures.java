package dev.kmsenvelope.metering;

import dev.kmsenvelope.telemetry.KmsCallStatistics;
import dev.kmsenvelope.telemetry.KmsOutcome;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;

/** The calls of one operation of one service. Thread-safe. */
final class CallFigures {

    private final Map<KmsOutcome, AtomicLong> outcomes = new EnumMap<>(KmsOutcome.class);
    private final Latencies latencies = new Latencies();

    CallFigures() {
        for (KmsOutcome outcome : KmsOutcome.values()) {
            outcomes.put(outcome, new AtomicLong());
        }
    }

    void add(KmsOutcome outcome, long nanos) {
        Objects.requireNonNull(outcomes.get(outcome)).incrementAndGet();
        latencies.add(nanos);
    }

    Snapshot snapshot() {
        Map<KmsOutcome, Long> counts = new EnumMap<>(KmsOutcome.class);
        outcomes.forEach((outcome, counted) -> {
            long count = counted.get();
            if (count > 0) {
                counts.put(outcome, count);
            }
        });
        return new Snapshot(counts, latencies.snapshot());
    }

    /** The calls up to a moment. */
    record Snapshot(Map<KmsOutcome, Long> outcomes, Latencies.Snapshot latencies) {

        static Snapshot empty() {
            return new Snapshot(Map.of(), Latencies.Snapshot.empty());
        }

        Snapshot plus(Snapshot other) {
            Map<KmsOutcome, Long> sum = new EnumMap<>(KmsOutcome.class);
            sum.putAll(outcomes);
            other.outcomes.forEach((outcome, count) -> sum.merge(outcome, count, Long::sum));
            return new Snapshot(sum, latencies.plus(other.latencies));
        }

        KmsCallStatistics statistics() {
            Map<KmsOutcome, Long> failures = new EnumMap<>(KmsOutcome.class);
            failures.putAll(outcomes);
            failures.remove(KmsOutcome.SUCCESS);
            return new KmsCallStatistics(
                    outcomes.values().stream().mapToLong(Long::longValue).sum(),
                    failures,
                    latencies.total(),
                    latencies.max(),
                    latencies.percentile(0.5),
                    latencies.percentile(0.95),
                    latencies.percentile(0.99));
        }
    }
}
