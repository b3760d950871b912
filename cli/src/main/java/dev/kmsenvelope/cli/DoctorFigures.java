package dev.kmsenvelope.cli;

import com.google.gson.JsonObject;
import dev.kmsenvelope.dek.CacheSettings;
import dev.kmsenvelope.dek.CacheSettings.Limits;
import dev.kmsenvelope.telemetry.DataKeyCacheStatistics;
import dev.kmsenvelope.telemetry.KmsCallStatistics;
import dev.kmsenvelope.telemetry.KmsEnvelopeStatistics;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What {@code doctor} says of caching and of its own calls.
 *
 * @param settings how data keys are cached
 * @param counted what this process did
 */
record DoctorFigures(CacheSettings settings, KmsEnvelopeStatistics counted) {

    private static final int KIBI = 1024;

    /** What to print, by its label; the second line of a label has none. */
    Map<String, String> lines() {
        DataKeyCacheStatistics cache = counted.cache();
        KmsCallStatistics kms = counted.kms();
        Map<String, String> lines = new LinkedHashMap<>();
        lines.put("Cache", describe());
        lines.put(
                "Calls",
                String.format(
                        Locale.ROOT,
                        "%d calls of the key service by this check, %d failed%s; %.1f ms on average, %.1f ms at most;"
                                + " cache: %d hits, %d misses",
                        kms.calls(),
                        kms.failed(),
                        kms.failures().isEmpty()
                                ? ""
                                : kms.failures().entrySet().stream()
                                        .map(failure -> failure.getKey() + " " + failure.getValue())
                                        .collect(Collectors.joining(", ", " (", ")")),
                        millis(kms.mean()),
                        millis(kms.max()),
                        cache.hits(),
                        cache.misses()));
        return lines;
    }

    private String describe() {
        if (!settings.allowCaching()) {
            return "off: every message asks the key service";
        }
        Limits writing = settings.encryption();
        Limits reading = settings.decryption();
        return "data keys serve " + describe(writing)
                + (reading.equals(writing) ? "" : "; to decrypt, " + describe(reading))
                + "; at most " + settings.maxEntries() + " are kept"
                + (settings.grace().isZero() ? "" : "; " + settings.grace().toSeconds() + " s of grace in an outage")
                + settings.flushFile().map(file -> "; flushed by " + file).orElse("");
    }

    private static String describe(Limits limits) {
        return limits.allowCaching()
                ? duration(limits.maxAge()) + ", " + limits.maxMessages() + " messages and " + size(limits.maxBytes())
                : "one message";
    }

    private static String duration(Duration duration) {
        return duration.toMillis() < 1000 ? duration.toMillis() + " ms" : duration.toSeconds() + " s";
    }

    private static String size(long bytes) {
        long size = bytes;
        int unit = 0;
        String[] units = {"B", "KiB", "MiB", "GiB"};
        while (unit < units.length - 1 && size >= KIBI && size % KIBI == 0) {
            size /= KIBI;
            unit++;
        }
        return size + " " + units[unit];
    }

    private static double millis(Duration duration) {
        return duration.toNanos() / 1e6;
    }

    JsonObject cacheToJson() {
        JsonObject cache = new JsonObject();
        cache.addProperty("on", settings.allowCaching());
        cache.add("encrypt", toJson(settings.encryption()));
        cache.add("decrypt", toJson(settings.decryption()));
        cache.addProperty("maxEntries", settings.maxEntries());
        cache.addProperty("graceMillis", settings.grace().toMillis());
        cache.addProperty("maxFailureAgeMillis", settings.maxFailureAge().toMillis());
        cache.addProperty("flushFile", settings.flushFile().map(Path::toString).orElse(null));
        cache.addProperty("hits", counted.cache().hits());
        cache.addProperty("misses", counted.cache().misses());
        return cache;
    }

    private static JsonObject toJson(Limits limits) {
        JsonObject object = new JsonObject();
        object.addProperty("maxAgeMillis", limits.maxAge().toMillis());
        object.addProperty("maxMessages", limits.maxMessages());
        object.addProperty("maxBytes", limits.maxBytes());
        return object;
    }

    JsonObject callsToJson() {
        KmsCallStatistics kms = counted.kms();
        JsonObject failures = new JsonObject();
        kms.failures().forEach((kind, count) -> failures.addProperty(kind.name(), count));
        JsonObject calls = new JsonObject();
        calls.addProperty("calls", kms.calls());
        calls.addProperty("failed", kms.failed());
        calls.add("failures", failures);
        calls.addProperty("meanMillis", millis(kms.mean()));
        calls.addProperty("maxMillis", millis(kms.max()));
        return calls;
    }
}
