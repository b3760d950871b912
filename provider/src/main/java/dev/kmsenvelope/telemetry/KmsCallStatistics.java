package dev.kmsenvelope.telemetry;

import java.time.Duration;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

/**
 * Calls of key services since the library was loaded.
 *
 * @param calls how many, those that failed included
 * @param failures how many failed, by kind; no entry for a kind that did not happen
 * @param total how long all of them took together
 * @param max how long the longest took
 * @param median the time within which half of them ended; like the two that follow at most 25 percent above the true
 *     one, never above {@code max}, and zero if there were none
 * @param percentile95 the time within which 95 percent ended
 * @param percentile99 the time within which 99 percent ended
 */
public record KmsCallStatistics(
        long calls,
        Map<KmsOutcome, Long> failures,
        Duration total,
        Duration max,
        Duration median,
        Duration percentile95,
        Duration percentile99) {

    /**
     * Copies the map.
     *
     * @param calls how many, those that failed included
     * @param failures how many failed, by kind; no entry for a kind that did not happen
     * @param total how long all of them took together
     * @param max how long the longest took
     * @param median the time within which half of them ended; like the two that follow at most 25 percent above the true
     *     one, never above {@code max}, and zero if there were none
     * @param percentile95 the time within which 95 percent ended
     * @param percentile99 the time within which 99 percent ended
     */
    public KmsCallStatistics {
        Map<KmsOutcome, Long> copy = new EnumMap<>(KmsOutcome.class);
        copy.putAll(failures);
        failures = Collections.unmodifiableMap(copy);
    }

    /**
     * How many calls failed.
     *
     * @return the sum over all kinds
     */
    public long failed() {
        return failures.values().stream().mapToLong(Long::longValue).sum();
    }

    /**
     * How long a call took on average.
     *
     * @return the mean; zero if there were none
     */
    public Duration mean() {
        return calls == 0 ? Duration.ZERO : total.dividedBy(calls);
    }
}
