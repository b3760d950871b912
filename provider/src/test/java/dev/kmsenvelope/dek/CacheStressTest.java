package dev.kmsenvelope.dek;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.testing.Crowd;
import dev.kmsenvelope.testing.SteppingTicker;
import dev.kmsenvelope.testing.Weather;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tiny limits, evictions, flushes, rotations, refusals and outages at once, under many threads (RULES 13 and 16). */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class CacheStressTest {

    private static final int THREADS = 16;
    private static final Duration USUALLY = Duration.ofMillis(1500);
    private static final DataKeyUse USE = new DataKeyUse(0x0478, 32, true);

    @Test
    @DisplayName(
            "By the clock: every lease is of a whole and right key, no limit is passed, no call is made twice, all is wiped")
    void byTheClock() throws Exception {
        CacheStorm storm = new CacheStorm(Ticker.systemTicker());
        run(storm, storm::look, storm::look);
        assertThat(storm.service.flights.overlaps())
                .as("calls that were made while an equal one was under way")
                .isEmpty();
    }

    /** A flush does not end the calls that are under way, and others are made without regard to them. */
    @Test
    @DisplayName(
            "The same but for the calls with flushes, and a clock that jumps over all ages and over the largest number")
    void flushesAndAClockThatJumps() throws Exception {
        SteppingTicker ticker = new SteppingTicker();
        CacheStorm storm = new CacheStorm(ticker);
        Runnable flush = () -> {
            storm.look();
            storm.cache.flush();
        };
        run(storm, flush, () -> {
            storm.look();
            ticker.pass(Duration.ofMillis(ThreadLocalRandom.current().nextInt(40)));
        });
    }

    private static void run(CacheStorm storm, Runnable flush, Runnable time) throws Exception {
        Weather weather = new Weather(storm.service, CacheStorm.KEYS, CacheStorm.ALIASES, flush, time);
        Thread sky = new Thread(weather, "weather");
        sky.start();
        try (storm) {
            long deadline = Crowd.deadline(Crowd.stress(USUALLY));
            Crowd.each(THREADS, i -> () -> {
                storm.work(deadline);
                return null;
            });
            weather.end();
            sky.join();
            storm.cache.flush();
            storm.workOnce();
            storm.look();
        } finally {
            weather.end();
        }
        assertThat(storm.refused.get()).as("there was a storm").isPositive();
        assertThat(storm.served.get()).as("and work was done in it").isGreaterThan(THREADS);
        awaitEnd(storm);
        assertThat(storm.service.alive())
                .as("what the service gave and nobody wiped")
                .isZero();
        assertThat(storm.wiped.get()).as("each cached key is wiped, once").isEqualTo(storm.service.givenToKeep.get());
        assertThat(storm.seenCount()).isPositive();
        assertThat(storm.notWiped()).as("key bytes that are still there").isEmpty();
    }

    /** Calls that were under way when the cache was closed end by themselves. */
    private static void awaitEnd(CacheStorm storm) throws InterruptedException {
        for (int i = 0; i < 1000 && storm.wiped.get() < storm.service.givenToKeep.get(); i++) {
            Thread.sleep(10);
        }
    }

    @Test
    @DisplayName("A closed cache gives nothing")
    void closed() {
        CacheStorm storm = new CacheStorm(Ticker.systemTicker());
        storm.close();
        assertThatThrownBy(() -> CachingDataKeySource.forWriting(storm.cache, new DirectDataKeySource(storm.service))
                        .forEncryption(KeyId.of("alias/a"), USE, EncryptionContext.empty()))
                .isInstanceOf(IllegalStateException.class);
        assertThat(storm.service.given()).isZero();
    }
}
