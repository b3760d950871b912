package dev.kmsenvelope.benchmarks.compare;

import java.util.Locale;
import java.util.OptionalDouble;
import java.util.function.Function;

/**
 * Something that we want to reach.
 *
 * @param work what is done
 * @param against what it is compared with
 * @param jdks which JDKs it is for
 * @param direction whether more is better
 * @param bound what to reach
 * @param unit of both, such as {@code x}
 * @param measured what was reached; empty if it was not measured
 * @param command measures it
 */
record Target(
        String work,
        String against,
        Jdks jdks,
        Direction direction,
        double bound,
        String unit,
        Function<Run, OptionalDouble> measured,
        String command) {

    enum Jdks {
        ANY,
        /** Before 25. */
        OLD,
        /** From 25 on. */
        NEW;

        boolean include(int release) {
            return this == ANY || (this == NEW) == (release >= 25);
        }
    }

    enum Direction {
        AT_LEAST,
        AT_MOST
    }

    boolean isMetBy(double value) {
        return direction == Direction.AT_LEAST ? value >= bound : value <= bound;
    }

    String goal() {
        return (direction == Direction.AT_LEAST ? "at least " : "at most ") + format(bound);
    }

    String format(double value) {
        String digits = value >= 100 ? "%.0f" : value >= 10 ? "%.1f" : "%.2f";
        return String.format(Locale.ROOT, digits, value) + unit;
    }
}
