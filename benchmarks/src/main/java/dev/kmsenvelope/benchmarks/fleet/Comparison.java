package dev.kmsenvelope.benchmarks.fleet;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What the formulas and a simulation say, beside what was counted.
 *
 * @param rows one for each number that is compared
 * @param behind by how many seconds the latest message came too late
 * @param greatestAge seconds
 */
record Comparison(List<Row> rows, double behind, double greatestAge) {

    /** Messages that are later than this share of the greatest age are not those of the model any more. */
    private static final double TOO_LATE = 0.05;

    /** Chance explains differences of so many standard deviations, as good as always. */
    private static final double DEVIATIONS = 4;

    /**
     * A number.
     *
     * @param what it counts
     * @param formula what is expected, on average over all that can happen
     * @param simulated what came out for the messages that there were
     * @param measured what was counted
     * @param tolerance by how much what is counted may differ from the formula
     */
    record Row(String what, double formula, double simulated, double measured, double tolerance) {

        boolean isExplained() {
            return Math.abs(measured - formula) <= tolerance;
        }
    }

    /**
     * Compares.
     *
     * @param fleet what was measured; in steady state, not from an empty cache
     * @param simulated what happened in the simulation
     * @param measured what happened in the same time
     * @param behind by how many seconds the latest message came too late
     */
    static Comparison of(Fleet fleet, Calls simulated, Calls measured, double behind) {
        Prediction prediction = FleetFormulas.predict(fleet.withoutRestarts());
        double seconds = measured.seconds();
        double generate = prediction.requests().generate() * seconds;
        double decrypt = prediction.requests().decrypt() * seconds;
        double waits = (1 - prediction.latency().writingHits()) * measured.written()
                + (1 - prediction.latency().readingHits()) * measured.read();
        double deviation = deviation(fleet, seconds);
        List<Row> rows = new ArrayList<>();
        rows.add(new Row(
                "requests to generate",
                generate,
                simulated.generate(),
                measured.generate(),
                DEVIATIONS * deviation + 0.03 * generate + 1));
        // Requests to decrypt follow those to generate, so they are not independent of each other.
        double perDataKey = decrypt / Math.max(1, generate);
        rows.add(new Row(
                "requests to decrypt",
                decrypt,
                simulated.decrypt(),
                measured.decrypt(),
                DEVIATIONS * Math.hypot(deviation * perDataKey, Math.sqrt(decrypt)) + 0.05 * decrypt + 1));
        rows.add(new Row(
                "messages that waited",
                waits,
                simulated.writingWaits() + simulated.readingWaits(),
                measured.writingWaits() + measured.readingWaits(),
                DEVIATIONS * Math.hypot(deviation * (1 + perDataKey), Math.sqrt(waits)) + 0.05 * waits + 1));
        return new Comparison(rows, behind, fleet.longestAge().toNanos() / 1e9);
    }

    /** Of the number of data keys that are fetched in a time; the ends of the time cut off parts of lives. */
    private static double deviation(Fleet fleet, double seconds) {
        Popularity popularity = fleet.traffic().popularity();
        double variance = 0;
        for (int i = 0; i < popularity.contexts(); i++) {
            DataKeyCycle cycle = DataKeyCycle.of(
                    fleet.traffic().writes() * popularity.share(i),
                    fleet.writing(),
                    fleet.traffic().messageBytes());
            double perLength = cycle.deviation() / cycle.length();
            variance += perLength * perLength * seconds / cycle.length() + 1.0 / 6;
        }
        return Math.sqrt(variance * fleet.traffic().processes());
    }

    /** Whether the machine was fast enough to do what the model assumes. */
    boolean isValid() {
        return greatestAge == 0 || behind <= TOO_LATE * greatestAge;
    }

    boolean isExplained() {
        return rows.stream().allMatch(Row::isExplained);
    }

    List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add(String.format(
                Locale.ROOT, "%-22s %12s %12s %12s %12s", "", "formula", "simulated", "measured", "may differ by"));
        for (Row row : rows) {
            lines.add(String.format(
                    Locale.ROOT,
                    "%-22s %,12.1f %,12.0f %,12.0f %,12.1f%s",
                    row.what,
                    row.formula,
                    row.simulated,
                    row.measured,
                    row.tolerance,
                    row.isExplained() ? "" : "   NOT EXPLAINED"));
        }
        lines.add("messages came up to " + FleetReport.time(behind) + " late"
                + (isValid() ? "" : ": too late to compare; choose fewer --messages, or a longer --max-age"));
        return lines;
    }
}
