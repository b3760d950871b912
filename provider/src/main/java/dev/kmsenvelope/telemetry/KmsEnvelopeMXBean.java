package dev.kmsenvelope.telemetry;

import java.util.Map;

/**
 * What JMX shows under {@code dev.kmsenvelope:type=KmsEnvelope,loader=...}. It can be read and nothing else (RULES 20): who may
 * reach a JVM by JMX must not be able to change how it encrypts. All counts are since the library was loaded, and never fall;
 * all times are in milliseconds.
 */
public interface KmsEnvelopeMXBean {

    /**
     * How often a cached data key was given out.
     *
     * @return the count
     */
    long getHits();

    /**
     * How often somebody had to wait for a key service.
     *
     * @return the count
     */
    long getMisses();

    /**
     * Hits as a share of hits and misses.
     *
     * @return from 0 to 1
     */
    double getHitRatio();

    /**
     * How often a failure was remembered rather than the service asked again.
     *
     * @return the count
     */
    long getNegativeHits();

    /**
     * How many data keys are cached now.
     *
     * @return the number
     */
    long getEntries();

    /**
     * How many data keys were fetched ahead of time, in the background.
     *
     * @return the count
     */
    long getRefreshes();

    /**
     * How many data keys left the caches.
     *
     * @return the count
     */
    long getEvictions();

    /**
     * How many data keys left the caches, by cause.
     *
     * @return counts by the name of the cause
     */
    Map<String, Long> getEvictionsByCause();

    /**
     * How many calls of key services there were.
     *
     * @return the count
     */
    long getKmsCalls();

    /**
     * How many calls there were of each operation of each service.
     *
     * @return counts by {@code service/OPERATION}
     */
    Map<String, Long> getKmsCallsByKind();

    /**
     * How many calls of key services failed.
     *
     * @return the count
     */
    long getKmsFailures();

    /**
     * How many calls of key services failed, by kind.
     *
     * @return counts by the name of the {@link KmsOutcome}
     */
    Map<String, Long> getKmsFailuresByKind();

    /**
     * How long a call took on average.
     *
     * @return milliseconds
     */
    double getKmsMeanMillis();

    /**
     * How long the longest call took.
     *
     * @return milliseconds
     */
    double getKmsMaxMillis();

    /**
     * The time within which half of the calls ended.
     *
     * @return milliseconds
     */
    double getKmsMedianMillis();

    /**
     * The time within which 95 percent of the calls ended.
     *
     * @return milliseconds
     */
    double getKmsPercentile95Millis();

    /**
     * The time within which 99 percent of the calls ended.
     *
     * @return milliseconds
     */
    double getKmsPercentile99Millis();
}
