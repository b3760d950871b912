package dev.kmsenvelope.dek;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmsenvelope.benchmarks.fleet.SimulatedDataKeys;
import dev.kmsenvelope.benchmarks.keyservice.DelayedKeyService;
import dev.kmsenvelope.benchmarks.keyservice.Latency;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyId;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/**
 * The simulated cache of the fleet model beside the real one with the same clock, message by message: nothing is left to
 * chance. It is in this package for the clock.
 */
class TickedCacheTest {

    private static final KeyId KEY = KeyId.of("alias/ticked");
    private static final DataKeyUse USE = new DataKeyUse(0x0478, 32, true);
    private static final Duration AGE = Duration.ofSeconds(10);

    @Test
    void theSimulationAsksExactlyWhenTheCacheDoes() throws InterruptedException {
        compare(1L << 20, 2.0);
        compare(1L << 20, 0.2);
        compare(20, 20.0);
        compare(3, 5.0);
    }

    private static void compare(long maxMessages, double perSecond) throws InterruptedException {
        CacheSettings.Limits limits = new CacheSettings.Limits(AGE, maxMessages, 1L << 40);
        CacheSettings settings =
                new CacheSettings(limits, limits, 1000, Duration.ZERO, Duration.ofSeconds(1), Optional.empty());
        SimulatedDataKeys simulated = new SimulatedDataKeys(AGE, maxMessages);
        AtomicLong now = new AtomicLong();
        Random random = new Random(9);
        try (DelayedKeyService service = DelayedKeyService.inMemory(Latency.NONE, List.of(KEY));
                DataKeyCache cache = new DataKeyCache(settings, () -> {}, now::get, () -> 0.5)) {
            DataKeySource source =
                    new CachingDataKeySource(cache, new DirectDataKeySource(service), "reader", (key, blob) -> true);
            for (int message = 0; message < 400; message++) {
                now.addAndGet((long) (-Math.log(1 - random.nextDouble()) / perSecond * 1e9 / 3));
                int context = random.nextInt(3);
                long expected = simulated.requestsAfter(context, now.get());
                EncryptionContext encryptionContext = EncryptionContext.of(Map.of("tenant", Integer.toString(context)));
                source.forEncryption(KEY, USE, encryptionContext).close();
                awaitRequests(cache, expected);
                assertThat(service.counts().generateDataKey())
                        .as("message %d of %d per data key", message, maxMessages)
                        .isEqualTo(expected);
            }
            assertThat(simulated.waits()).isEqualTo(cache.statistics().misses());
        }
    }

    /** What is asked in the background is over when it took its place; the time that runs here is not the cache's. */
    private static void awaitRequests(DataKeyCache cache, long expected) throws InterruptedException {
        for (int i = 0; i < 10_000; i++) {
            CacheStatistics statistics = cache.statistics();
            long replaced = statistics.evictions().getOrDefault(EvictionCause.REPLACED, 0L);
            if (statistics.kmsCalls() == expected && replaced == statistics.refreshes()) {
                Thread.sleep(1);
                return;
            }
            Thread.sleep(1);
        }
    }
}
