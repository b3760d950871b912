package dev.kmsenvelope.benchmarks.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DataKeyCycleTest {

    private static final Duration FOREVER = Duration.ofDays(30_000);

    private static Limits limits(Duration age, long messages) {
        return new Limits(age, messages, Long.MAX_VALUE);
    }

    @Test
    void withoutACacheEachMessageIsARequest() {
        for (Limits none : new Limits[] {limits(Duration.ZERO, 1000), limits(FOREVER, 1)}) {
            DataKeyCycle cycle = DataKeyCycle.of(50, none, 10);
            assertThat(cycle.served()).isEqualTo(1);
            assertThat(cycle.requests()).isEqualTo(50);
            assertThat(cycle.waiting()).isEqualTo(1);
            assertThat(cycle.held()).isZero();
            assertThat(cycle.present()).isZero();
        }
    }

    @Test
    void withoutAnAgeOnlyTheMessagesCount() {
        DataKeyCycle cycle = DataKeyCycle.of(50, limits(FOREVER, 1000), 10);
        assertThat(cycle.served()).isCloseTo(801, within(1e-6)); // the 801st finds less than a fifth left
        assertThat(cycle.waiting()).isZero();
        assertThat(cycle.present()).isCloseTo(1, within(1e-9));
    }

    @Test
    void tooFewMessagesToRefreshAheadAreWaitedFor() {
        DataKeyCycle cycle = DataKeyCycle.of(50, limits(FOREVER, 4), 10);
        assertThat(cycle.served()).isCloseTo(4, within(1e-9));
        assertThat(cycle.waiting()).isCloseTo(1, within(1e-9));
    }

    @Test
    void withoutALimitOfMessagesALifeIsTheRefreshAgeAndTheWaitForAMessage() {
        Limits minute = limits(Duration.ofMinutes(1), Long.MAX_VALUE);
        for (double rate : new double[] {0.001, 0.1, 1, 100, 1e6}) {
            DataKeyCycle cycle = DataKeyCycle.of(rate, minute, 10);
            assertThat(cycle.length()).isCloseTo(0.85 * 60 + 1 / rate, within(1e-6 * cycle.length()));
        }
    }

    @Test
    void aContextThatIsHardlyUsedWaitsEachTimeAndOneInSteadyUseNever() {
        Limits minute = limits(Duration.ofMinutes(1), 1L << 20);
        DataKeyCycle rare = DataKeyCycle.of(1e-6, minute, 10);
        assertThat(rare.waiting()).isCloseTo(1, within(1e-4));
        assertThat(rare.held()).isCloseTo(60, within(0.01)); // until it is too old
        assertThat(rare.present()).isCloseTo(6e-5, within(1e-7));
        DataKeyCycle steady = DataKeyCycle.of(1000, minute, 10);
        assertThat(steady.waiting()).isLessThan(1e-12);
        assertThat(steady.held()).isCloseTo(51, within(0.01)); // until it is replaced
        assertThat(steady.present()).isCloseTo(1, within(1e-9));
    }

    @Test
    void bytesCountAsMessagesWhereTheyAreTheLesserLimit() {
        Limits limits = new Limits(FOREVER, 1000, 10_000);
        assertThat(limits.messages(1)).isEqualTo(1000);
        assertThat(limits.messages(0)).isEqualTo(1000);
        assertThat(limits.messages(100)).isEqualTo(100);
        assertThat(limits.messages(99)).isEqualTo(102); // begun while a byte is left
        assertThat(limits.messages(1_000_000)).isEqualTo(1);
        assertThat(DataKeyCycle.of(50, limits, 100).served()).isCloseTo(81, within(1e-6));
    }

    @ParameterizedTest
    @CsvSource({"1, 3", "2, 0.5", "5, 4", "17, 20", "40, 10", "300, 290"})
    void theExpectedValuesAreThoseOfTheSums(long limit, double mean) {
        double served = 0;
        double power = 0;
        double probability = Math.exp(-mean);
        double z = 0.7;
        for (int n = 0; n < 2000; n++) {
            served += Math.min(limit, n + 1) * probability;
            power += Math.pow(z, (double) Math.min(limit, n + 1)) * probability;
            probability *= mean / (n + 1);
        }
        assertThat(PoissonCounts.expectedServed(limit, mean)).isCloseTo(served, within(1e-7 * served));
        assertThat(PoissonCounts.expectedPower(z, limit, mean)).isCloseTo(power, within(1e-7 * power + 1e-15));
    }

    @Test
    void greatNumbersAreNoTrouble() {
        assertThat(PoissonCounts.expectedServed(Long.MAX_VALUE, 1e9)).isCloseTo(1e9 + 1, within(10.0));
        assertThat(PoissonCounts.expectedServed(1L << 32, 1e12)).isEqualTo(0x1p32);
        assertThat(PoissonCounts.atMost(1e12, 1L << 32)).isZero();
        assertThat(PoissonCounts.atMost(0, 0)).isEqualTo(1);
        assertThat(PoissonCounts.atMost(5, -1)).isZero();
    }

    @Test
    void refusesLimitsThatCannotBe() {
        assertThatIllegalArgumentException().isThrownBy(() -> limits(Duration.ofSeconds(-1), 1));
        assertThatIllegalArgumentException().isThrownBy(() -> limits(FOREVER, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> new Limits(FOREVER, 1, 0));
    }
}
