package dev.kmsenvelope.micrometer;

import dev.kmsenvelope.telemetry.DataKeyCacheStatistics;
import dev.kmsenvelope.telemetry.KmsCallStatistics;
import dev.kmsenvelope.telemetry.KmsEnvelopeStatistics;
import dev.kmsenvelope.telemetry.KmsOperation;
import dev.kmsenvelope.telemetry.KmsOutcome;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/**
 * Shows what this library counts: {@code new KmsEnvelopeMetrics().bindTo(registry)}. All meters start with {@code
 * kmsenvelope.}; none has a tag for a key, for there may be any number of keys. Counters are those of the process since the
 * library was loaded, and need not be kept alive by anybody.
 */
public final class KmsEnvelopeMetrics implements MeterBinder {

    private static final List<String> EVICTION_CAUSES =
            List.of("EXPIRED", "EXHAUSTED", "REPLACED", "REFUSED", "SIZE", "FLUSHED", "CLOSED");

    private final Iterable<Tag> tags;

    /** Makes a binder without tags of its own. */
    public KmsEnvelopeMetrics() {
        this(Tags.empty());
    }

    /**
     * Makes a binder whose meters all have some tags.
     *
     * @param tags the tags
     */
    public KmsEnvelopeMetrics(Iterable<Tag> tags) {
        this.tags = tags;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        bindCache(registry);
        bindCalls(registry);
    }

    private void bindCache(MeterRegistry registry) {
        cacheCounter(registry, "hits", "data keys given out of the cache", DataKeyCacheStatistics::hits);
        cacheCounter(registry, "misses", "requests that waited for a key service", DataKeyCacheStatistics::misses);
        cacheCounter(registry, "negative.hits", "remembered failures", DataKeyCacheStatistics::negativeHits);
        cacheCounter(registry, "loads", "data keys asked of a key service", DataKeyCacheStatistics::loads);
        cacheCounter(registry, "refreshes", "loads ahead of time", DataKeyCacheStatistics::refreshes);
        for (String cause : EVICTION_CAUSES) {
            FunctionCounter.builder(
                            "kmsenvelope.cache.evictions",
                            Readings.ALL,
                            readings -> readings.now().cache().evictions().getOrDefault(cause, 0L))
                    .description("data keys that left the cache")
                    .tags(Tags.concat(tags, "cause", tag(cause)))
                    .register(registry);
        }
        Gauge.builder(
                        "kmsenvelope.cache.entries",
                        Readings.ALL,
                        readings -> readings.now().cache().entries())
                .description("data keys that are cached")
                .tags(tags)
                .register(registry);
    }

    private void cacheCounter(
            MeterRegistry registry, String name, String description, ToDoubleFunction<DataKeyCacheStatistics> count) {
        FunctionCounter.builder(
                        "kmsenvelope.cache." + name,
                        Readings.ALL,
                        readings -> count.applyAsDouble(readings.now().cache()))
                .description(description)
                .tags(tags)
                .register(registry);
    }

    private void bindCalls(MeterRegistry registry) {
        for (KmsOperation operation : KmsOperation.values()) {
            FunctionTimer.builder(
                            "kmsenvelope.kms.calls",
                            Readings.ALL,
                            readings -> calls(readings.now(), operation),
                            readings -> nanos(readings.now(), operation),
                            TimeUnit.NANOSECONDS)
                    .description("calls of key services")
                    .tags(Tags.concat(tags, "operation", tag(operation.name())))
                    .register(registry);
        }
        for (KmsOutcome outcome : KmsOutcome.values()) {
            if (outcome != KmsOutcome.SUCCESS) {
                FunctionCounter.builder(
                                "kmsenvelope.kms.failures",
                                Readings.ALL,
                                readings -> readings.now().kms().failures().getOrDefault(outcome, 0L))
                        .description("calls of key services that failed")
                        .tags(Tags.concat(tags, "kind", tag(outcome.name())))
                        .register(registry);
            }
        }
        time(registry, "max", "the longest call since the start", KmsCallStatistics::max);
        time(registry, "p50", "the time within which half of all calls ended", KmsCallStatistics::median);
        time(registry, "p99", "the time within which 99 percent of all calls ended", KmsCallStatistics::percentile99);
    }

    private void time(
            MeterRegistry registry, String name, String description, Function<KmsCallStatistics, Duration> time) {
        TimeGauge.builder(
                        "kmsenvelope.kms.latency." + name,
                        Readings.ALL,
                        TimeUnit.NANOSECONDS,
                        readings -> time.apply(readings.now().kms()).toNanos())
                .description(description)
                .tags(tags)
                .register(registry);
    }

    private static long calls(KmsEnvelopeStatistics statistics, KmsOperation operation) {
        return statistics.kmsByKind().entrySet().stream()
                .filter(entry -> entry.getKey().operation() == operation)
                .mapToLong(entry -> entry.getValue().calls())
                .sum();
    }

    private static double nanos(KmsEnvelopeStatistics statistics, KmsOperation operation) {
        return statistics.kmsByKind().entrySet().stream()
                .filter(entry -> entry.getKey().operation() == operation)
                .mapToDouble(entry -> entry.getValue().total().toNanos())
                .sum();
    }

    private static String tag(String constant) {
        return constant.toLowerCase(Locale.ROOT);
    }
}
