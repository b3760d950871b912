package dev.kmsenvelope.benchmarks.fleet;

import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * How messages spread over contexts: the share of the one in place {@code i} (from 1) is proportional to {@code i^-s}; with
 * {@code s} zero all are alike. Immutable and thread-safe.
 */
final class Popularity {

    private final double[] share;
    private final double[] upTo;

    /**
     * @param contexts how many there are
     * @param exponent the {@code s} of Zipf's law, zero or more; 1 is the usual one
     */
    Popularity(int contexts, double exponent) {
        Limits.require(contexts >= 1, "there is at least one context");
        Limits.require(exponent >= 0 && exponent <= 10, "the exponent of the popularity is 0 to 10");
        share = new double[contexts];
        upTo = new double[contexts];
        double sum = 0;
        for (int i = 0; i < contexts; i++) {
            share[i] = Math.pow(i + 1, -exponent);
            sum += share[i];
            upTo[i] = sum;
        }
        for (int i = 0; i < contexts; i++) {
            share[i] /= sum;
            upTo[i] /= sum;
        }
    }

    int contexts() {
        return share.length;
    }

    /** The share of all messages that a context has; the most popular context is number 0. */
    double share(int context) {
        return share[context];
    }

    /** Draws the context of a message. */
    int draw(RandomGenerator random) {
        int at = Arrays.binarySearch(upTo, random.nextDouble());
        return Math.min(at < 0 ? -at - 1 : at + 1, share.length - 1);
    }
}
