package dev.kmsenvelope.benchmarks.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The formulas against the simulation that they are an average of. The seed is fixed, so that nothing is left to chance. */
class FleetSimulationTest {

    private static final double WARM_UP = 30;

    private static Calls simulate(Fleet fleet, double seconds) {
        FleetSimulation simulation = new FleetSimulation(fleet, 42, false);
        Calls before = simulation.runUntil(WARM_UP);
        return simulation.runUntil(WARM_UP + seconds).since(before);
    }

    @ParameterizedTest
    @CsvSource({
        // processes, writes/s, reads per write, contexts, messages per data key, reading age
        "1, 100, 0, 50, 1048576, 10",
        "1, 100, 1, 50, 1048576, 10",
        "4, 50, 1, 30, 1048576, 10",
        "4, 50, 1, 30, 20, 10",
        "4, 50, 1, 30, 3, 10",
        "8, 50, 2.5, 10, 1048576, 4",
        "8, 50, 1, 10, 1048576, 20",
        "20, 10, 1, 5, 1048576, 10",
        "2, 5, 1, 300, 1048576, 10",
    })
    void theFormulasAreTheAverage(
            int processes, double writes, double reads, int contexts, long messages, int readingAge) {
        Fleet fleet = TestFleets.of(
                TestFleets.traffic(processes, writes, reads, contexts, 0),
                new Limits(Duration.ofSeconds(10), messages, 64L << 30),
                new Limits(Duration.ofSeconds(readingAge), 1L << 20, 64L << 30));
        double seconds = 200_000 / (processes * writes);
        Calls calls = simulate(fleet, Math.max(300, seconds));
        Prediction prediction = FleetFormulas.predict(fleet);
        assertThat(calls.generate() / calls.seconds())
                .as("generate")
                .isCloseTo(prediction.requests().generate(), Percentage.withPercentage(2.5));
        assertThat(calls.writingWaits() / (double) calls.written())
                .as("writing waits")
                .isCloseTo(1 - prediction.latency().writingHits(), within(0.004));
        if (reads > 0) {
            assertThat(calls.decrypt() / calls.seconds())
                    .as("decrypt")
                    .isCloseTo(prediction.requests().decrypt(), Percentage.withPercentage(6));
            assertThat(calls.readingWaits() / (double) calls.read())
                    .as("reading waits")
                    .isCloseTo(1 - prediction.latency().readingHits(), within(0.02));
        }
    }

    @Test
    void anArchiveIsReadAsTheFormulasSay() {
        Fleet fleet = TestFleets.of(TestFleets.traffic(3, 1, 200, 5, 40), TestFleets.LIMITS, TestFleets.LIMITS);
        Calls calls = simulate(fleet, 300);
        Prediction prediction = FleetFormulas.predict(fleet);
        assertThat(calls.decrypt() / calls.seconds())
                .isCloseTo(prediction.requests().decrypt(), Percentage.withPercentage(2.5));
    }

    @Test
    void whatThereIsNoRoomForIsAskedForEachTime() {
        Fleet.Traffic traffic = TestFleets.traffic(1, 1000, 0, 400, 0);
        Fleet fleet = new Fleet(
                traffic,
                TestFleets.LIMITS,
                TestFleets.LIMITS,
                100,
                new Fleet.Restarts(0, Duration.ofSeconds(20)),
                TestFleets.SERVICE);
        Calls calls = simulate(fleet, 200);
        Prediction prediction = FleetFormulas.predict(fleet);
        // What the cache keeps is not quite what is used most.
        assertThat(calls.generate() / calls.seconds())
                .isBetween(
                        0.85 * prediction.requests().generate(),
                        1.25 * prediction.requests().generate());
    }

    @Test
    void dataKeysThatNobodyUsesAnyMoreTakeRoom() {
        // 400 data keys in use per reader, and four times as many that are not too old yet
        Fleet.Traffic traffic = TestFleets.traffic(20, 100, 1, 20, 0);
        Fleet fleet = new Fleet(
                traffic,
                TestFleets.LIMITS,
                new Limits(Duration.ofSeconds(40), 1L << 20, 64L << 30),
                600,
                new Fleet.Restarts(0, Duration.ofSeconds(20)),
                TestFleets.SERVICE);
        Calls calls = simulate(fleet, 100);
        Prediction prediction = FleetFormulas.predict(fleet);
        // A data key that was used much keeps its place for a while from one that will be.
        assertThat(calls.decrypt() / calls.seconds())
                .isBetween(
                        0.95 * prediction.requests().decrypt(),
                        1.5 * prediction.requests().decrypt());
    }

    @Test
    void aStartIsAsBadAsTheFormulasSay() {
        Fleet fleet = TestFleets.of(TestFleets.traffic(100, 20, 1, 20, 0), TestFleets.LIMITS, TestFleets.LIMITS);
        FleetSimulation simulation = new FleetSimulation(fleet, 42, true);
        simulation.runUntil(20);
        assertThat((double) simulation.peak())
                .isCloseTo(FleetFormulas.predict(fleet).start().peak(), Percentage.withPercentage(20));
    }

    @Test
    void restartsCostRequests() {
        Fleet calm = TestFleets.of(TestFleets.traffic(10, 100, 0, 20, 0), TestFleets.LIMITS, TestFleets.LIMITS);
        Fleet restless = new Fleet(
                calm.traffic(),
                calm.writing(),
                calm.reading(),
                calm.maxEntries(),
                new Fleet.Restarts(864, Duration.ofSeconds(20)),
                calm.service());
        double more = (simulate(restless, 500).generate() - simulate(calm, 500).generate()) / 500.0;
        assertThat(more)
                .isCloseTo(FleetFormulas.predict(restless).requests().restarts(), Percentage.withPercentage(35));
    }

    @Test
    void theSameSeedGivesTheSame() {
        Fleet fleet = TestFleets.of(TestFleets.traffic(3, 10, 1.5, 7, 0), TestFleets.LIMITS, TestFleets.LIMITS);
        assertThat(new FleetSimulation(fleet, 5, false).runUntil(50))
                .isEqualTo(new FleetSimulation(fleet, 5, false).runUntil(50))
                .isNotEqualTo(new FleetSimulation(fleet, 6, false).runUntil(50));
    }
}
