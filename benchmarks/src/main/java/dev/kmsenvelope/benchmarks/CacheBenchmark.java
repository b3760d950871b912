package dev.kmsenvelope.benchmarks;

import dev.kmsenvelope.benchmarks.contenders.MemoryKeyService;
import dev.kmsenvelope.dek.CacheSettings;
import dev.kmsenvelope.dek.CacheSettings.Limits;
import dev.kmsenvelope.dek.CachingDataKeySource;
import dev.kmsenvelope.dek.DataKeyCache;
import dev.kmsenvelope.dek.DataKeyLease;
import dev.kmsenvelope.dek.DataKeySource;
import dev.kmsenvelope.dek.DataKeyUse;
import dev.kmsenvelope.dek.DirectDataKeySource;
import dev.kmsenvelope.kms.EncryptionContext;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The cache of data keys alone: get a lease, copy the key, wipe the copy, close the lease. What follows in a message, from the
 * derivation of its key on, is not in it. All threads share one cache.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = Jvm.NATIVE_ACCESS)
@SuppressWarnings("NullAway.Init") // JMH calls setUp first
public class CacheBenchmark {

    /** How many threads miss the same data key in {@link #missTogether}. */
    public static final int TOGETHER = 8;

    private static final int ENTRIES = 1000;
    private static final int CONTEXTS = 10 * ENTRIES;
    private static final DataKeyUse USE = new DataKeyUse(0x0478, 32, true);
    private static final Duration AGE = Duration.ofHours(1);
    private static final Duration LATENCY = Duration.ofMillis(1);

    private MemoryKeyService service;
    private MemoryKeyService slowService;
    private DataKeyCache cache;

    /** Evicts nothing, so that what one miss asked for is there for all who missed it. */
    private DataKeyCache roomyCache;

    private DataKeySource source;
    private DataKeySource slowSource;
    private EncryptionContext[] contexts;
    private final AtomicLong asked = new AtomicLong();

    /** What each thread has for itself. */
    @State(Scope.Thread)
    @SuppressWarnings("NullAway.Init") // JMH calls setUp first
    public static class Draws {

        private static final int COUNT = 1 << 16;

        private EncryptionContext[] drawn;
        private int next;

        /** Draws contexts by Zipf's law: the n-th is asked for 1/n times as often as the first. */
        @Setup(Level.Trial)
        public void setUp(CacheBenchmark benchmark) {
            double[] cumulated = new double[CONTEXTS];
            double sum = 0;
            for (int i = 0; i < CONTEXTS; i++) {
                sum += 1.0 / (i + 1);
                cumulated[i] = sum;
            }
            Random random = new Random(System.nanoTime());
            drawn = new EncryptionContext[COUNT];
            for (int i = 0; i < COUNT; i++) {
                int found = Arrays.binarySearch(cumulated, random.nextDouble() * sum);
                drawn[i] = benchmark.contexts[Math.min(CONTEXTS - 1, found < 0 ? -found - 1 : found)];
            }
        }

        EncryptionContext draw() {
            return drawn[next++ & (COUNT - 1)];
        }
    }

    /** Makes a cache whose limits are not reached, but for the number of its entries. */
    @Setup(Level.Trial)
    public void setUp() {
        Limits limits = new Limits(AGE, CacheSettings.MOST_MESSAGES, CacheSettings.MOST_BYTES);
        cache = cache(limits, ENTRIES);
        roomyCache = cache(limits, CacheSettings.MOST_ENTRIES);
        service = new MemoryKeyService();
        slowService = new MemoryKeyService(LATENCY);
        source = CachingDataKeySource.forWriting(cache, new DirectDataKeySource(service));
        slowSource = CachingDataKeySource.forWriting(roomyCache, new DirectDataKeySource(slowService));
        contexts = new EncryptionContext[CONTEXTS];
        for (int i = 0; i < CONTEXTS; i++) {
            contexts[i] = context(i);
        }
    }

    /** Closes it, and makes sure that no miss led to two calls. */
    @TearDown(Level.Trial)
    public void tearDown() {
        long together = (asked.get() + TOGETHER - 1) / TOGETHER;
        if (slowService.calls() > together) {
            throw new IllegalStateException(slowService.calls() + " calls for " + together + " data keys");
        }
        cache.close();
        roomyCache.close();
    }

    private static DataKeyCache cache(Limits limits, int entries) {
        return new DataKeyCache(
                new CacheSettings(limits, limits, entries, Duration.ZERO, Duration.ZERO, Optional.empty()), () -> {});
    }

    private static EncryptionContext context(long number) {
        return EncryptionContext.of(Map.of("tenant", Long.toString(number)));
    }

    private static int use(DataKeySource source, EncryptionContext context) {
        try (DataKeyLease lease = source.forEncryption(MemoryKeyService.KEY, USE, context)) {
            byte[] key = lease.copyKey();
            int result = key[0];
            Arrays.fill(key, (byte) 0);
            return result;
        }
    }

    /** One data key that is in the cache. */
    @Benchmark
    public int hit() {
        return use(source, contexts[0]);
    }

    /** One of {@value #CONTEXTS} data keys by Zipf's law, of which the cache holds {@value #ENTRIES}. */
    @Benchmark
    public int zipf(Draws draws) {
        return use(source, draws.draw());
    }

    /** A data key that nobody asked for before, from a service without latency; one that is cached has to leave. */
    @Benchmark
    public int miss() {
        return use(source, context(CONTEXTS + asked.getAndIncrement()));
    }

    /** {@value #TOGETHER} threads ask for the same new data key, from a service that takes a millisecond: one call is made. */
    @Benchmark
    @Threads(TOGETHER)
    public int missTogether() {
        return use(slowSource, context(CONTEXTS + asked.getAndIncrement() / TOGETHER));
    }
}
