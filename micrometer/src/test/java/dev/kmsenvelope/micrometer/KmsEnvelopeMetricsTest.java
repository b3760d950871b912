package dev.kmsenvelope.micrometer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.kms.DataKeyPair;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyAdministration;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyNotFoundException;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.provider.KmsEnvelope;
import dev.kmsenvelope.spi.Backends;
import dev.kmsenvelope.telemetry.DataKeyCacheStatistics;
import dev.kmsenvelope.telemetry.KmsCallStatistics;
import dev.kmsenvelope.telemetry.KmsEnvelopeStatistics;
import dev.kmsenvelope.telemetry.KmsOperation;
import dev.kmsenvelope.telemetry.KmsOutcome;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KmsEnvelopeMetricsTest {

    private static final KeyId ORDERS = KeyId.of("alias/orders");

    @TempDir
    private Path directory;

    private final MeterRegistry registry = new SimpleMeterRegistry();

    @Test
    void callsFailuresAndTimesOfAKeyServiceAreMeters() throws Exception {
        Configuration configuration = Configuration.of(Map.of("local.directory", directory.toString()));
        try (KeyAdministration keys = Backends.openAdministration(configuration)) {
            keys.createKey(KeySpec.SYMMETRIC_DEFAULT, ORDERS);
        }
        try (KeyService service = Backends.openService(configuration)) {
            try (DataKeyPair pair = service.generateDataKey(ORDERS, 32, EncryptionContext.empty())) {
                service.decrypt(service.describe(ORDERS).id(), pair.encrypted(), EncryptionContext.empty())
                        .close();
            }
            assertThat(catchThrowable(() -> service.describe(KeyId.of("alias/none"))))
                    .isInstanceOf(KeyNotFoundException.class);
        }
        new KmsEnvelopeMetrics(Tags.of("application", "shop")).bindTo(registry);
        System.gc(); // nobody keeps the binder
        assertThat(registry.get("kmsenvelope.kms.calls")
                        .tag("operation", "generate_data_key")
                        .tag("application", "shop")
                        .functionTimer()
                        .count())
                .isEqualTo(1);
        assertThat(registry.get("kmsenvelope.kms.calls")
                        .tag("operation", "describe_key")
                        .functionTimer()
                        .count())
                .isEqualTo(2);
        assertThat(registry.get("kmsenvelope.kms.calls")
                        .tag("operation", "decrypt")
                        .functionTimer()
                        .totalTime(TimeUnit.NANOSECONDS))
                .isPositive();
        assertThat(registry.get("kmsenvelope.kms.failures")
                        .tag("kind", "not_found")
                        .functionCounter()
                        .count())
                .isEqualTo(1);
        assertThat(registry.get("kmsenvelope.kms.failures")
                        .tag("kind", "denied")
                        .functionCounter()
                        .count())
                .isZero();
        assertThat(registry.get("kmsenvelope.kms.latency.max").timeGauge().value(TimeUnit.NANOSECONDS))
                .isCloseTo(
                        (double) KmsEnvelope.statistics().kms().max().toNanos(),
                        withinPercentage(0.001)); // is kept in seconds
        assertThat(registry.get("kmsenvelope.cache.entries").gauge().value()).isZero();
    }

    @Test
    void everyMeterHasAValueADescriptionAndTheTags() {
        new KmsEnvelopeMetrics(Tags.of("application", "shop")).bindTo(registry);
        assertThat(registry.getMeters()).hasSizeGreaterThan(30);
        for (Meter meter : registry.getMeters()) {
            assertThat(meter.getId().getName()).startsWith("kmsenvelope.");
            assertThat(meter.getId().getDescription()).isNotBlank();
            assertThat(meter.getId().getTags()).contains(Tag.of("application", "shop"));
            meter.measure()
                    .forEach(measurement -> assertThat(measurement.getValue())
                            .as("%s", meter.getId())
                            .isNotNaN()
                            .isNotNegative());
        }
    }

    /** RULES 20: a tag is one of a fixed set of words, never the name of a key or what a message says. */
    @Test
    void tagsAreOutOfFixedSets() {
        new KmsEnvelopeMetrics().bindTo(registry);
        int operations = KmsOperation.values().length;
        int kinds = KmsOutcome.values().length - 1;
        assertThat(registry.find("kmsenvelope.kms.calls").functionTimers()).hasSize(operations);
        assertThat(registry.find("kmsenvelope.kms.failures").functionCounters()).hasSize(kinds);
        assertThat(registry.getMeters().stream().flatMap(meter -> meter.getId().getTags().stream()))
                .allMatch(tag -> tag.getValue().matches("[a-z_]+"))
                .extracting(Tag::getKey)
                .containsOnly("operation", "kind", "cause");
    }

    @Test
    void theFiguresAreReadOnceForAllMetersThatArePublishedTogether() {
        AtomicInteger reads = new AtomicInteger();
        AtomicLong time = new AtomicLong(Long.MAX_VALUE - 5); // the clock may overflow
        KmsCallStatistics none = new KmsCallStatistics(
                0, Map.of(), Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO);
        Readings readings = new Readings(
                () -> {
                    reads.incrementAndGet();
                    return new KmsEnvelopeStatistics(DataKeyCacheStatistics.NONE, none, Map.of());
                },
                time::get);
        readings.now();
        readings.now();
        time.addAndGet(Readings.KEEP_NANOS - 1);
        readings.now();
        assertThat(reads).hasValue(1);
        time.addAndGet(1);
        readings.now();
        assertThat(reads).hasValue(2);
    }
}
