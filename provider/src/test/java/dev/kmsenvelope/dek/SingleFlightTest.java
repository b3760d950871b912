package dev.kmsenvelope.dek;

import static dev.kmsenvelope.dek.ScriptedSource.CONTEXT;
import static dev.kmsenvelope.dek.ScriptedSource.KEY;
import static dev.kmsenvelope.dek.ScriptedSource.USE;
import static dev.kmsenvelope.dek.TestCache.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyAccessDeniedException;
import dev.kmsenvelope.kms.KmsUnavailableException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Of all who miss the same data key, one call is made, and what happens to one of them is no matter of the others. */
class SingleFlightTest {

    private static final int THREADS = 1000;

    private final TestCache test = new TestCache();

    private static <T> List<Future<T>> start(ExecutorService pool, int count, Callable<T> work) {
        List<Future<T>> results = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            results.add(pool.submit(work));
        }
        return results;
    }

    @Test
    @DisplayName("A thousand threads that miss one data key cause one call, and all get it")
    void thousand() throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(THREADS);
        test.origin.shut();
        List<Future<Integer>> all = start(pool, THREADS, test::encryptOnce);
        eventually(() -> test.cache.statistics().misses() == THREADS);
        test.origin.gate.countDown();
        for (Future<Integer> each : all) {
            assertThat(each.get(20, TimeUnit.SECONDS)).isEqualTo(1);
        }
        assertThat(test.origin.calls).hasValue(1);
        test.close();
        eventually(() -> test.wiped.get() == 1);
        pool.shutdownNow();
    }

    @Test
    @DisplayName("When the call fails all fail, each with an exception of his own of the same type, after one call")
    void failure() throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(100);
        test.origin.fault = () -> new KeyAccessDeniedException("not you");
        test.origin.shut();
        List<Future<Integer>> all = start(pool, 100, test::encryptOnce);
        eventually(() -> test.cache.statistics().misses() == 100);
        test.origin.gate.countDown();
        List<Throwable> thrown = new ArrayList<>();
        for (Future<Integer> each : all) {
            Throwable e = catchThrowable(() -> each.get(20, TimeUnit.SECONDS));
            assertThat(e).isInstanceOf(ExecutionException.class);
            thrown.add(e.getCause());
        }
        assertThat(thrown)
                .doesNotHaveDuplicates()
                .allSatisfy(e -> assertThat(e)
                        .isInstanceOf(KeyAccessDeniedException.class)
                        .hasMessage("not you"));
        assertThat(test.origin.calls).hasValue(1);
        test.close();
        pool.shutdownNow();
    }

    @Test
    @DisplayName("Errors and surprises reach those who wait, and the next message asks again")
    void surprises() {
        for (Throwable surprise : List.of(
                new OutOfMemoryError("planted"), new NullPointerException("planted"), new IllegalStateException("p"))) {
            test.origin.fault = () -> surprise;
            Throwable seen = catchThrowable(test::encrypt);
            assertThat(seen).hasSameClassAs(surprise).hasMessage(surprise.getMessage());
        }
        test.origin.fault = () -> null;
        assertThat(test.encryptOnce()).isEqualTo(4);
        test.close();
    }

    @Test
    @DisplayName(
            "One who is interrupted while he waits fails at once and stays interrupted; the others get the data key")
    void interrupt() throws Exception {
        test.origin.shut();
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        CountDownLatch flagSeen = new CountDownLatch(1);
        Thread first = new Thread(() -> {
            thrown.set(catchThrowable(test::encrypt));
            if (Thread.currentThread().isInterrupted()) {
                flagSeen.countDown();
            }
        });
        first.start();
        test.origin.reached.await();
        ExecutorService pool = Executors.newFixedThreadPool(5);
        List<Future<Integer>> others = start(pool, 5, test::encryptOnce);
        eventually(() -> test.cache.statistics().misses() == 6);
        first.interrupt();
        first.join();
        assertThat(thrown.get())
                .isInstanceOf(KmsUnavailableException.class)
                .hasMessageContaining("interrupted")
                .hasMessageContaining(KEY.value());
        assertThat(flagSeen.getCount()).isZero();
        assertThat(others).noneMatch(Future::isDone);
        test.origin.gate.countDown();
        for (Future<Integer> other : others) {
            assertThat(other.get(20, TimeUnit.SECONDS)).isEqualTo(1);
        }
        assertThat(test.encryptOnce()).isEqualTo(1);
        test.close();
        pool.shutdownNow();
    }

    @Test
    @DisplayName("Slow keys hold up nobody else, also when there are more of them than threads to ask with")
    void slowKeys() throws Exception {
        int slow = CacheThreads.MAX_LOADERS + 10;
        ExecutorService pool = Executors.newFixedThreadPool(slow);
        test.origin.shut();
        CountDownLatch gate = test.origin.gate;
        List<Future<Integer>> waiting = new ArrayList<>();
        for (int i = 0; i < slow; i++) {
            EncryptionContext context = EncryptionContext.of(Map.of("n", "" + i));
            waiting.add(pool.submit(() -> {
                try (DataKeyLease lease = test.source.forEncryption(KEY, USE, context)) {
                    return ScriptedSource.number(lease);
                }
            }));
        }
        eventually(() -> test.origin.calls.get() == slow);
        test.origin.gate = new CountDownLatch(0);
        assertThat(test.encryptOnce()).isEqualTo(slow + 1);
        gate.countDown();
        for (Future<Integer> each : waiting) {
            assertThat(each.get(20, TimeUnit.SECONDS)).isLessThanOrEqualTo(slow);
        }
        test.close();
        pool.shutdownNow();
    }

    @Test
    @DisplayName("Where a caller asks himself because all threads are busy, his being interrupted fails only him")
    void interruptOfOneWhoAsksHimself() throws Exception {
        int busy = CacheThreads.MAX_LOADERS;
        ExecutorService pool = Executors.newFixedThreadPool(busy + 1);
        test.origin.shut();
        CountDownLatch gate = test.origin.gate;
        for (int i = 0; i < busy; i++) {
            EncryptionContext context = EncryptionContext.of(Map.of("n", "" + i));
            pool.execute(() -> test.source.forEncryption(KEY, USE, context).close());
        }
        eventually(() -> test.origin.calls.get() == busy);
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Thread asking = new Thread(() -> thrown.set(catchThrowable(test::encrypt)));
        asking.start();
        eventually(() -> test.origin.calls.get() == busy + 1);
        Future<Integer> other = pool.submit(test::encryptOnce);
        eventually(() -> test.cache.statistics().misses() == busy + 2);
        test.origin.gate = new CountDownLatch(0);
        asking.interrupt();
        assertThat(other.get(20, TimeUnit.SECONDS)).isPositive();
        asking.join();
        assertThat(thrown.get())
                .satisfiesAnyOf(
                        e -> assertThat(e).isNull(), e -> assertThat(e).isInstanceOf(KmsUnavailableException.class));
        gate.countDown();
        pool.shutdown();
        assertThat(pool.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
        test.close();
    }

    @Test
    @DisplayName("What was asked for before a flush is given to those who waited, and is not kept")
    void flushMeanwhile() throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(2);
        test.origin.shut();
        CountDownLatch gate = test.origin.gate;
        Future<Integer> before = pool.submit(test::encryptOnce);
        test.origin.reached.await();
        test.cache.flush();
        test.origin.gate = new CountDownLatch(0);
        assertThat(test.encryptOnce()).as("does not wait for the old call").isEqualTo(2);
        gate.countDown();
        assertThat(before.get(20, TimeUnit.SECONDS)).isEqualTo(1);
        eventually(() -> test.wiped.get() == 1);
        assertThat(test.encryptOnce()).isEqualTo(2);
        test.close();
        pool.shutdownNow();
    }

    @Test
    @DisplayName("Closing wakes those who wait, and what then comes from the service is wiped")
    void closeMeanwhile() throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(2);
        test.origin.shut();
        Future<Throwable> waiting = pool.submit(() -> catchThrowable(test::encrypt));
        test.origin.reached.await();
        test.cache.close();
        assertThat(waiting.get(20, TimeUnit.SECONDS))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
        assertThat(test.origin.gate.getCount()).isEqualTo(1);
        test.origin.gate.countDown();
        eventually(() -> test.wiped.get() == 1 && test.origin.open.get() == 0);
        assertThatIllegalStateException().isThrownBy(test::encrypt);
        assertThatIllegalStateException()
                .isThrownBy(() -> test.source.remembered(USE, ScriptedSource.encrypted(1), CONTEXT));
        pool.shutdownNow();
    }
}
