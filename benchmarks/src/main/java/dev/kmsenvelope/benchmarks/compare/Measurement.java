package dev.kmsenvelope.benchmarks.compare;

import java.util.OptionalDouble;

/**
 * What came out for one point.
 *
 * @param point what was measured
 * @param nanoseconds per operation and thread, the median of all iterations
 * @param error half of the 99.9 percent confidence interval in nanoseconds; NaN where there are too few iterations for one
 * @param allocated bytes allocated per operation, where that was measured
 */
record Measurement(Point point, double nanoseconds, double error, OptionalDouble allocated) {

    /** Plaintext per time, of all threads together. */
    double gigabytesPerSecond() {
        return point.size() * (double) point.threads() / nanoseconds;
    }

    /** Operations of all threads together. */
    double perSecond() {
        return 1e9 * point.threads() / nanoseconds;
    }
}
