package dev.kmsenvelope.metering;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.concurrent.atomic.LongAdder;

/**
 * How long calls took. A bucket is a quarter of a power of two wide, so that the end of a bucket is at most 25 percent above
 * anything in it. Thread-safe; a snapshot that is taken while others add may have one call in one of its numbers and not yet
 * in another.
 */
final class Latencies {

    private static final int BITS = 2;
    private static final int BUCKETS = (Long.SIZE - BITS) << BITS;

    private final AtomicLongArray buckets = new AtomicLongArray(BUCKETS);
    private final LongAdder total = new LongAdder();
    private final LongAccumulator max = new LongAccumulator(Math::max, 0);

    /** Adds one call; a clock that went backwards counts as no time. */
    void add(long nanos) {
        long time = Math.max(0, nanos);
        buckets.incrementAndGet(bucket(time));
        total.add(time);
        max.accumulate(time);
    }

    static int bucket(long nanos) {
        int exponent = Long.SIZE - 1 - Long.numberOfLeadingZeros(nanos | 1);
        return exponent < BITS
                ? (int) nanos
                : ((exponent - BITS + 1) << BITS) + (int) ((nanos >>> (exponent - BITS)) & ((1 << BITS) - 1));
    }

    /** The largest time that falls into a bucket. */
    static long end(int bucket) {
        if (bucket < 1 << BITS) {
            return bucket;
        }
        int shift = (bucket >> BITS) - 1;
        long first = (long) ((1 << BITS) + (bucket & ((1 << BITS) - 1))) << shift;
        return first + (1L << shift) - 1;
    }

    Snapshot snapshot() {
        long[] counts = new long[BUCKETS];
        for (int i = 0; i < BUCKETS; i++) {
            counts[i] = buckets.get(i);
        }
        return new Snapshot(counts, total.sum(), max.get());
    }

    /** What was measured up to a moment. */
    static final class Snapshot {

        private final long[] counts;
        private final long total;
        private final long max;

        private Snapshot(long[] counts, long total, long max) {
            this.counts = counts;
            this.total = total;
            this.max = max;
        }

        static Snapshot empty() {
            return new Snapshot(new long[BUCKETS], 0, 0);
        }

        Snapshot plus(Snapshot other) {
            long[] sum = counts.clone();
            for (int i = 0; i < BUCKETS; i++) {
                sum[i] += other.counts[i];
            }
            return new Snapshot(sum, total + other.total, Math.max(max, other.max));
        }

        Duration total() {
            return Duration.ofNanos(total);
        }

        Duration max() {
            return Duration.ofNanos(max);
        }

        /** The time within which a share of the calls ended. */
        Duration percentile(double share) {
            long calls = 0;
            for (long count : counts) {
                calls += count;
            }
            long rank = Math.max(1, (long) Math.ceil(share * calls));
            long seen = 0;
            for (int i = 0; i < BUCKETS; i++) {
                seen += counts[i];
                if (seen >= rank) {
                    return Duration.ofNanos(Math.min(end(i), max));
                }
            }
            return Duration.ZERO;
        }
    }
}
