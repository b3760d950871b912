package dev.kmsenvelope.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.kmsenvelope.dek.LoadFailure;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KmsException;
import dev.kmsenvelope.kms.KmsUnavailableException;
import dev.kmsenvelope.metering.Events;
import dev.kmsenvelope.telemetry.DataKeyCacheStatistics;
import dev.kmsenvelope.telemetry.KmsOutcome;
import dev.kmsenvelope.testing.Ciphers;
import dev.kmsenvelope.testing.InMemoryKeyService;
import dev.kmsenvelope.testing.Recordings;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.ProviderException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is counted and recorded of the caches of data keys, and flushing all of them. */
class CacheTelemetryTest {

    private static final String[] EVENTS = {
        "dev.kmsenvelope.KmsCall",
        "dev.kmsenvelope.DataKeyCacheMiss",
        "dev.kmsenvelope.DataKeyCacheRefresh",
        "dev.kmsenvelope.DataKeyCacheEviction"
    };
    private static final byte[] TEXT = "plaintext-that-nobody-may-see".getBytes(StandardCharsets.UTF_8);

    @TempDir
    private Path directory;

    private final InMemoryKeyService real = new InMemoryKeyService().withKey("orders-key");

    private KmsSecretKey handle(String... settings) {
        return Ciphers.handle(KmsEnvelope.measured(real), "orders-key", settings);
    }

    private static DataKeyCacheStatistics counted() {
        return KmsEnvelope.statistics().cache();
    }

    @Test
    void hitsMissesAndLoadsAreCounted() throws Exception {
        KmsSecretKey handle = handle();
        DataKeyCacheStatistics before = counted();
        List<byte[]> messages = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            messages.add(Ciphers.encrypt(handle, TEXT));
        }
        DataKeyCacheStatistics after = counted();
        assertThat(after.misses() - before.misses()).isEqualTo(1);
        assertThat(after.loads() - before.loads()).isEqualTo(1);
        assertThat(after.hits() - before.hits()).isEqualTo(9);
        assertThat(after.entries() - before.entries()).isEqualTo(1);
        assertThat(after.maxLoadTime()).isPositive();
        assertThat(after.hitRatio()).isPositive();
        assertThat(real.generated).hasValue(1);
        assertThat(messages).hasSize(10);
    }

    @Test
    void flushingAsksTheServiceAgain() throws Exception {
        KmsSecretKey handle = handle();
        Ciphers.encrypt(handle, TEXT);
        DataKeyCacheStatistics before = counted();
        KmsEnvelope.flushDataKeys();
        assertThat(counted().entries()).isZero();
        assertThat(counted().evictions().get("FLUSHED"))
                .isGreaterThan(before.evictions().getOrDefault("FLUSHED", 0L));
        Ciphers.encrypt(handle, TEXT);
        assertThat(real.generated).hasValue(2);
    }

    /** The sums must not fall when a cache is collected: monitoring would take that for a restart. */
    @Test
    void whatACacheCountedOutlivesIt() throws Exception {
        KmsSecretKey handle = handle();
        Ciphers.encrypt(handle, TEXT);
        Ciphers.encrypt(handle, TEXT);
        DataKeyCacheStatistics before = counted();
        assertThat(handle.id()).isEqualTo(KeyId.of("orders-key"));
        handle = null;
        for (int i = 0; i < 10; i++) {
            System.gc();
            assertThat(counted().hits()).isGreaterThanOrEqualTo(before.hits());
            assertThat(counted().misses()).isGreaterThanOrEqualTo(before.misses());
        }
    }

    @Test
    void missesAndEvictionsAreRecordedWithCountsAndNoSecrets() throws Exception {
        KmsSecretKey handle = handle("key.orders-key.context.tenant-name", "value-of-acme-4711");
        List<byte[]> secrets = new ArrayList<>();
        byte[] message;
        List<RecordedEvent> events;
        KmsEnvelope.flushDataKeys(); // of other tests
        try (Recording recording = Recordings.start(EVENTS)) {
            message = Ciphers.encrypt(handle, TEXT);
            Ciphers.encrypt(handle, TEXT);
            Ciphers.decrypt(handle, message);
            real.handedOut.forEach(secret -> secrets.add(message.clone()));
            KmsEnvelope.flushDataKeys();
            events = Recordings.stop(recording, directory);
        }
        assertThat(events.stream()
                        .filter(event -> event.getEventType().getName().endsWith("CacheMiss")))
                .extracting(event -> event.getString("key"), event -> event.getString("operation"))
                .containsExactly(tuple("orders-key", "ENCRYPT"), tuple("orders-key", "DECRYPT"));
        assertThat(events.stream()
                        .filter(event -> event.getEventType().getName().endsWith("CacheEviction")))
                .extracting(
                        event -> event.getString("key"),
                        event -> event.getString("operation"),
                        event -> event.getString("cause"),
                        event -> event.getLong("messages"))
                .contains(tuple("orders-key", "ENCRYPT", "FLUSHED", 2L), tuple("orders-key", "DECRYPT", "FLUSHED", 1L));
        Recordings.requireAbsent(events, List.of(TEXT, message), "value-of-acme-4711", "tenant-name");
        Recordings.requireFileWithout(directory, List.of(TEXT), "value-of-acme-4711");
        assertThat(secrets).isNotEmpty();
    }

    /** RULES 20, with the data key itself and its encrypted version, which only the service knows apart. */
    @Test
    void noDataKeyIsRecorded() throws Exception {
        byte[] dataKey;
        EncryptedDataKey encrypted;
        List<RecordedEvent> events;
        try (Recording recording = Recordings.start(EVENTS)) {
            var service = KmsEnvelope.measured(real);
            var pair = service.generateDataKey(
                    KeyId.of("orders-key"), 32, EncryptionContext.of(Map.of("a", "value-of-acme-4711")));
            dataKey = pair.plaintext().copy();
            encrypted = pair.encrypted();
            Ciphers.encrypt(handle(), TEXT);
            real.failWith(() -> new KmsUnavailableException("text-of-the-service-0815"));
            assertThat(org.assertj.core.api.Assertions.catchThrowable(
                            () -> Ciphers.encrypt(handle("cache.max-age", "1h"), TEXT)))
                    .isInstanceOf(ProviderException.class);
            events = Recordings.stop(recording, directory);
        }
        assertThat(events).anyMatch(event -> "UNAVAILABLE".equals(outcome(event)));
        Recordings.requireAbsent(events, List.of(dataKey, encrypted.ciphertext()), "0815", "4711");
        Recordings.requireFileWithout(directory, List.of(dataKey, encrypted.ciphertext()), "0815", "4711");
    }

    private static String outcome(RecordedEvent event) {
        return event.hasField("outcome") ? event.getString("outcome") : "";
    }

    @Test
    void aRefreshIsRecorded() throws Exception {
        List<RecordedEvent> events;
        try (Recording recording = Recordings.start(EVENTS)) {
            Events.get().cacheRefreshed("orders-key", "ENCRYPT", 1_500_000, KmsOutcome.THROTTLED);
            events = Recordings.stop(recording, directory);
        }
        assertThat(events).hasSize(1);
        assertThat(events.get(0).getEventType().getName()).isEqualTo("dev.kmsenvelope.DataKeyCacheRefresh");
        assertThat(events.get(0).getDuration("time")).hasNanos(1_500_000);
        assertThat(events.get(0).getString("outcome")).isEqualTo("THROTTLED");
    }

    @ParameterizedTest
    @EnumSource(LoadFailure.class)
    void everyKindOfFailureOfACacheIsOneOfTheCalls(LoadFailure failure) {
        assertThat(CacheTelemetry.outcome(failure)).isNotEqualTo(KmsOutcome.SUCCESS);
        assertThat(CacheTelemetry.outcome(null)).isEqualTo(KmsOutcome.SUCCESS);
        assertThat(KmsException.class).isAbstract();
    }
}
