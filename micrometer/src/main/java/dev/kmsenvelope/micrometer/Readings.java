package dev.kmsenvelope.micrometer;

import dev.kmsenvelope.provider.KmsEnvelope;
import dev.kmsenvelope.telemetry.KmsEnvelopeStatistics;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The figures, read once for all meters that are published together: a registry asks each meter for itself. Thread-safe; two
 * threads may read at the same time, and either reading is right.
 */
final class Readings {

    /** Those of this library: meters refer to it weakly, and it stays. */
    static final Readings ALL = new Readings(KmsEnvelope::statistics, System::nanoTime);

    /** Far below any interval at which metrics are published. */
    static final long KEEP_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    private final Supplier<KmsEnvelopeStatistics> source;
    private final LongSupplier clock;
    private volatile @Nullable Reading last;

    Readings(Supplier<KmsEnvelopeStatistics> source, LongSupplier clock) {
        this.source = source;
        this.clock = clock;
    }

    KmsEnvelopeStatistics now() {
        long time = clock.getAsLong();
        Reading reading = last;
        if (reading == null || time - reading.time >= KEEP_NANOS) {
            reading = new Reading(time, source.get());
            last = reading;
        }
        return reading.statistics;
    }

    private record Reading(long time, KmsEnvelopeStatistics statistics) {}
}
