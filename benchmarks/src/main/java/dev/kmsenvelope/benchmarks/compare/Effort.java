package dev.kmsenvelope.benchmarks.compare;

import java.util.Locale;

/**
 * How long each point is measured. On two cores, the compiler needs up to eight seconds for the longest paths: that of the
 * AWS Encryption SDK, and ours.
 */
enum Effort {
    /** Only to see that everything runs: the numbers mean nothing. */
    SMOKE(1, 1, 100, 1, 100),
    /** About twenty minutes per JDK on two cores, fewer points. */
    QUICK(1, 8, 1000, 7, 500),
    /** About forty minutes per JDK. */
    DEFAULT(1, 10, 1000, 9, 700),
    /** More than two hours per JDK: three JVMs for each point. */
    FULL(3, 10, 1000, 9, 1000);

    /** What raw AES-GCM of the JDK needs until calls of 1 MiB are compiled. */
    private static final int LONG_WARM_UP_MILLIS = 18_000;

    private final int forks;
    private final int warmUps;
    private final int warmUpMillis;
    private final int measurements;
    private final int measurementMillis;

    Effort(int forks, int warmUps, int warmUpMillis, int measurements, int measurementMillis) {
        this.forks = forks;
        this.warmUps = warmUps;
        this.warmUpMillis = warmUpMillis;
        this.measurements = measurements;
        this.measurementMillis = measurementMillis;
    }

    int forks() {
        return forks;
    }

    int warmUps() {
        return warmUps;
    }

    int warmUpMillis(boolean untilLargeCallsAreCompiled) {
        return untilLargeCallsAreCompiled && this != SMOKE ? LONG_WARM_UP_MILLIS / warmUps : warmUpMillis;
    }

    int measurements() {
        return measurements;
    }

    int measurementMillis() {
        return measurementMillis;
    }

    String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
