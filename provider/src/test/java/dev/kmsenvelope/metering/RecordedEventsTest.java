package dev.kmsenvelope.metering;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.kmsenvelope.kms.DataKeyPair;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KmsUnavailableException;
import dev.kmsenvelope.testing.InMemoryKeyService;
import dev.kmsenvelope.testing.Recordings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a recording of Java Flight Recorder has of the calls of key services. */
class RecordedEventsTest {

    private static final KeyId KEY = KeyId.of("orders-key");
    private static final EncryptionContext CONTEXT = EncryptionContext.of(Map.of("tenant-name", "value-of-acme-4711"));

    @TempDir
    private Path directory;

    private final InMemoryKeyService real = new InMemoryKeyService().withKey("orders-key");
    private final MeasuredKeyService service = MeasuredKeyService.of(real, "recorded", new KmsCalls());

    @Test
    void aCallIsAnEventWithItsKeyAndOutcome() throws Exception {
        List<RecordedEvent> events;
        try (Recording recording = Recordings.start("dev.kmsenvelope.KmsCall")) {
            try (DataKeyPair pair = service.generateDataKey(KEY, 32, CONTEXT)) {
                assertThat(pair.plaintext().length()).isEqualTo(32);
            }
            service.list();
            service.decryptionKeys(KEY);
            real.failWith(() -> new KmsUnavailableException("text-of-the-service-0815"));
            assertThat(catchThrowable(() -> service.describe(KEY))).isInstanceOf(KmsUnavailableException.class);
            events = Recordings.stop(recording, directory);
        }
        assertThat(events)
                .extracting(
                        event -> event.getString("service"),
                        event -> event.getString("operation"),
                        event -> event.getString("key"),
                        event -> event.getString("outcome"))
                .containsExactlyInAnyOrder(
                        org.assertj.core.groups.Tuple.tuple("recorded", "GENERATE_DATA_KEY", "orders-key", "SUCCESS"),
                        org.assertj.core.groups.Tuple.tuple("recorded", "LIST_KEYS", null, "SUCCESS"),
                        org.assertj.core.groups.Tuple.tuple("recorded", "DESCRIBE_KEY", "orders-key", "UNAVAILABLE"));
        assertThat(events).allMatch(event -> event.getDuration().compareTo(Duration.ZERO) >= 0);
    }

    /** RULES 20. */
    @Test
    void aRecordingHasNoSecretNoCiphertextAndNoContext() throws Exception {
        byte[] plaintext;
        byte[] encrypted;
        try (Recording recording = Recordings.start("dev.kmsenvelope.KmsCall")) {
            try (DataKeyPair pair = service.generateDataKey(KEY, 32, CONTEXT)) {
                plaintext = pair.plaintext().copy();
                encrypted = pair.encrypted().ciphertext();
                service.decrypt(KEY, pair.encrypted(), CONTEXT).close();
                real.failWith(() -> new KmsUnavailableException("text-of-the-service-0815"));
                assertThat(catchThrowable(() -> service.decrypt(KEY, pair.encrypted(), CONTEXT)))
                        .isInstanceOf(KmsUnavailableException.class);
            }
            List<RecordedEvent> events = Recordings.stop(recording, directory);
            assertThat(events).hasSize(3);
            Recordings.requireAbsent(
                    events,
                    List.of(plaintext, encrypted),
                    "value-of-acme-4711",
                    "tenant-name",
                    "text-of-the-service-0815");
        }
        Recordings.requireFileWithout(directory, List.of(plaintext, encrypted), "value-of-acme-4711");
    }

    @Test
    void nothingIsRecordedThatNobodyAskedFor() {
        assertThat(Events.get().call("s", dev.kmsenvelope.telemetry.KmsOperation.SIGN, "k"))
                .isSameAs(Events.Call.UNRECORDED);
        assertThat(Events.get()).isInstanceOf(RecordedEvents.class).isSameAs(Events.get());
    }
}
