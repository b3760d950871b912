package dev.kmsenvelope.benchmarks.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmsenvelope.benchmarks.keyservice.Latency;
import java.time.Duration;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** The model against the real library, in real time: its ages are a second, so this takes some. */
class FleetMeasurementTest {

    @Test
    void theRealLibraryAsksAsOftenAsTheModelSays() throws Exception {
        Limits second = new Limits(Duration.ofSeconds(1), 1L << 20, 64L << 30);
        Fleet fleet = TestFleets.of(TestFleets.traffic(3, 60, 1, 8, 0), second, second);
        Comparison comparison = FleetModel.compare(fleet, 7, 4, Latency.NONE);
        Assumptions.assumeTrue(comparison.isValid(), () -> "this machine is too busy: " + comparison.lines());
        assertThat(comparison.isExplained())
                .as(String.join("\n", comparison.lines()))
                .isTrue();
        assertThat(comparison.rows()).allMatch(row -> row.measured() > 0);
    }

    @Test
    void withoutACacheItAsksEachTime() throws Exception {
        Fleet fleet = TestFleets.of(TestFleets.traffic(2, 100, 1, 3, 0), TestFleets.NONE, TestFleets.NONE);
        try (FleetMeasurement measurement = new FleetMeasurement(fleet, 3, Latency.NONE)) {
            Calls calls = measurement.runUntil(0.5);
            assertThat(calls.generate()).isEqualTo(calls.written()).isPositive();
            assertThat(calls.decrypt()).isEqualTo(calls.read()).isEqualTo(calls.written());
        }
    }

    @Test
    void aDifferenceThatChanceDoesNotExplainIsSaid() {
        Fleet fleet = TestFleets.of(TestFleets.traffic(3, 60, 1, 8, 0), TestFleets.LIMITS, TestFleets.LIMITS);
        Calls twice = new Calls(100, 18_000, 18_000, 600, 1200, 60, 600);
        Comparison comparison = Comparison.of(fleet, twice, twice, 0.1);
        Assumptions.assumeTrue(comparison.isValid(), () -> "this machine is too busy: " + comparison.lines());
        assertThat(comparison.isExplained()).isFalse();
        assertThat(String.join("\n", comparison.lines())).contains("NOT EXPLAINED");
        assertThat(comparison.isValid()).isTrue();
        assertThat(Comparison.of(fleet, twice, twice, 1).isValid()).isFalse();
    }
}
