package dev.kmsenvelope.benchmarks.fleet;

import org.apache.commons.math3.distribution.PoissonDistribution;

/** Probabilities of how many messages come in a time, when they come independently of each other. */
final class PoissonCounts {

    /** So many standard deviations away, there is nothing left. */
    private static final double FAR = 12;

    private PoissonCounts() {}

    /**
     * The probability of at most so many.
     *
     * @param mean how many come on average
     * @param most the number
     * @return 0 to 1
     */
    static double atMost(double mean, long most) {
        if (most < 0) {
            return 0;
        }
        double margin = FAR * Math.sqrt(mean) + FAR;
        if (mean <= 0 || most > mean + margin) {
            return 1;
        }
        if (most < mean - margin) {
            return 0;
        }
        return new PoissonDistribution(mean).cumulativeProbability((int) Math.min(most, Integer.MAX_VALUE));
    }

    /**
     * The probability of at least so many.
     *
     * @param mean how many come on average
     * @param least the number
     * @return 0 to 1
     */
    static double atLeast(double mean, long least) {
        return 1 - atMost(mean, least - 1);
    }

    /**
     * The expected value of min(limit, N + 1), where N is how many come: how many messages one data key serves that is
     * replaced by its {@code limit}-th message, or by the first one after the time in which N come.
     *
     * @param limit 1 or more
     * @param mean the average of N
     * @return 1 to limit
     */
    static double expectedServed(long limit, double mean) {
        // The sum over n <= limit - 2 of (n + 1) P(n), and limit where there are more; n P(n) = mean P(n - 1).
        return mean * atMost(mean, limit - 3) + atMost(mean, limit - 2) + limit * atLeast(mean, limit - 1);
    }

    /**
     * The expected value of z to the power of min(limit, N + 1): the probability that none of the messages of a data key
     * comes to a certain reader, if each does not with probability z.
     *
     * @param z 0 to 1
     * @param limit 1 or more
     * @param mean the average of N
     * @return 0 to 1
     */
    static double expectedPower(double z, long limit, double mean) {
        return z * Math.exp(-mean * (1 - z)) * atMost(mean * z, limit - 2)
                + Math.pow(z, (double) limit) * atLeast(mean, limit - 1);
    }
}
