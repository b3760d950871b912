package dev.kmsenvelope.keystore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.kmsenvelope.kms.KeyAccessDeniedException;
import dev.kmsenvelope.kms.KmsException;
import dev.kmsenvelope.kms.KmsThrottledException;
import dev.kmsenvelope.kms.KmsUnavailableException;
import dev.kmsenvelope.testing.kms.Fault;
import dev.kmsenvelope.testing.kms.RequestLog;
import java.security.Key;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The cache of data keys over AWS KMS, when that is away, slow, or says no: by the requests that a server gets. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class AwsCacheTest {

    private static final String ALIAS = "alias/orders";
    private static final String GENERATE = "GenerateDataKey";
    private static final String DECRYPT = "Decrypt";

    private final LoopbackAccount account = new LoopbackAccount();
    private final RequestLog log = account.server().log();

    @BeforeAll
    void createKey() {
        account.create(ALIAS);
    }

    @AfterAll
    void close() {
        account.close();
    }

    @BeforeEach
    void calm() {
        account.server().faults().clear();
        log.clear();
    }

    /** A handle with a cache of its own. */
    private Key key(String... settings) throws Exception {
        Map<String, String> values =
                new HashMap<>(Map.of("aws.retries", "0", "cache.max-age", "5m", "cache.max-failure-age", "0s"));
        for (int i = 0; i < settings.length; i += 2) {
            values.put(settings[i], settings[i + 1]);
        }
        return account.load(values).getKey(ALIAS, null);
    }

    private void fail(Fault fault) {
        account.server().faults().inject(GENERATE, fault);
        account.server().faults().inject(DECRYPT, fault);
    }

    private static void assertWorks(Key key, byte[] sealed) throws Exception {
        assertThat(Fixture.open(key, sealed)).isEqualTo(Fixture.TEXT);
        assertThat(Fixture.seal(key)).isNotEqualTo(sealed);
    }

    private static void assertFails(Key key, byte[] sealed, Class<? extends KmsException> type) {
        assertThatThrownBy(() -> Fixture.seal(key)).isInstanceOf(type);
        assertThatThrownBy(() -> Fixture.open(key, sealed)).isInstanceOf(type);
    }

    /** Waits for what happens in the background. */
    private static Throwable awaitFailure(Callable<?> work) throws Exception {
        while (true) {
            Throwable failure = catchThrowable(work::call);
            if (failure != null) {
                return failure;
            }
            Thread.sleep(20);
        }
    }

    /** Until what is older than so much is too old. */
    private static void age(long millis) throws Exception {
        Thread.sleep(millis + 50);
    }

    @ParameterizedTest
    @CsvSource({
        "UNAVAILABLE, KmsUnavailableException",
        "INTERNAL_ERROR, KmsUnavailableException",
        "CUT_BEFORE_ANSWER, KmsUnavailableException",
        "THROTTLED, KmsThrottledException"
    })
    @DisplayName(
            "In an outage within the limits, what is cached works without a request, and what is not fails by its type")
    void outage(Fault fault, String failure) throws Exception {
        Key key = key();
        byte[] sealed = Fixture.seal(key);
        Fixture.open(key, sealed);
        Key other = key();
        fail(fault);
        log.clear();
        for (int i = 0; i < 20; i++) {
            assertWorks(key, sealed);
        }
        assertThat(log.count()).isZero();
        for (int i = 0; i < 2; i++) {
            assertThat(catchThrowable(() -> Fixture.seal(other)).getClass().getSimpleName())
                    .isEqualTo(failure);
            assertThat(catchThrowable(() -> Fixture.open(other, sealed))
                            .getClass()
                            .getSimpleName())
                    .isEqualTo(failure);
        }
        account.server().faults().clear();
        assertWorks(other, sealed);
    }

    @Test
    @DisplayName("Without a grace, nothing works in an outage beyond the age; it recovers by itself")
    void beyondTheAge() throws Exception {
        Key key = key("cache.max-age", "100ms");
        byte[] sealed = Fixture.seal(key);
        Fixture.open(key, sealed);
        age(100);
        fail(Fault.UNAVAILABLE);
        assertFails(key, sealed, KmsUnavailableException.class);
        fail(Fault.THROTTLED);
        assertFails(key, sealed, KmsThrottledException.class);
        account.server().faults().clear();
        assertWorks(key, sealed);
    }

    @Test
    @DisplayName("RULES 13: a service that throttles is there, so it opens no grace")
    void throttlingOpensNoGrace() throws Exception {
        Key key = key("cache.max-age", "100ms", "cache.grace", "1h");
        byte[] sealed = Fixture.seal(key);
        Fixture.open(key, sealed);
        age(100);
        fail(Fault.THROTTLED);
        assertFails(key, sealed, KmsThrottledException.class);
        account.server().faults().clear();
        assertWorks(key, sealed);
    }

    @Test
    @DisplayName("With a grace it works on, yet for no more messages than the limit; it recovers by itself")
    void grace() throws Exception {
        Key key = key("cache.max-age", "100ms", "cache.grace", "1h", "cache.max-messages", "6");
        byte[] sealed = Fixture.seal(key);
        Fixture.open(key, sealed);
        age(100);
        fail(Fault.UNAVAILABLE);
        for (int i = 1; i < 6; i++) {
            assertWorks(key, sealed);
        }
        assertFails(key, sealed, KmsException.class);
        account.server().faults().clear();
        log.clear();
        assertWorks(key, sealed);
        assertThat(log.count(GENERATE)).isEqualTo(1);
        assertThat(log.count(DECRYPT)).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({"DENIED", "DISABLED", "NOT_FOUND"})
    @DisplayName(
            "RULES 13: a refusal within the grace ends it at once, and for good: a later outage does not bring it back")
    void refusedWithinTheGrace(Fault refusal) throws Exception {
        Key key = key("cache.max-age", "100ms", "cache.grace", "1h");
        byte[] sealed = Fixture.seal(key);
        Fixture.open(key, sealed);
        age(100);
        fail(Fault.UNAVAILABLE);
        assertWorks(key, sealed);
        fail(refusal);
        Class<? extends Throwable> type = awaitFailure(() -> Fixture.seal(key)).getClass();
        assertThat(type).isNotEqualTo(KmsUnavailableException.class).isAssignableTo(KmsException.class);
        assertThat(awaitFailure(() -> Fixture.open(key, sealed))).isInstanceOf(type);
        fail(Fault.UNAVAILABLE);
        assertFails(key, sealed, KmsUnavailableException.class);
    }

    @Test
    @DisplayName("A refusal when it is too old, without any outage before, is told at once; there is no grace for it")
    void refusedWithoutOutage() throws Exception {
        Key key = key("cache.max-age", "100ms", "cache.grace", "1h");
        byte[] sealed = Fixture.seal(key);
        Fixture.open(key, sealed);
        age(100);
        fail(Fault.DENIED);
        assertFails(key, sealed, KeyAccessDeniedException.class);
    }

    @Test
    @DisplayName("A thousand threads that miss one data key make one request, to write and to read")
    void aThousandThreads() throws Exception {
        Key key = key();
        List<Thread> threads = new ArrayList<>();
        AtomicInteger good = new AtomicInteger();
        account.server().faults().hold();
        for (int i = 0; i < 1000; i++) {
            threads.add(start(() -> Fixture.seal(key), good));
        }
        awaitWaiting(threads);
        account.server().faults().clear();
        join(threads);
        assertThat(log.count(GENERATE)).isEqualTo(1);
        assertThat(good).hasValue(1000);

        byte[] sealed = Fixture.seal(key);
        account.server().faults().hold();
        for (int i = 0; i < 1000; i++) {
            threads.add(start(() -> Fixture.open(key, sealed), good));
        }
        awaitWaiting(threads);
        account.server().faults().clear();
        join(threads);
        assertThat(log.count(DECRYPT)).isEqualTo(1);
        assertThat(good).hasValue(2000);
    }

    @Test
    @DisplayName("Whoever is interrupted while he waits fails alone and stays interrupted; the others get the data key")
    void interrupts() throws Exception {
        Key key = key();
        List<Thread> threads = new ArrayList<>();
        AtomicInteger good = new AtomicInteger();
        AtomicInteger interrupted = new AtomicInteger();
        account.server().faults().hold();
        for (int i = 0; i < 8; i++) {
            threads.add(start(
                    () -> {
                        try {
                            return Fixture.seal(key);
                        } catch (KmsUnavailableException e) {
                            interrupted.addAndGet(Thread.currentThread().isInterrupted() ? 1 : 0);
                            throw e;
                        }
                    },
                    good));
        }
        awaitWaiting(threads);
        List<Thread> some = threads.subList(0, 3); // the first of them made the others wait
        some.forEach(Thread::interrupt);
        join(some);
        assertThat(interrupted).hasValue(3);
        account.server().faults().clear();
        join(threads);
        assertThat(good).hasValue(5);
        assertThat(log.count(GENERATE)).isEqualTo(1);
    }

    private static Thread start(Callable<?> work, AtomicInteger good) {
        Thread thread = new Thread(() -> {
            try {
                work.call();
                good.incrementAndGet();
            } catch (Exception e) {
                Thread.currentThread().interrupt(); // not counted
            }
        });
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private static void awaitWaiting(List<Thread> threads) throws InterruptedException {
        while (threads.stream().anyMatch(thread -> thread.isAlive() && thread.getState() != Thread.State.WAITING)) {
            Thread.sleep(10);
        }
    }

    private static void join(List<Thread> threads) throws InterruptedException {
        for (Thread thread : threads) {
            thread.join();
        }
    }
}
