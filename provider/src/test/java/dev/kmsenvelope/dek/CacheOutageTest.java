package dev.kmsenvelope.dek;

import static dev.kmsenvelope.dek.ScriptedSource.encrypted;
import static dev.kmsenvelope.dek.TestCache.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.kmsenvelope.kms.InvalidCiphertextException;
import dev.kmsenvelope.kms.KeyAccessDeniedException;
import dev.kmsenvelope.kms.KeyDisabledException;
import dev.kmsenvelope.kms.KeyNotFoundException;
import dev.kmsenvelope.kms.KmsThrottledException;
import dev.kmsenvelope.kms.KmsUnavailableException;
import java.time.Duration;
import java.util.function.Supplier;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** RULES 13: an outage is waited out within the limits and the grace; a refusal ends the use at once; failures are remembered. */
class CacheOutageTest {

    private static RuntimeException down() {
        return new KmsUnavailableException("down");
    }

    @Test
    @DisplayName("Without a grace, what is cached works until its age, and no longer; then it recovers by itself")
    void withoutGrace() {
        try (TestCache test = new TestCache("cache.max-age", "5m", "cache.max-failure-age", "0s")) {
            test.encryptOnce();
            test.decryptOnce(encrypted(1));
            test.origin.fault = CacheOutageTest::down;
            test.pass(Duration.ofMinutes(5).minusNanos(1));
            assertThat(test.encryptOnce()).isEqualTo(1);
            assertThat(test.decryptOnce(encrypted(1))).isEqualTo(2);
            eventually(() -> test.origin.calls.get() == 4);
            test.pass(Duration.ofNanos(1));
            assertThatThrownBy(test::encrypt).isInstanceOf(KmsUnavailableException.class);
            assertThatThrownBy(() -> test.decrypt(encrypted(1))).isInstanceOf(KmsUnavailableException.class);
            test.origin.fault = () -> null;
            assertThat(test.encryptOnce()).isPositive();
            assertThat(test.decryptOnce(encrypted(1))).isPositive();
        }
    }

    @Test
    @DisplayName("A grace holds all the time, also where failures are remembered for long")
    void graceWithLongMemory() {
        try (TestCache test =
                new TestCache("cache.max-age", "5m", "cache.grace", "1h", "cache.max-failure-age", "1m")) {
            test.encryptOnce();
            test.origin.fault = CacheOutageTest::down;
            for (int seconds = 240; seconds < 1200; seconds++) {
                test.pass(Duration.ofSeconds(seconds == 240 ? 240 : 1));
                assertThat(test.encryptOnce()).as(seconds + " s").isEqualTo(1);
            }
        }
    }

    @Test
    @DisplayName("With a grace it works beyond its age while the service is down, and recovers by itself")
    void grace() {
        try (TestCache test = new TestCache("cache.max-age", "5m", "cache.grace", "1h")) {
            test.encryptOnce();
            test.decryptOnce(encrypted(1));
            test.origin.fault = CacheOutageTest::down;
            test.pass(Duration.ofMinutes(50));
            for (int i = 0; i < 100; i++) {
                assertThat(test.encryptOnce()).isEqualTo(1);
                assertThat(test.decryptOnce(encrypted(1))).isEqualTo(2);
            }
            assertThat(test.origin.calls.get()).as("asked once per key").isEqualTo(4);
            test.origin.fault = () -> null;
            test.pass(Duration.ofSeconds(2));
            eventually(() -> test.encryptOnce() > 4 && test.decryptOnce(encrypted(1)) > 4);
        }
    }

    @Test
    @DisplayName("RULES 13: a service that throttles is there, so it opens no grace; within its age a data key stays")
    void throttlingOpensNoGrace() {
        try (TestCache test = new TestCache("cache.max-age", "5m", "cache.grace", "1h")) {
            test.encryptOnce();
            test.decryptOnce(encrypted(1));
            test.origin.fault = () -> new KmsThrottledException("slow down");
            for (int second = 0; second < 290; second += 10) {
                assertThat(test.encryptOnce()).as("within its age").isEqualTo(1);
                assertThat(test.decryptOnce(encrypted(1))).as("within its age").isEqualTo(2);
                test.pass(Duration.ofSeconds(10));
            }
            test.pass(Duration.ofSeconds(20));
            for (int i = 0; i < 5; i++) {
                assertThatThrownBy(test::encrypt).isInstanceOf(KmsThrottledException.class);
                assertThatThrownBy(() -> test.decrypt(encrypted(1))).isInstanceOf(KmsThrottledException.class);
                test.pass(Duration.ofMinutes(1));
            }
            test.origin.fault = () -> null;
            assertThat(test.encryptOnce()).isGreaterThan(2);
            assertThat(test.decryptOnce(encrypted(1))).isGreaterThan(2);
        }
    }

    @Test
    @DisplayName("Beyond the grace nothing works, and beyond the messages nothing works within it")
    void endOfGrace() {
        try (TestCache test = new TestCache("cache.max-age", "5m", "cache.grace", "1h", "cache.max-messages", "4")) {
            test.encryptOnce();
            test.decryptOnce(encrypted(1));
            test.origin.fault = CacheOutageTest::down;
            test.pass(Duration.ofMinutes(6));
            test.encryptOnce();
            test.encryptOnce();
            test.encryptOnce();
            assertThatThrownBy(test::encrypt).isInstanceOf(KmsUnavailableException.class);
            test.pass(Duration.ofMinutes(59));
            assertThatThrownBy(() -> test.decrypt(encrypted(1))).isInstanceOf(KmsUnavailableException.class);
            eventually(() -> test.wipedAfterCleaning() == 2);
        }
    }

    @Test
    @DisplayName("While the service is there, the grace gives nothing: a new data key is waited for")
    void noGraceWithoutOutage() {
        try (TestCache test = new TestCache("cache.max-age", "5m", "cache.grace", "1h")) {
            test.encryptOnce();
            test.decryptOnce(encrypted(1));
            test.pass(Duration.ofMinutes(5));
            assertThat(test.encryptOnce()).isEqualTo(3);
            assertThat(test.decryptOnce(encrypted(1))).isEqualTo(4);
        }
    }

    @Test
    @DisplayName("A refusal within the grace, or when it is renewed, ends the use at once, and its type is told")
    void refusals() {
        for (Supplier<RuntimeException> refusal : java.util.List.<Supplier<RuntimeException>>of(
                () -> new KeyAccessDeniedException("r"),
                () -> new KeyDisabledException("r"),
                () -> new KeyNotFoundException("r"),
                () -> new InvalidCiphertextException("r"))) {
            try (TestCache test = new TestCache("cache.max-age", "5m", "cache.grace", "1h")) {
                test.encryptOnce();
                test.decryptOnce(encrypted(1));
                test.origin.fault = CacheOutageTest::down;
                test.pass(Duration.ofMinutes(6));
                assertThat(test.encryptOnce()).isEqualTo(1);
                assertThat(test.decryptOnce(encrypted(1))).isEqualTo(2);
                test.origin.fault = refusal;
                test.pass(Duration.ofSeconds(2));
                Class<?> type = refusal.get().getClass();
                eventually(() -> {
                    Throwable encrypting = catchThrowable(() -> test.encrypt().close());
                    Throwable decrypting =
                            catchThrowable(() -> test.decrypt(encrypted(1)).close());
                    return type.isInstance(encrypting) && type.isInstance(decrypting);
                });
                assertThat(test.wiped).hasValue(2);
                assertThat(test.cache.statistics().evictions()).containsEntry(EvictionCause.REFUSED, 2L);
            }
        }
    }

    @Test
    @DisplayName("A renewal that fails in an outage is not tried at every message")
    void retries() {
        try (TestCache test = new TestCache("cache.max-age", "5m", "cache.max-failure-age", "10s")) {
            test.encryptOnce();
            test.origin.fault = CacheOutageTest::down;
            test.pass(Duration.ofMinutes(4));
            for (int second = 0; second < 30; second += 10) {
                int calls = second / 10 + 2;
                eventually(() -> {
                    test.encryptOnce();
                    return test.cache.statistics().failureCount() == calls - 1 && !test.cache.isAsking();
                });
                for (int i = 0; i < 100; i++) {
                    test.encryptOnce();
                }
                assertThat(test.origin.calls).hasValue(calls);
                test.pass(Duration.ofSeconds(10));
            }
        }
    }

    @Test
    @DisplayName(
            "One failure is not held against the next call; the second in a row is thrown for a while without a call")
    void negative() {
        try (TestCache test = new TestCache("cache.max-failure-age", "1s")) {
            test.origin.fault = () -> new KeyDisabledException("off");
            assertThatThrownBy(test::encrypt).isInstanceOf(KeyDisabledException.class);
            test.origin.fault = () -> null;
            assertThat(test.encryptOnce()).isEqualTo(2);
            test.cache.flush();

            test.origin.fault = () -> new KeyDisabledException("off");
            for (int i = 0; i < 50; i++) {
                assertThatThrownBy(test::encrypt)
                        .isInstanceOf(KeyDisabledException.class)
                        .hasMessage("off");
            }
            assertThat(test.origin.calls).hasValue(4);
            assertThat(test.cache.statistics().negativeHits()).isEqualTo(48);
            test.origin.fault = () -> null;
            assertThatThrownBy(test::encrypt).isInstanceOf(KeyDisabledException.class);
            test.pass(Duration.ofSeconds(1));
            assertThat(test.encryptOnce()).isEqualTo(5);
        }
    }

    @Test
    @DisplayName("A flush forgets failures too, and zero switches their memory off")
    void forgetting() {
        try (TestCache test = new TestCache("cache.max-failure-age", "10s")) {
            test.origin.fault = CacheOutageTest::down;
            for (int i = 0; i < 5; i++) {
                assertThatThrownBy(test::encrypt).isInstanceOf(KmsUnavailableException.class);
            }
            assertThat(test.origin.calls).hasValue(2);
            test.cache.flush();
            test.origin.fault = () -> null;
            assertThat(test.encryptOnce()).isEqualTo(3);
        }
        try (TestCache test = new TestCache("cache.max-failure-age", "0s")) {
            test.origin.fault = CacheOutageTest::down;
            for (int i = 0; i < 5; i++) {
                assertThatThrownBy(test::encrypt).isInstanceOf(KmsUnavailableException.class);
            }
            assertThat(test.origin.calls).hasValue(5);
        }
    }

    @Test
    @DisplayName("RULES 13: failures push no data key out, however many there are and however large what they are for")
    void failuresArePlacedApart() {
        try (TestCache test = new TestCache("cache.max-entries", "3", "cache.max-failure-age", "1m")) {
            test.encryptOnce();
            test.origin.fault = () -> new InvalidCiphertextException("not ours");
            for (int i = 0; i < 200; i++) {
                dev.kmsenvelope.kms.EncryptedDataKey large =
                        new dev.kmsenvelope.kms.EncryptedDataKey("test", new byte[60_000], new byte[] {(byte) i});
                assertThatThrownBy(() -> test.decrypt(large)).isInstanceOf(InvalidCiphertextException.class);
            }
            assertThat(test.encryptOnce()).isEqualTo(1);
        }
    }
}
