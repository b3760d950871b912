package dev.kmsenvelope.metering;

import dev.kmsenvelope.telemetry.DataKeyCacheStatistics;
import dev.kmsenvelope.telemetry.KmsCallStatistics;
import dev.kmsenvelope.telemetry.KmsEnvelopeMXBean;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/** Reads the figures anew for each attribute; it keeps nothing. */
final class ManagementBean implements KmsEnvelopeMXBean {

    private static DataKeyCacheStatistics cache() {
        return OpenCaches.ALL.statistics();
    }

    private static KmsCallStatistics kms() {
        return KmsCalls.ALL.total();
    }

    private static double millis(Duration duration) {
        return duration.toNanos() / 1e6;
    }

    private static <K, V> Map<String, Long> counts(Map<K, V> map, Function<K, String> name, Function<V, Long> count) {
        Map<String, Long> counts = new TreeMap<>();
        map.forEach((key, value) -> counts.put(name.apply(key), count.apply(value)));
        return counts;
    }

    @Override
    public long getHits() {
        return cache().hits();
    }

    @Override
    public long getMisses() {
        return cache().misses();
    }

    @Override
    public double getHitRatio() {
        return cache().hitRatio();
    }

    @Override
    public long getNegativeHits() {
        return cache().negativeHits();
    }

    @Override
    public long getEntries() {
        return cache().entries();
    }

    @Override
    public long getRefreshes() {
        return cache().refreshes();
    }

    @Override
    public long getEvictions() {
        return cache().evicted();
    }

    @Override
    public Map<String, Long> getEvictionsByCause() {
        return cache().evictions();
    }

    @Override
    public long getKmsCalls() {
        return kms().calls();
    }

    @Override
    public Map<String, Long> getKmsCallsByKind() {
        return counts(KmsCalls.ALL.byKind(), kind -> kind.service() + "/" + kind.operation(), KmsCallStatistics::calls);
    }

    @Override
    public long getKmsFailures() {
        return kms().failed();
    }

    @Override
    public Map<String, Long> getKmsFailuresByKind() {
        return counts(kms().failures(), Enum::name, count -> count);
    }

    @Override
    public double getKmsMeanMillis() {
        return millis(kms().mean());
    }

    @Override
    public double getKmsMaxMillis() {
        return millis(kms().max());
    }

    @Override
    public double getKmsMedianMillis() {
        return millis(kms().median());
    }

    @Override
    public double getKmsPercentile95Millis() {
        return millis(kms().percentile95());
    }

    @Override
    public double getKmsPercentile99Millis() {
        return millis(kms().percentile99());
    }
}
