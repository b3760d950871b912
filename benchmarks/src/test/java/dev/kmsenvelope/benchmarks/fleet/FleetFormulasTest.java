package dev.kmsenvelope.benchmarks.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

class FleetFormulasTest {

    @Test
    void withoutACacheEachMessageIsARequestAndHasAPrice() {
        Fleet fleet = TestFleets.of(TestFleets.traffic(10, 20, 3, 5, 0), TestFleets.NONE, TestFleets.NONE);
        Prediction prediction = FleetFormulas.predict(fleet);
        assertThat(prediction.requests().generate()).isCloseTo(200, within(1e-6));
        assertThat(prediction.requests().decrypt()).isCloseTo(600, within(1e-6));
        assertThat(prediction.requests().withoutCache()).isCloseTo(800, within(1e-6));
        assertThat(prediction.requests().factor()).isCloseTo(1, within(1e-9));
        assertThat(prediction.requests().shareOfQuota()).isCloseTo(0.08, within(1e-9));
        assertThat(prediction.latency().writingHits()).isCloseTo(0, within(1e-9));
        assertThat(prediction.latency().readingHits()).isCloseTo(0, within(1e-9));
        // 800 requests/s for 730 hours at 0.03 for 10,000
        assertThat(prediction.cost().requests()).isCloseTo(6307.2, within(1e-6));
        assertThat(prediction.cost().requestsWithoutCache()).isCloseTo(6307.2, within(1e-6));
        assertThat(prediction.cost().keys()).isEqualTo(2);
        assertThat(prediction.exposure().messagesMean()).isCloseTo(1, within(1e-9));
        assertThat(prediction.exposure().perProcess()).isZero();
        assertThat(prediction.exposure().lagMost()).isZero();
    }

    @Test
    void aFleetInSteadyUseAsksOncePerContextAndRefreshAge() {
        Fleet fleet = TestFleets.of(TestFleets.traffic(100, 1000, 0, 10, 0), TestFleets.LIMITS, TestFleets.LIMITS);
        Prediction prediction = FleetFormulas.predict(fleet);
        assertThat(prediction.requests().generate()).isCloseTo(100 * 10 / 8.5, Percentage.withPercentage(1));
        assertThat(prediction.requests().decrypt()).isZero();
        assertThat(prediction.latency().writingHits()).isGreaterThan(0.999999);
        assertThat(prediction.latency().readingHits()).isEqualTo(1);
        assertThat(prediction.exposure().perProcess()).isCloseTo(10, within(0.01));
        assertThat(prediction.exposure().copies()).isCloseTo(1, within(1e-9));
    }

    @Test
    void readersMeetTheDataKeysOfAllProcesses() {
        Fleet fleet = TestFleets.of(TestFleets.traffic(50, 10_000, 1, 1, 0), TestFleets.LIMITS, TestFleets.LIMITS);
        Prediction prediction = FleetFormulas.predict(fleet);
        double dataKeys = 50 / 8.5;
        assertThat(prediction.requests().generate()).isCloseTo(dataKeys, Percentage.withPercentage(1));
        assertThat(prediction.requests().decrypt()).isGreaterThan(50 * dataKeys).isLessThan(1.7 * 50 * dataKeys);
        assertThat(prediction.exposure().copies()).isCloseTo(51, within(0.01));

        // Readers whose greatest age is well above the writers' decrypt each data key once.
        Fleet longer = TestFleets.of(
                fleet.traffic(), TestFleets.LIMITS, new Limits(Duration.ofSeconds(20), 1L << 20, 64L << 30));
        assertThat(FleetFormulas.predict(longer).requests().decrypt())
                .isCloseTo(50 * dataKeys, Percentage.withPercentage(1));
    }

    @Test
    void withoutRoomOnlyThePopularContextsAreCached() {
        Fleet.Traffic traffic = TestFleets.traffic(1, 10_000, 0, 100, 0);
        Fleet fleet = TestFleets.of(traffic, TestFleets.LIMITS, TestFleets.LIMITS);
        Fleet little = new Fleet(traffic, fleet.writing(), fleet.reading(), 40, fleet.restarts(), fleet.service());
        double uncached = 0;
        for (int i = 40; i < 100; i++) {
            uncached += 10_000 * traffic.popularity().share(i);
        }
        assertThat(FleetFormulas.predict(little).requests().generate())
                .isCloseTo(uncached + 40 / 8.5, Percentage.withPercentage(1));
        assertThat(FleetFormulas.predict(little).exposure().perProcess()).isCloseTo(40, within(0.01));
    }

    @Test
    void restartsAskForHalfOfWhatIsThereAgain() {
        Fleet fleet = TestFleets.of(TestFleets.traffic(100, 1000, 0, 10, 0), TestFleets.LIMITS, TestFleets.LIMITS);
        Fleet restarting = new Fleet(
                fleet.traffic(),
                fleet.writing(),
                fleet.reading(),
                fleet.maxEntries(),
                new Fleet.Restarts(864, Duration.ofSeconds(20)),
                fleet.service());
        assertThat(FleetFormulas.predict(restarting).requests().restarts())
                .isCloseTo(100 * 0.01 * 10 / 2, Percentage.withPercentage(1));
        assertThat(FleetFormulas.predict(fleet).requests().restarts()).isZero();
    }

    @Test
    void aStartAsksForAllContextsOfAllProcesses() {
        Fleet fleet = TestFleets.of(TestFleets.traffic(100, 1e6, 0, 10, 0), TestFleets.LIMITS, TestFleets.LIMITS);
        Prediction.Start start = FleetFormulas.predict(fleet).start();
        assertThat(start.requests()).isCloseTo(1000, within(1.0));
        assertThat(start.peak()).isCloseTo(50, within(0.5)); // 5 processes a second
        assertThat(start.shareOfQuota()).isCloseTo(0.005, within(0.0001));
        assertThat(start.secondsAtQuota()).isCloseTo(0.1, within(0.001));
    }

    @Test
    void popularityFollowsZipfsLaw() {
        Popularity popularity = new Popularity(3, 1);
        assertThat(popularity.share(0)).isCloseTo(6.0 / 11, within(1e-12));
        assertThat(popularity.share(2)).isCloseTo(2.0 / 11, within(1e-12));
        assertThat(new Popularity(4, 0).share(3)).isCloseTo(0.25, within(1e-12));
        assertThatIllegalArgumentException().isThrownBy(() -> new Popularity(0, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> new Popularity(1, -1));
    }
}
