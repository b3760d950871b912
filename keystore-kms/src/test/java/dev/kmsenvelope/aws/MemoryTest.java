package dev.kmsenvelope.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmsenvelope.kms.KmsUnavailableException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;

class MemoryTest {

    private final AtomicLong now = new AtomicLong();
    private final Memory<String, Integer> memory = new Memory<>(Duration.ofSeconds(60), now::get);
    private final AtomicInteger asked = new AtomicInteger();

    private int ask(String key) {
        return asked.incrementAndGet();
    }

    @Test
    void whatIsKnownIsNotAskedForUntilItIsOld() {
        assertThat(memory.get("a", this::ask)).isEqualTo(1);
        now.set(Duration.ofSeconds(59).toNanos());
        assertThat(memory.get("a", this::ask)).isEqualTo(1);
        assertThat(memory.peek("a")).contains(1);
        now.set(Duration.ofSeconds(61).toNanos());
        assertThat(memory.peek("a")).isEmpty();
        assertThat(memory.get("a", this::ask)).isEqualTo(2);
    }

    @Test
    void whatIsLearntReplacesWhatIsKnown() {
        memory.get("a", this::ask);
        memory.put("a", 7);
        assertThat(memory.get("a", this::ask)).isEqualTo(7);
        memory.remove("a");
        assertThat(memory.get("a", this::ask)).isEqualTo(2);
    }

    @Test
    void failuresAreNotRemembered() {
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> memory.get("a", key -> {
                        ask(key);
                        throw new KmsUnavailableException("down");
                    }))
                    .isInstanceOf(KmsUnavailableException.class);
        }
        assertThat(asked).hasValue(2);
        assertThat(memory.get("a", this::ask)).isEqualTo(3);
    }

    /** Who asked has the exception; a log of an application has no use for it, and less for its stack. */
    @Test
    void failuresAreNotLogged() {
        List<LogRecord> logged = new ArrayList<>();
        Handler handler = new Handler() {
            @Override
            public void publish(LogRecord entry) {
                logged.add(entry);
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        Logger root = Logger.getLogger("");
        root.addHandler(handler);
        try {
            assertThatThrownBy(() -> memory.get("a", key -> {
                        throw new KmsUnavailableException("down");
                    }))
                    .isInstanceOf(KmsUnavailableException.class);
        } finally {
            root.removeHandler(handler);
        }
        assertThat(logged).isEmpty();
    }

    @Test
    void withoutAnAgeNothingIsRemembered() {
        Memory<String, Integer> none = new Memory<>(Duration.ZERO, now::get);
        assertThat(none.get("a", this::ask)).isEqualTo(1);
        assertThat(none.get("a", this::ask)).isEqualTo(2);
    }

    @Test
    void oneAsksForAll() throws Exception {
        CountDownLatch asking = new CountDownLatch(1);
        CountDownLatch mayAnswer = new CountDownLatch(1);
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            Future<Integer> first = threads.submit(() -> memory.get("a", key -> {
                asking.countDown();
                await(mayAnswer);
                return ask(key);
            }));
            asking.await();
            List<Future<Integer>> others = new ArrayList<>();
            for (int i = 0; i < 7; i++) {
                others.add(threads.submit(() -> memory.get("a", this::ask)));
            }
            assertThat(memory.get("b", key -> 9))
                    .as("another key waits for nobody")
                    .isEqualTo(9);
            mayAnswer.countDown();
            assertThat(first.get()).isEqualTo(1);
            for (Future<Integer> other : others) {
                assertThat(other.get()).isEqualTo(1);
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(asked).hasValue(1);
    }

    /** The interrupt of one thread is nothing to those that wait for its answer. */
    @Test
    void anInterruptedQuestionIsAskedAgainByTheNext() throws Exception {
        CountDownLatch asking = new CountDownLatch(1);
        CountDownLatch never = new CountDownLatch(1);
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            Future<Integer> first = threads.submit(() -> memory.get("a", key -> {
                asking.countDown();
                await(never);
                return ask(key);
            }));
            asking.await();
            Future<Integer> second = threads.submit(() -> memory.get("a", this::ask));
            first.cancel(true);
            assertThat(second.get()).isEqualTo(1);
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void whoIsInterruptedWhileWaitingKeepsTheMark() throws Exception {
        CountDownLatch asking = new CountDownLatch(1);
        CountDownLatch mayAnswer = new CountDownLatch(1);
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            Future<Integer> first = threads.submit(() -> memory.get("a", key -> {
                asking.countDown();
                await(mayAnswer);
                return ask(key);
            }));
            asking.await();
            Future<Boolean> waiting = threads.submit(() -> {
                Thread.currentThread().interrupt();
                try {
                    memory.get("a", this::ask);
                    return false;
                } catch (KmsUnavailableException e) {
                    return Thread.interrupted();
                }
            });
            assertThat(waiting.get()).isTrue();
            mayAnswer.countDown();
            assertThat(first.get()).isEqualTo(1);
        } catch (ExecutionException e) {
            throw new AssertionError(e.getCause());
        } finally {
            mayAnswer.countDown();
            threads.shutdownNow();
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new KmsUnavailableException("interrupted", e);
        }
    }
}
