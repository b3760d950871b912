package dev.kmsenvelope.metering;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LatenciesTest {

    @Test
    void bucketsFollowEachOtherWithoutGapOrOverlap() {
        int last = Latencies.bucket(Long.MAX_VALUE);
        for (int bucket = 0; bucket < last; bucket++) {
            long end = Latencies.end(bucket);
            assertThat(Latencies.bucket(end)).isEqualTo(bucket);
            assertThat(Latencies.bucket(end + 1)).isEqualTo(bucket + 1);
        }
        assertThat(Latencies.end(last)).isEqualTo(Long.MAX_VALUE);
        assertThat(Latencies.bucket(0)).isZero();
    }

    @Test
    void theEndOfABucketIsAtMostAQuarterAboveWhatIsInIt() {
        Random random = new Random(7);
        for (int i = 0; i < 100_000; i++) {
            long nanos = random.nextLong() >>> (1 + random.nextInt(62));
            long end = Latencies.end(Latencies.bucket(nanos));
            assertThat(end).isGreaterThanOrEqualTo(nanos);
            assertThat((double) end).isLessThanOrEqualTo(nanos * 1.25 + 1);
        }
    }

    @Test
    void percentilesMaximumAndTotal() {
        Latencies latencies = new Latencies();
        for (int micros = 1; micros <= 1000; micros++) {
            latencies.add(micros * 1000L);
        }
        Latencies.Snapshot snapshot = latencies.snapshot();
        assertThat(snapshot.total()).isEqualTo(Duration.ofNanos(500_500_000));
        assertThat(snapshot.max()).isEqualTo(Duration.ofMillis(1));
        assertThat(snapshot.percentile(0.5)).isBetween(Duration.ofNanos(500_000), Duration.ofNanos(625_000));
        assertThat(snapshot.percentile(0.99)).isBetween(Duration.ofNanos(990_000), Duration.ofMillis(1));
        assertThat(snapshot.percentile(1)).isEqualTo(Duration.ofMillis(1));
    }

    @Test
    void nothingAndAClockThatWentBackwards() {
        assertThat(Latencies.Snapshot.empty().percentile(0.99)).isZero();
        Latencies latencies = new Latencies();
        latencies.add(-5);
        assertThat(latencies.snapshot().max()).isZero();
        assertThat(latencies.snapshot().total()).isZero();
    }

    @Test
    void twoAreAddedUp() {
        Latencies one = new Latencies();
        one.add(10);
        Latencies other = new Latencies();
        other.add(1_000_000);
        Latencies.Snapshot both = one.snapshot().plus(other.snapshot());
        assertThat(both.total()).isEqualTo(Duration.ofNanos(1_000_010));
        assertThat(both.max()).isEqualTo(Duration.ofMillis(1));
        assertThat(both.percentile(0.5)).isLessThan(Duration.ofNanos(16));
        assertThat(both.percentile(0.99)).isEqualTo(Duration.ofMillis(1));
    }
}
