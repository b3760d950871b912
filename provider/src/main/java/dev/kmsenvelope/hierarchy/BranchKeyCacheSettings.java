package dev.kmsenvelope.hierarchy;

import dev.kmsenvelope.config.Configuration;
import java.time.Duration;

/**
 * How long and how many branch keys are kept in plain text.
 *
 * @param ttl how long one is used after it was read from the store; how long, too, somebody goes on whose right to it was
 *     taken away
 * @param maxEntries the most that are kept; the active version of a branch key is one entry, each version that decrypts
 *     another one
 */
public record BranchKeyCacheSettings(Duration ttl, int maxEntries) {

    static final String TTL = "hierarchical.cache-ttl";
    static final String MAX_ENTRIES = "hierarchical.cache-max-entries";

    private static final Duration DEFAULT_TTL = Duration.ofMinutes(10);
    private static final Duration MAX_TTL = Duration.ofDays(1);
    private static final int DEFAULT_ENTRIES = 1000;
    private static final int MOST_ENTRIES = 1_000_000;

    /**
     * Checks them.
     *
     * @param ttl how long one is used
     * @param maxEntries the most that are kept
     * @throws IllegalArgumentException if the time is not more than zero and at most a day, or the number is not 1 to
     *     1,000,000
     */
    public BranchKeyCacheSettings {
        if (ttl.isNegative() || ttl.isZero() || ttl.compareTo(MAX_TTL) > 0) {
            throw new IllegalArgumentException("a branch key is kept for more than no time and at most a day");
        }
        if (maxEntries < 1 || maxEntries > MOST_ENTRIES) {
            throw new IllegalArgumentException("1 to " + MOST_ENTRIES + " branch keys are kept, not " + maxEntries);
        }
    }

    /**
     * Ten minutes, and 1000 entries.
     *
     * @return the settings of those who set nothing
     */
    public static BranchKeyCacheSettings defaults() {
        return new BranchKeyCacheSettings(DEFAULT_TTL, DEFAULT_ENTRIES);
    }

    /** Reads them. */
    static BranchKeyCacheSettings of(Configuration configuration) {
        Duration ttl = configuration.getDuration(TTL, DEFAULT_TTL, MAX_TTL);
        if (ttl.isZero()) {
            throw Configuration.invalid(TTL, configuration.get(TTL).orElse(""), "a duration of more than zero");
        }
        return new BranchKeyCacheSettings(ttl, configuration.getInt(MAX_ENTRIES, DEFAULT_ENTRIES, 1, MOST_ENTRIES));
    }
}
