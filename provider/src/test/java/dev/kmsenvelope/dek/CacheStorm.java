package dev.kmsenvelope.dek;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Ticker;
import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KmsException;
import dev.kmsenvelope.testing.CheckedKeys;
import dev.kmsenvelope.testing.StormyKeyService;
import java.lang.reflect.Field;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A cache with tiny limits over a service in a storm, and what many threads see that lease keys to write and to read. It
 * counts by what it is given, not by what the cache says.
 */
final class CacheStorm implements AutoCloseable {

    static final List<String> KEYS = List.of("key-0", "key-1", "key-2");
    static final List<String> ALIASES = List.of("alias/a", "alias/b", "alias/c");
    static final int MAX_MESSAGES = 3;
    static final long MAX_BYTES = 2000;

    private static final DataKeyUse USE = new DataKeyUse(0x0478, 32, true);
    private static final int MEMORY = 64;
    private static final int LEAST_ROUNDS = 100;

    private static final List<EncryptionContext> CONTEXTS = IntStream.range(0, 3)
            .mapToObj(i -> EncryptionContext.of(Map.of("tenant", "t" + i)))
            .toList();

    final StormyKeyService service = new StormyKeyService().withLatency(300);
    final DataKeyCache cache;
    final AtomicInteger wiped = new AtomicInteger();
    final AtomicInteger served = new AtomicInteger();
    final AtomicInteger refused = new AtomicInteger();
    final Map<EncryptedDataKey, Usage> written = new ConcurrentHashMap<>();
    final AtomicInteger read = new AtomicInteger();

    private final Set<CachedDataKey> seen = ConcurrentHashMap.newKeySet();
    private final CachingDataKeySource writing;
    private final Map<String, CachingDataKeySource> reading;

    /** What one data key to write with was used for. */
    static final class Usage {
        final AtomicInteger messages = new AtomicInteger();
        private final AtomicLong bytes = new AtomicLong();
        private final AtomicLong fullSince = new AtomicLong(Long.MAX_VALUE);

        void used(long count) {
            if (bytes.addAndGet(count) >= MAX_BYTES) {
                long now = System.nanoTime();
                fullSince.updateAndGet(before -> before == Long.MAX_VALUE ? now : before);
            }
        }

        boolean wasFullAt(long nanoTime) {
            long since = fullSince.get();
            return since != Long.MAX_VALUE && since - nanoTime < 0;
        }
    }

    /** A message that was written. */
    private record Written(String alias, EncryptionContext context, EncryptedDataKey encrypted, byte[] check) {}

    CacheStorm(Ticker ticker) {
        KEYS.forEach(service::withKey);
        IntStream.range(0, ALIASES.size()).forEach(i -> service.withAlias(ALIASES.get(i), KEYS.get(i)));
        CacheSettings settings = CacheSettings.of(Configuration.of(Map.of(
                "cache.max-age", "20ms",
                "cache.max-messages", Integer.toString(MAX_MESSAGES),
                "cache.max-bytes", Long.toString(MAX_BYTES),
                "cache.max-entries", "12",
                "cache.max-failure-age", "1ms",
                "cache.grace", "15ms")));
        cache = new DataKeyCache(
                settings,
                wiped::incrementAndGet,
                ticker,
                () -> ThreadLocalRandom.current().nextDouble());
        writing = CachingDataKeySource.forWriting(cache, new DirectDataKeySource(service));
        reading = ALIASES.stream()
                .collect(Collectors.toMap(
                        alias -> alias,
                        alias -> new CachingDataKeySource(
                                cache,
                                new DirectDataKeySource(service),
                                List.of(KeyId.of(alias)),
                                (key, encrypted) ->
                                        service.decryptionKeys(KeyId.of(alias)).contains(key))));
    }

    /** Writes and reads until a moment comes. */
    void work(long deadline) {
        Written[] remembered = new Written[MEMORY];
        for (int i = 0; i < LEAST_ROUNDS || System.nanoTime() - deadline < 0; i++) {
            try {
                remembered[i % MEMORY] = write();
                served.incrementAndGet();
                Written one = remembered[ThreadLocalRandom.current().nextInt(MEMORY)];
                if (one != null) {
                    read(one);
                    served.incrementAndGet();
                }
            } catch (KmsException e) {
                refused.incrementAndGet();
            }
        }
    }

    /** Writes and reads once, in the calm, under each key. */
    void workOnce() {
        for (int i = 0; i < 100; i++) {
            read(write());
        }
    }

    private Written write() {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        String alias = ALIASES.get(random.nextInt(ALIASES.size()));
        EncryptionContext context = CONTEXTS.get(random.nextInt(CONTEXTS.size()));
        long before = System.nanoTime();
        DataKeyLease lease = writing.forEncryption(KeyId.of(alias), USE, context);
        try (lease) {
            EncryptedDataKey encrypted = lease.encrypted().get(0);
            Usage usage = written.computeIfAbsent(encrypted, absent -> new Usage());
            assertThat(usage.messages.incrementAndGet())
                    .as("messages under one data key")
                    .isLessThanOrEqualTo(MAX_MESSAGES);
            assertThat(usage.wasFullAt(before))
                    .as("a message was begun after all bytes were used")
                    .isFalse();
            byte[] check = copyWhole(lease);
            long bytes = random.nextLong(MAX_BYTES);
            lease.used(bytes);
            usage.used(bytes);
            return new Written(alias, context, encrypted, check);
        }
    }

    private void read(Written message) {
        CachingDataKeySource source = reading.get(message.alias);
        DataKeyLease found = source.remembered(USE, message.encrypted, message.context);
        DataKeyLease lease = found != null
                ? found
                : source.forDecryption(
                        service.keyOf(message.encrypted).orElseThrow(), USE, message.encrypted, message.context);
        try (lease) {
            read.incrementAndGet();
            assertThat(copyWhole(lease)).as("the data key of the message").isEqualTo(message.check);
            lease.used(ThreadLocalRandom.current().nextLong(MAX_BYTES));
        }
    }

    /** The key as it is in the beginning and in the end of a lease. */
    private static byte[] copyWhole(DataKeyLease lease) {
        byte[] first = lease.copyKey();
        assertThat(CheckedKeys.isWhole(first)).as("not wiped, not changed").isTrue();
        if (ThreadLocalRandom.current().nextInt(4) == 0) {
            LockSupport.parkNanos(1000);
        }
        assertThat(lease.copyKey()).as("the same all the time").isEqualTo(first);
        return first;
    }

    /** Takes note of what is cached now, to look at it when all is over. */
    void look() {
        seen.addAll(cached());
    }

    /** How many data keys were seen. */
    int seenCount() {
        return seen.size();
    }

    /** The data keys that were seen in the cache, whose bytes are not zero now. */
    List<CachedDataKey> notWiped() {
        return seen.stream()
                .filter(key -> !Arrays.equals(bytes(key), new byte[USE.length()]))
                .toList();
    }

    private Collection<CachedDataKey> cached() {
        @SuppressWarnings("unchecked") // the type of the field
        Cache<Object, CachedDataKey> entries = (Cache<Object, CachedDataKey>) field(field(cache, "shelf"), "entries");
        return entries.asMap().values();
    }

    private static byte[] bytes(CachedDataKey key) {
        return (byte[]) field(key, "plaintext");
    }

    private static Object field(Object object, String name) {
        try {
            Field field = object.getClass().getDeclaredField(name);
            field.setAccessible(true);
            return field.get(object);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError(e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        cache.close();
        service.close();
    }
}
