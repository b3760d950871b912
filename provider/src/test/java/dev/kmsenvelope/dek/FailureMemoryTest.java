package dev.kmsenvelope.dek;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.benmanes.caffeine.cache.Scheduler;
import com.github.benmanes.caffeine.cache.Ticker;
import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.kms.KmsUnavailableException;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What is remembered of failures goes when it is too old, and what it refers to with it. */
class FailureMemoryTest {

    private static final Duration AGE = Duration.ofSeconds(1);

    private final TestCache testing = new TestCache();
    private final AtomicLong clock = new AtomicLong(Long.MAX_VALUE - 500_000_000L);
    private final Queue<Runnable> due = new ArrayDeque<>();
    private final Queue<CompletableFuture<?>> pending = new ArrayDeque<>();

    private final Scheduler scheduler = (executor, command, delay, unit) -> {
        assertThat(unit.toNanos(delay)).as("soon after the age").isBetween(1L, 3 * AGE.toNanos());
        due.add(command);
        CompletableFuture<?> future = new CompletableFuture<>();
        pending.add(future);
        return future;
    };

    @AfterEach
    void close() {
        testing.close();
    }

    private DataKeyRequest request(int number) {
        return new DataKeyRequest(
                testing.source,
                ScriptedSource.KEY,
                ScriptedSource.USE,
                ScriptedSource.encrypted(number),
                ScriptedSource.CONTEXT);
    }

    private void pass(Duration time) {
        clock.addAndGet(time.toNanos());
    }

    private static KmsUnavailableException failure() {
        return new KmsUnavailableException("down");
    }

    @Test
    @DisplayName("The scheduler drops it, though nobody looks")
    void scheduled() {
        FailureMemory memory = new FailureMemory(AGE, clock::get, scheduler);
        memory.remember(request(1), failure(), true);
        assertThat(memory.find(request(1))).isNotNull();
        assertThat(due).hasSize(1);
        pass(AGE.multipliedBy(3));
        assertThat(memory.size()).isEqualTo(1);
        due.remove().run();
        assertThat(memory.size()).isZero();
    }

    @Test
    @DisplayName("Without a scheduler, whoever looks for anything, or asks for the figures, drops it")
    void unscheduled() {
        FailureMemory memory = new FailureMemory(AGE, clock::get, Scheduler.disabledScheduler());
        for (int i = 0; i < 100; i++) {
            memory.remember(request(i), failure(), true);
        }
        pass(AGE.minusNanos(1000));
        assertThat(memory.find(request(3))).isNotNull();
        assertThat(memory.size()).isEqualTo(100);
        pass(Duration.ofNanos(1000));
        assertThat(memory.find(request(1000))).isNull();
        assertThat(memory.size()).isZero();
        memory.remember(request(1), failure(), true);
        pass(AGE);
        memory.sweep();
        assertThat(memory.size()).isZero();
    }

    @Test
    @DisplayName("A scheduler that fails, as one that can have no thread does, changes nothing else")
    void failingScheduler() {
        Scheduler none = Scheduler.guardedScheduler((executor, command, delay, unit) -> {
            throw new OutOfMemoryError("unable to create native thread");
        });
        FailureMemory memory = new FailureMemory(AGE, clock::get, none);
        memory.remember(request(1), failure(), true);
        assertThat(memory.find(request(1))).isNotNull();
        pass(AGE);
        assertThat(memory.find(request(1))).isNull();
        assertThat(memory.size()).isZero();
    }

    @Test
    @DisplayName("What is too old is not thrown, and counts for nothing when the next call fails")
    void tooOld() {
        FailureMemory memory = new FailureMemory(AGE, clock::get, scheduler);
        memory.remember(request(1), failure(), false);
        assertThat(memory.find(request(1))).as("one caller's").isNull();
        pass(AGE);
        memory.remember(request(1), failure(), false);
        assertThat(memory.find(request(1))).as("the first one was too old").isNull();
        memory.remember(request(1), failure(), false);
        assertThat(memory.find(request(1))).as("the second in a row").isNotNull();
    }

    @Test
    @DisplayName("Closed, it wakes no more; and so when its cache is no more")
    void closed() {
        FailureMemory memory = new FailureMemory(AGE, clock::get, scheduler);
        memory.remember(request(1), failure(), true);
        memory.close();
        assertThat(memory.size()).isZero();
        assertThat(pending).allMatch(CompletableFuture::isCancelled);
        FailureMemory forgotten = new FailureMemory(AGE, clock::get, scheduler);
        forgotten.remember(request(1), failure(), true);
        assertThat(pending).anyMatch(future -> !future.isDone());
        forgotten.stopping(() -> {}).run();
        assertThat(pending).allMatch(CompletableFuture::isCancelled);
    }

    @Test
    @DisplayName("In a cache where nothing happens any more, a failure is collected")
    void collected() {
        Configuration settings = Configuration.of(Map.of("cache.max-failure-age", "100ms"));
        try (DataKeyCache cache =
                new DataKeyCache(CacheSettings.of(settings), () -> {}, Ticker.systemTicker(), () -> 0)) {
            WeakReference<Throwable> failure = failTwice(cache);
            TestCache.eventually(() -> {
                System.gc();
                return failure.get() == null;
            });
        }
    }

    private static WeakReference<Throwable> failTwice(DataKeyCache cache) {
        ScriptedSource origin = new ScriptedSource();
        KmsUnavailableException failure = failure();
        origin.fault = () -> failure;
        CachingDataKeySource source = new CachingDataKeySource(cache, origin, "reader", (key, encrypted) -> true);
        for (int i = 0; i < 2; i++) {
            try {
                source.forEncryption(ScriptedSource.KEY, ScriptedSource.USE, ScriptedSource.CONTEXT)
                        .close();
                throw new AssertionError("the service is down");
            } catch (KmsUnavailableException e) {
                assertThat(e).hasMessage("down");
            }
        }
        return new WeakReference<>(failure);
    }
}
