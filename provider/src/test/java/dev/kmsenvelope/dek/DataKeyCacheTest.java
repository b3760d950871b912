package dev.kmsenvelope.dek;

import static dev.kmsenvelope.dek.ScriptedSource.CONTEXT;
import static dev.kmsenvelope.dek.ScriptedSource.KEY;
import static dev.kmsenvelope.dek.ScriptedSource.USE;
import static dev.kmsenvelope.dek.ScriptedSource.encrypted;
import static dev.kmsenvelope.dek.TestCache.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.benmanes.caffeine.cache.Scheduler;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyAccessDeniedException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Limits, renewal, wiping and the end of a cache of data keys. */
class DataKeyCacheTest {

    @Test
    @DisplayName("One call serves many messages, until the age is reached to the nanosecond")
    void age() {
        try (TestCache test = new TestCache("cache.max-age", "5m")) {
            for (int i = 0; i < 100; i++) {
                assertThat(test.encryptOnce()).isEqualTo(1);
                assertThat(test.decryptOnce(encrypted(7))).isEqualTo(2);
            }
            test.pass(Duration.ofMinutes(4).minusNanos(1));
            assertThat(test.encryptOnce()).isEqualTo(1);
            assertThat(test.origin.calls).hasValue(2);
        }
        try (TestCache test = new TestCache("cache.max-age", "5m")) {
            assertThat(test.encryptOnce()).isEqualTo(1);
            test.pass(Duration.ofMinutes(5));
            assertThat(test.encryptOnce()).isEqualTo(2);
            assertThat(test.wipedAfterCleaning()).isEqualTo(1);
            assertThat(test.origin.open).hasValue(0);
        }
    }

    @Test
    @DisplayName("No data key serves more messages than its limit, under many threads, and none of them fails")
    void messages() throws Exception {
        try (TestCache test = new TestCache("cache.max-messages", "100", "cache.decrypt.max-messages", "90")) {
            Map<Integer, AtomicInteger> uses = new ConcurrentHashMap<>();
            ExecutorService pool = Executors.newFixedThreadPool(8);
            for (int i = 0; i < 8; i++) {
                int thread = i;
                pool.execute(() -> {
                    for (int message = 0; message < 2000; message++) {
                        int number = thread % 2 == 0 ? test.encryptOnce() : test.decryptOnce(encrypted(1));
                        uses.computeIfAbsent(number, absent -> new AtomicInteger())
                                .incrementAndGet();
                    }
                });
            }
            pool.shutdown();
            assertThat(pool.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
            assertThat(uses.values())
                    .allSatisfy(count -> assertThat(count.get()).isLessThanOrEqualTo(100));
            assertThat(uses.values().stream().mapToInt(AtomicInteger::get).sum())
                    .isEqualTo(16_000);
            test.cache.flush();
            eventually(() -> test.origin.open.get() == 0);
        }
    }

    @Test
    @DisplayName("Bytes count when they are reported, after the lease was closed too; what began is finished")
    void bytes() {
        try (TestCache test = new TestCache("cache.max-bytes", "1KiB", "cache.max-messages", "4")) {
            DataKeyLease first = test.encrypt();
            DataKeyLease second = test.encrypt();
            first.used(500);
            first.close();
            first.used(523);
            assertThat(test.encryptOnce()).isEqualTo(1);
            first.used(1);
            assertThat(test.encryptOnce()).isGreaterThan(1);
            second.used(1 << 20);
            assertThat(ScriptedSource.number(second)).isEqualTo(1);
            assertThat(test.wiped).hasValue(0);
            second.close();
            assertThat(test.wiped).hasValue(1);
        }
    }

    @Test
    @DisplayName(
            "RULES 16: a data key that left is wiped when its last lease is closed, which is idempotent, and not before")
    void leases() {
        try (TestCache test = new TestCache()) {
            DataKeyLease one = test.encrypt();
            DataKeyLease two = test.encrypt();
            test.cache.flush();
            one.close();
            one.close();
            one.close();
            assertThat(ScriptedSource.number(two)).isEqualTo(1);
            assertThat(test.wiped).hasValue(0);
            assertThatIllegalStateException().isThrownBy(one::copyKey).withMessageContaining("closed");
            two.close();
            assertThat(test.wiped).hasValue(1);
            assertThatIllegalStateException().isThrownBy(two::copyKey);
            assertThat(two.length()).isEqualTo(32);
        }
    }

    @Test
    @DisplayName("Near its age a data key is renewed in the background, once, while all go on with the old one")
    void renewal() throws Exception {
        try (TestCache test = new TestCache("cache.max-age", "5m")) {
            assertThat(test.encryptOnce()).isEqualTo(1);
            test.pass(Duration.ofMinutes(4));
            test.origin.shut();
            for (int i = 0; i < 10; i++) {
                assertThat(test.encryptOnce()).isEqualTo(1);
            }
            test.origin.reached.await();
            assertThat(test.origin.calls).hasValue(2);
            assertThat(test.encryptOnce()).isEqualTo(1);
            test.origin.gate.countDown();
            eventually(() -> test.encryptOnce() == 2);
            assertThat(test.wiped).hasValue(1);
            CacheStatistics statistics = test.cache.statistics();
            assertThat(statistics.refreshes()).isEqualTo(1);
            assertThat(statistics.misses()).isEqualTo(1);
            assertThat(statistics.evictions()).containsExactly(Map.entry(EvictionCause.REPLACED, 1L));
        }
    }

    @Test
    @DisplayName("Near the end of its messages or bytes too, so that steady traffic waits once only")
    void renewalByUse() {
        for (String limit : List.of("cache.max-messages", "cache.max-bytes")) {
            try (TestCache test = new TestCache(limit, "1000")) {
                int number = 1;
                int usesOfThis = 0;
                for (int i = 0; i < 5000; i++) {
                    DataKeyLease lease = test.encrypt();
                    usesOfThis = ScriptedSource.number(lease) == number ? usesOfThis + 1 : 1;
                    number = ScriptedSource.number(lease);
                    lease.close();
                    lease.used(1);
                    if (usesOfThis == 850) { // it was near its end when the renewal began, and goes on meanwhile
                        int old = number;
                        eventually(() -> test.wiped.get() == old);
                    }
                }
                assertThat(test.origin.calls.get()).isBetween(5, 7);
                assertThat(test.cache.statistics().misses()).isEqualTo(1);
            }
        }
    }

    @Test
    @DisplayName("Whoever finds a data key in the moment when it is replaced has its successor, and waits for nobody")
    void replacedWhileFound() {
        try (TestCache test = new TestCache("cache.max-age", "5m", "cache.max-messages", "4294967296")) {
            test.encryptOnce();
            AtomicBoolean stop = new AtomicBoolean();
            CompletableFuture<Void> traffic = CompletableFuture.runAsync(() -> {
                while (!stop.get()) {
                    test.encryptOnce();
                }
            });
            try {
                for (int round = 1; round <= 5000; round++) {
                    int replaced = round;
                    test.pass(Duration.ofMinutes(4));
                    eventually(() -> test.wiped.get() == replaced && !test.cache.isAsking());
                }
            } finally {
                stop.set(true);
                traffic.join();
            }
            assertThat(test.cache.statistics().misses()).isEqualTo(1);
        }
    }

    @Test
    @DisplayName(
            "RULES 13: renewing a data key for decryption decrypts it again, and it leaves at once if that is refused")
    void renewalOfDecryption() {
        try (TestCache test = new TestCache("cache.max-age", "5m")) {
            assertThat(test.decryptOnce(encrypted(9))).isEqualTo(1);
            test.pass(Duration.ofMinutes(4));
            test.decryptOnce(encrypted(9));
            eventually(() -> test.decryptOnce(encrypted(9)) == 2);
            test.origin.fault = () -> new KeyAccessDeniedException("no longer");
            test.pass(Duration.ofMinutes(4));
            eventually(() -> {
                DataKeyLease lease = test.source.remembered(USE, encrypted(9), CONTEXT);
                if (lease != null) {
                    lease.close();
                }
                return lease == null;
            });
            assertThatThrownBy(() -> test.decrypt(encrypted(9))).isInstanceOf(KeyAccessDeniedException.class);
            assertThat(test.cache.statistics().evictions()).containsEntry(EvictionCause.REFUSED, 1L);
            assertThat(test.wiped).hasValue(2);
        }
    }

    @Test
    @DisplayName("RULES 14: a reader whose names mean another key by now loses the data key when it is renewed")
    void repointedAlias() {
        try (TestCache test = new TestCache("cache.max-age", "5m")) {
            assertThat(test.decryptOnce(encrypted(9))).isEqualTo(1);
            test.admits = false;
            test.pass(Duration.ofMinutes(4));
            test.decryptOnce(encrypted(9));
            eventually(() -> test.wiped.get() == 1);
            assertThat(test.source.remembered(USE, encrypted(9), CONTEXT)).isNull();
            assertThat(test.origin.calls).hasValue(1);
        }
    }

    @Test
    @DisplayName("RULES 13: what was generated is not given for decryption, nor the reverse")
    void apart() {
        try (TestCache test = new TestCache()) {
            assertThat(test.encryptOnce()).isEqualTo(1);
            assertThat(test.source.remembered(USE, encrypted(1), CONTEXT)).isNull();
            assertThat(test.decryptOnce(encrypted(1))).isEqualTo(2);
            assertThat(test.encryptOnce()).isEqualTo(1);
        }
    }

    @Test
    @DisplayName("Data keys of suites without a key derivation are never cached")
    void withoutDerivation() {
        DataKeyUse use = new DataKeyUse(0x0078, 32, false);
        try (TestCache test = new TestCache()) {
            for (int i = 1; i <= 3; i++) {
                DataKeyLease lease = test.source.forEncryption(KEY, use, CONTEXT);
                assertThat(ScriptedSource.number(lease)).isEqualTo(2 * i - 1);
                lease.close();
                test.source.forDecryption(KEY, use, encrypted(1), CONTEXT).close();
                assertThat(test.source.remembered(use, encrypted(1), CONTEXT)).isNull();
            }
            assertThat(test.cache.statistics().kmsCalls()).isZero();
            assertThat(test.origin.open).hasValue(0);
        }
    }

    @Test
    @DisplayName("RULES 10: a use with a limit of its own gets a new data key at that, whatever the settings allow")
    void useWithALimit() {
        DataKeyUse use = new DataKeyUse(DataKeyUse.ELSEWHERE, 32, true, 3);
        try (TestCache test = new TestCache("cache.max-messages", "100")) {
            int most = 0;
            for (int i = 0; i < 12; i++) {
                try (DataKeyLease lease = test.source.forEncryption(KEY, use, CONTEXT)) {
                    most = Math.max(most, ScriptedSource.number(lease));
                }
            }
            assertThat(most).as("data keys for 12 messages").isBetween(4, 12);
            for (int i = 0; i < 12; i++) {
                test.source.forDecryption(KEY, use, encrypted(100), CONTEXT).close();
            }
            assertThat(test.source.remembered(use, encrypted(100), CONTEXT))
                    .as("to decrypt there is no such limit")
                    .isNotNull();
        }
        try (TestCache test = new TestCache("cache.max-messages", "2")) {
            int first = numberFor(test, use);
            assertThat(numberFor(test, use)).isEqualTo(first);
            assertThat(numberFor(test, use)).as("the lower one counts").isNotEqualTo(first);
        }
    }

    private static int numberFor(TestCache test, DataKeyUse use) {
        try (DataKeyLease lease = test.source.forEncryption(KEY, use, CONTEXT)) {
            return ScriptedSource.number(lease);
        }
    }

    @Test
    @DisplayName("Data keys of any length are kept where any will do, and only there")
    void anyLength() {
        try (TestCache test = new TestCache()) {
            test.origin.length = 20;
            DataKeyUse any = new DataKeyUse(DataKeyUse.ELSEWHERE, DataKeyUse.ANY_LENGTH, true);
            for (DataKeyUse use : List.of(any, USE)) {
                test.source.forDecryption(KEY, use, encrypted(1), CONTEXT).close();
                assertThat(test.source.remembered(use, encrypted(1), CONTEXT) != null)
                        .isEqualTo(use.equals(any));
            }
        }
    }

    @Test
    @DisplayName("A greatest age of zero, or one message, means not cached, for each kind apart")
    void switchedOff() {
        try (TestCache test = new TestCache("cache.max-age", "0s", "cache.decrypt.max-age", "1m")) {
            assertThat(test.encryptOnce()).isEqualTo(1);
            assertThat(test.encryptOnce()).isEqualTo(2);
            assertThat(test.decryptOnce(encrypted(1))).isEqualTo(3);
            assertThat(test.decryptOnce(encrypted(1))).isEqualTo(3);
        }
        try (TestCache test = new TestCache("cache.decrypt.max-messages", "1")) {
            assertThat(test.encryptOnce()).isEqualTo(1);
            assertThat(test.encryptOnce()).isEqualTo(1);
            assertThat(test.decryptOnce(encrypted(1))).isEqualTo(2);
            assertThat(test.decryptOnce(encrypted(1))).isEqualTo(3);
        }
    }

    @Test
    @DisplayName("Memory is bounded: more data keys than there is room for push each other out, and are wiped")
    void size() {
        try (TestCache test = new TestCache("cache.max-entries", "20")) {
            for (int i = 0; i < 500; i++) {
                test.decryptOnce(encrypted(i));
            }
            assertThat(test.cache.statistics().entries()).isLessThanOrEqualTo(20);
            assertThat(test.wiped.get()).isGreaterThanOrEqualTo(480);
            assertThat(test.cache.statistics().evictions().get(EvictionCause.SIZE))
                    .isGreaterThanOrEqualTo(480L);
        }
        try (TestCache test = new TestCache("cache.max-entries", "20")) {
            for (int i = 0; i < 50; i++) {
                EncryptionContext large = EncryptionContext.of(Map.of("n" + i, "v".repeat(2000)));
                test.source.forEncryption(KEY, USE, large).close();
            }
            assertThat(test.cache.statistics().entries()).isLessThanOrEqualTo(3);
        }
    }

    @Test
    @DisplayName("A data key too large for the cache is used and not kept")
    void tooLarge() {
        try (TestCache test = new TestCache("cache.max-entries", "1")) {
            EncryptionContext large = EncryptionContext.of(Map.of("n", "v".repeat(2000)));
            for (int i = 1; i <= 3; i++) {
                DataKeyLease lease = test.source.forEncryption(KEY, USE, large);
                assertThat(ScriptedSource.number(lease)).isEqualTo(i);
                lease.close();
            }
            assertThat(test.wipedAfterCleaning()).isEqualTo(3);
        }
    }

    @Test
    @DisplayName("A data key of another length than was asked for is given out once, to be refused, and not kept")
    void wrongLength() {
        try (TestCache test = new TestCache()) {
            test.origin.length = 31;
            DataKeyLease wrong = test.encrypt();
            assertThat(wrong.length()).isEqualTo(31);
            wrong.close();
            assertThat(test.wiped).hasValue(1);
            test.origin.length = 32;
            assertThat(test.encrypt().length()).isEqualTo(32);
        }
    }

    @Test
    @DisplayName("After a flush the next message asks; after close every message fails and says why")
    void flushAndClose() {
        TestCache test = new TestCache();
        test.encryptOnce();
        test.decryptOnce(encrypted(5));
        test.cache.flush();
        assertThat(test.wiped).hasValue(2);
        assertThat(test.encryptOnce()).isEqualTo(3);
        DataKeyLease used = test.encrypt();
        assertThat(DataKeyCache.all()).contains(test.cache);
        test.cache.close();
        test.cache.close();
        assertThat(DataKeyCache.all()).doesNotContain(test.cache);
        assertThat(test.wiped).hasValue(2);
        assertThat(ScriptedSource.number(used)).isEqualTo(3);
        used.close();
        assertThat(test.wiped).hasValue(3);
        assertThatIllegalStateException().isThrownBy(test::encrypt).withMessageContaining("closed");
        assertThatIllegalStateException().isThrownBy(() -> test.decrypt(encrypted(5)));
        assertThat(test.cache.statistics().evictions())
                .containsOnly(Map.entry(EvictionCause.FLUSHED, 2L), Map.entry(EvictionCause.CLOSED, 1L));
        assertThat(test.origin.calls).hasValue(3);
    }

    @Test
    @DisplayName("RULES 20: observers learn key ids, counts and durations; one that throws costs nobody a message")
    void observers() {
        List<String> told = new ArrayList<>();
        CacheObservers.set(new CacheObserver() {
            @Override
            public void missed(dev.kmsenvelope.kms.KeyId key, CacheOperation operation) {
                told.add("missed " + key + " " + operation);
                throw new IllegalStateException("observer");
            }

            @Override
            public void evicted(
                    dev.kmsenvelope.kms.KeyId key,
                    CacheOperation operation,
                    EvictionCause cause,
                    long messages,
                    long bytes) {
                told.add("evicted " + key + " " + operation + " " + cause + " " + messages + " " + bytes);
            }
        });
        try (TestCache test = new TestCache()) {
            DataKeyLease lease = test.encrypt();
            lease.used(77);
            lease.close();
            test.encryptOnce();
            test.cache.flush();
            assertThat(told).containsExactly("missed " + KEY + " ENCRYPT", "evicted " + KEY + " ENCRYPT FLUSHED 2 77");
            CacheStatistics statistics = test.cache.statistics();
            assertThat(statistics.hits()).isEqualTo(1);
            assertThat(statistics.kmsCalls()).isEqualTo(1);
            assertThat(statistics.failures()).isEmpty();
            assertThat(statistics.entries()).isZero();
            assertThat(test.cache.toString() + lease + test.source).doesNotContain("[B");
        } finally {
            CacheObservers.set(CacheObserver.NONE);
        }
    }

    @Test
    @DisplayName("No thread is started before it is needed; all are daemons with our class loader that end soon")
    void threads() throws Exception {
        Set<Thread> before = threadsNow();
        CacheThreads threads = new CacheThreads();
        Scheduler scheduler = threads.scheduler();
        assertThat(before).containsAll(threadsNow());
        ClassLoader callers = new ClassLoader(null) {};
        Thread.currentThread().setContextClassLoader(callers);
        BlockingQueue<ClassLoader> seen = new LinkedBlockingQueue<>();
        try {
            threads.start(() -> seen.add(Thread.currentThread().getContextClassLoader()));
            Future<?> unused = scheduler.schedule(
                    Runnable::run,
                    () -> seen.add(Thread.currentThread().getContextClassLoader()),
                    1,
                    TimeUnit.NANOSECONDS);
        } finally {
            Thread.currentThread().setContextClassLoader(DataKeyCacheTest.class.getClassLoader());
        }
        Set<Thread> started = threadsNow();
        started.removeAll(before);
        assertThat(List.of(seen.take(), seen.take()))
                .as("work sees its caller's, threads do not keep it")
                .containsExactlyInAnyOrder(callers, CacheThreads.class.getClassLoader());
        assertThat(started).isNotEmpty().allMatch(Thread::isDaemon);
        eventually(() -> started.stream().noneMatch(Thread::isAlive));
    }

    @Test
    @DisplayName(
            "Many caches that are let go of without being closed have one timer thread together, and can be collected")
    void manyCaches() {
        for (int i = 0; i < 50; i++) {
            DataKeyCache dropped = new DataKeyCache(CacheSettings.DEFAULT, () -> {});
            CachingDataKeySource.forWriting(dropped, new ScriptedSource())
                    .forEncryption(KEY, USE, CONTEXT)
                    .close();
        }
        assertThat(threadsNow().stream().filter(thread -> thread.getName().contains("-timer-")))
                .hasSizeLessThanOrEqualTo(2);
        int open = DataKeyCache.all().size();
        eventually(() -> {
            System.gc();
            return DataKeyCache.all().size() <= open - 45;
        });
    }

    private static Set<Thread> threadsNow() {
        Set<Thread> threads = new HashSet<>(Thread.getAllStackTraces().keySet());
        threads.removeIf(thread -> !thread.getName().startsWith("kms-envelope-cache"));
        return threads;
    }
}
