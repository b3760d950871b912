package dev.kmsenvelope.benchmarks.fleet;

import java.time.Duration;
import java.util.function.DoubleUnaryOperator;

/**
 * How long and for how much a cache keeps using one data key. A use at an age of more than 80 to 90
 * percent of the greatest one (each data key has a share of its own, by chance), or when less than a fifth of the messages or
 * bytes are left, fetches the next data key in the background.
 *
 * @param maxAge the greatest age at which it is used; zero for no caching
 * @param maxMessages for how many messages it is used, 1 or more; 1 for no caching
 * @param maxBytes how many bytes of plaintext it has served when no further message is begun with it
 */
public record Limits(Duration maxAge, long maxMessages, long maxBytes) {

    private static final double REFRESH_FROM = 0.8;
    private static final double REFRESH_SPREAD = 0.1;

    /** Points to average over what depends on the refresh age; exact for what is linear in it, and close for the rest. */
    private static final int POINTS = 8;

    /** Checks the ranges. */
    public Limits {
        require(!maxAge.isNegative(), "the greatest age of a data key is not negative");
        require(maxMessages >= 1, "a data key serves at least one message");
        require(maxBytes >= 1, "a data key serves at least one byte");
    }

    static void require(boolean right, String rule) {
        if (!right) {
            throw new IllegalArgumentException(rule);
        }
    }

    /**
     * The message limit, with that of the bytes counted in: the last message may begin when a single byte is left.
     *
     * @param messageBytes how long each message is
     * @return how many messages one data key serves at most; at least 1
     */
    long messages(long messageBytes) {
        if (!isCaching()) {
            return 1;
        }
        return messageBytes == 0 ? maxMessages : Math.min(maxMessages, (maxBytes - 1) / messageBytes + 1);
    }

    /**
     * Which message of a data key fetches the next one ahead of time.
     *
     * @param messages how many it serves at most
     * @return the number of the message; more than it serves if there are too few to be ahead
     */
    static long refreshingMessage(long messages) {
        return messages - messages / 5 + 1;
    }

    boolean isCaching() {
        return !maxAge.isZero() && maxMessages > 1;
    }

    /** The greatest age, in seconds. */
    double age() {
        return maxAge.toNanos() / 1e9;
    }

    /**
     * The age from which on a use fetches the next data key.
     *
     * @param chance from 0 for the earliest to 1 for the latest
     * @return seconds
     */
    double refreshAge(double chance) {
        return (REFRESH_FROM + REFRESH_SPREAD * chance) * age();
    }

    /** The same on average. */
    double refreshAge() {
        return refreshAge(0.5);
    }

    /**
     * The average over all refresh ages.
     *
     * @param quantity depends on the refresh age, which it is given in seconds
     * @return its mean
     */
    double mean(DoubleUnaryOperator quantity) {
        double sum = 0;
        for (int i = 0; i < POINTS; i++) {
            sum += quantity.applyAsDouble(refreshAge((i + 0.5) / POINTS));
        }
        return sum / POINTS;
    }
}
