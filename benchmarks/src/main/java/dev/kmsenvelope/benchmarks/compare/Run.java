package dev.kmsenvelope.benchmarks.compare;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * All that was measured on one JDK in one go.
 *
 * @param machine where and when
 * @param measurements what came out
 */
record Run(Machine machine, List<Measurement> measurements) {

    Run {
        measurements = List.copyOf(measurements);
    }

    Optional<Measurement> at(Point point) {
        return measurements.stream()
                .filter(measurement -> measurement.point().equals(point))
                .findFirst();
    }

    OptionalDouble nanoseconds(Point point) {
        return at(point).map(found -> OptionalDouble.of(found.nanoseconds())).orElseGet(OptionalDouble::empty);
    }

    /** How many times as fast the first is as the second; empty if one of them was not measured. */
    OptionalDouble ratio(Point first, Point second) {
        Optional<Measurement> one = at(first);
        Optional<Measurement> other = at(second);
        return one.isPresent() && other.isPresent()
                ? OptionalDouble.of(one.get().perSecond() / other.get().perSecond())
                : OptionalDouble.empty();
    }
}
