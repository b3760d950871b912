package dev.kmsenvelope.benchmarks;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.dek.CacheSettings;
import dev.kmsenvelope.dek.CachingDataKeySource;
import dev.kmsenvelope.dek.DataKeyCache;
import dev.kmsenvelope.dek.DataKeyLease;
import dev.kmsenvelope.dek.DataKeySource;
import dev.kmsenvelope.dek.DataKeyUse;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyId;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/** What a message pays for a cached data key: a lease, a copy of the key, the count of its bytes, the end of the lease. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class CacheHitBenchmark {

    private static final KeyId KEY =
            KeyId.of("arn:aws:kms:eu-west-1:111122223333:key/11111111-2222-3333-4444-555555555555");
    private static final DataKeyUse USE = new DataKeyUse(0x0478, 32, true);

    private final DataKeyCache cache;
    private final CachingDataKeySource source;
    private final EncryptionContext context;
    private final EncryptedDataKey encrypted;

    private record Fixed(EncryptedDataKey encrypted) implements DataKeySource {

        @Override
        public DataKeyLease forEncryption(KeyId key, DataKeyUse use, EncryptionContext context) {
            return new FixedLease(encrypted);
        }

        @Override
        public DataKeyLease forDecryption(
                KeyId key, DataKeyUse use, EncryptedDataKey encrypted, EncryptionContext context) {
            return new FixedLease(encrypted);
        }
    }

    private record FixedLease(EncryptedDataKey key) implements DataKeyLease {

        @Override
        public byte[] copyKey() {
            return new byte[32];
        }

        @Override
        public int length() {
            return 32;
        }

        @Override
        public List<EncryptedDataKey> encrypted() {
            return List.of(key);
        }

        @Override
        public void used(long bytes) {}

        @Override
        public void close() {}
    }

    /** Fills the cache. */
    public CacheHitBenchmark() {
        byte[] ciphertext = new byte[184];
        new Random(1).nextBytes(ciphertext);
        encrypted = new EncryptedDataKey("aws-kms", KEY.value().getBytes(StandardCharsets.UTF_8), ciphertext);
        context = EncryptionContext.of(Map.of("tenant", "acme", "purpose", "orders"));
        Configuration unlimited = Configuration.of(Map.of(
                "cache.max-age",
                "1d",
                "cache.max-messages",
                "" + CacheSettings.MOST_MESSAGES,
                "cache.max-bytes",
                "1024TiB"));
        cache = new DataKeyCache(CacheSettings.of(unlimited), () -> {});
        source = new CachingDataKeySource(cache, new Fixed(encrypted), List.of(KEY), (key, one) -> true);
        source.forDecryption(KEY, USE, encrypted, context).close();
    }

    /** Drops it. */
    @TearDown
    public void close() {
        cache.close();
    }

    private static byte[] use(DataKeyLease lease) {
        byte[] key = lease.copyKey();
        lease.close();
        lease.used(1024);
        return key;
    }

    /** To write a message. */
    @Benchmark
    public byte[] encrypt() {
        return use(source.forEncryption(KEY, USE, context));
    }

    /** To read a message, whose header was parsed just now. */
    @Benchmark
    public byte[] decrypt() {
        EncryptedDataKey parsed =
                new EncryptedDataKey(encrypted.providerId(), encrypted.providerInfo(), encrypted.ciphertext());
        return use(Objects.requireNonNull(source.remembered(USE, parsed, context)));
    }

    /** To write messages under one data key on two threads. */
    @Benchmark
    @Threads(2)
    public byte[] encryptOnTwoThreads() {
        return use(source.forEncryption(KEY, USE, context));
    }
}
