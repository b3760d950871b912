package dev.kmsenvelope.dek;

import dev.kmsenvelope.config.Configuration;
import java.time.Duration;
import java.util.Set;

/**
 * How long, for how much, and how many data keys are cached.
 *
 * @param encryption the limits of data keys that messages are written with
 * @param decryption the limits of data keys that messages are read with
 * @param maxEntries how many data keys are cached; one that is long with its encrypted versions, its encryption context and
 *     its names counts for several: as many as it has KiB
 * @param grace for how long a data key is used beyond its greatest age while the service is not available
 * @param maxFailureAge for how long a failure is remembered rather than the service asked again; zero for not at all
 */
public record CacheSettings(
        Limits encryption, Limits decryption, int maxEntries, Duration grace, Duration maxFailureAge) {

    /** For how long a data key is cached when nothing else is set. */
    public static final Duration DEFAULT_MAX_AGE = Duration.ofMinutes(5);

    /** How many messages a data key serves when nothing else is set: 2^20. */
    public static final long DEFAULT_MAX_MESSAGES = 1L << 20;

    /** How many bytes of plaintext a data key serves when nothing else is set: 64 GiB. */
    public static final long DEFAULT_MAX_BYTES = 64L << 30;

    /** How many data keys are cached when nothing else is set. */
    public static final int DEFAULT_MAX_ENTRIES = 10_000;

    /** For how long a failure is remembered when nothing else is set. */
    public static final Duration DEFAULT_MAX_FAILURE_AGE = Duration.ofSeconds(1);

    /** The most messages that can be allowed: 2^32 keeps the collision of two message ids below 2^-65 (RULES 1). */
    public static final long MOST_MESSAGES = 1L << 32;

    /** The most bytes that can be allowed: 1024 TiB. */
    public static final long MOST_BYTES = 1L << 50;

    /** The longest that a data key can be cached, and the longest grace. */
    public static final Duration LONGEST = Duration.ofDays(30);

    /** The longest that a failure can be remembered. */
    public static final Duration LONGEST_FAILURE_AGE = Duration.ofMinutes(1);

    /** The most entries that can be allowed. */
    public static final int MOST_ENTRIES = 100_000_000;

    private static final String PREFIX = "cache.";
    private static final String DECRYPT_PREFIX = PREFIX + "decrypt.";
    private static final String MAX_AGE = "max-age";
    private static final String MAX_MESSAGES = "max-messages";
    private static final String MAX_BYTES = "max-bytes";
    private static final String MAX_ENTRIES = PREFIX + "max-entries";
    private static final String GRACE = PREFIX + "grace";
    private static final String MAX_FAILURE_AGE = PREFIX + "max-failure-age";

    /** The settings that {@link #of} reads. */
    public static final Set<String> CONFIGURATION_KEYS = Set.of(
            PREFIX + MAX_AGE,
            PREFIX + MAX_MESSAGES,
            PREFIX + MAX_BYTES,
            DECRYPT_PREFIX + MAX_AGE,
            DECRYPT_PREFIX + MAX_MESSAGES,
            DECRYPT_PREFIX + MAX_BYTES,
            MAX_ENTRIES,
            GRACE,
            MAX_FAILURE_AGE);

    /** The settings of those who set nothing. */
    public static final CacheSettings DEFAULT = of(Configuration.empty());

    /**
     * Limits of one data key.
     *
     * @param maxAge how long after it was asked for it may be used; zero if it is not cached
     * @param maxMessages how many messages it serves
     * @param maxBytes how many bytes of plaintext it has served when no further message is begun with it
     */
    public record Limits(Duration maxAge, long maxMessages, long maxBytes) {

        /**
         * Whether data keys with these limits are cached at all.
         *
         * @return false if the greatest age is zero, or each serves one message only
         */
        public boolean allowCaching() {
            return !maxAge.isZero() && maxMessages > 1;
        }
    }

    /**
     * Reads the settings.
     *
     * @param configuration where they stand
     * @return the settings
     * @throws dev.kmsenvelope.kms.KmsConfigurationException if one is wrong
     */
    public static CacheSettings of(Configuration configuration) {
        Limits encryption =
                limits(configuration, PREFIX, new Limits(DEFAULT_MAX_AGE, DEFAULT_MAX_MESSAGES, DEFAULT_MAX_BYTES));
        return new CacheSettings(
                encryption,
                limits(configuration, DECRYPT_PREFIX, encryption),
                configuration.getInt(MAX_ENTRIES, DEFAULT_MAX_ENTRIES, 1, MOST_ENTRIES),
                configuration.getDuration(GRACE, Duration.ZERO, LONGEST),
                configuration.getDuration(MAX_FAILURE_AGE, DEFAULT_MAX_FAILURE_AGE, LONGEST_FAILURE_AGE));
    }

    private static Limits limits(Configuration configuration, String prefix, Limits fallback) {
        return new Limits(
                configuration.getDuration(prefix + MAX_AGE, fallback.maxAge(), LONGEST),
                configuration.getLong(prefix + MAX_MESSAGES, fallback.maxMessages(), 1, MOST_MESSAGES),
                configuration.getBytes(prefix + MAX_BYTES, fallback.maxBytes(), 1, MOST_BYTES));
    }

    /**
     * The limits of one kind of data key.
     *
     * @param operation what for
     * @return its limits
     */
    public Limits limits(CacheOperation operation) {
        return operation == CacheOperation.ENCRYPT ? encryption : decryption;
    }

    /**
     * Whether there is anything to cache.
     *
     * @return false if neither kind of data key is cached
     */
    public boolean allowCaching() {
        return encryption.allowCaching() || decryption.allowCaching();
    }
}
