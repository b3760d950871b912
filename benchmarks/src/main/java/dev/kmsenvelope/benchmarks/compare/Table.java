package dev.kmsenvelope.benchmarks.compare;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/** A table of contenders, each cell with a number for encrypting and one for decrypting. */
final class Table {

    private static final String NOTHING = "";

    private final Run run;
    private final Map<String, String> labels;
    private final List<String> columns;
    private final Map<String, String[]> rows = new LinkedHashMap<>();

    /**
     * Makes an empty one.
     *
     * @param run where the numbers come from
     * @param labels of the contenders, by their ids
     * @param columns their headings
     */
    Table(Run run, Map<String, String> labels, String... columns) {
        this.run = run;
        this.labels = labels;
        this.columns = List.of(columns);
        labels.keySet().forEach(id -> rows.put(id, emptyRow()));
    }

    private String[] emptyRow() {
        String[] row = new String[columns.size()];
        Arrays.fill(row, NOTHING);
        return row;
    }

    void fill(int column, String benchmark, int size, int threads, ToDoubleFunction<Measurement> value) {
        rows.forEach((id, row) -> {
            Point encrypt = Point.of(benchmark + ".encrypt", id, size).on(threads);
            Point decrypt = Point.of(benchmark + ".decrypt", id, size).on(threads);
            if (run.at(encrypt).isPresent() || run.at(decrypt).isPresent()) {
                row[column] = number(encrypt, value) + " / " + number(decrypt, value);
            }
        });
    }

    private String number(Point point, ToDoubleFunction<Measurement> value) {
        Optional<Measurement> found = run.at(point);
        double number = found.isPresent() ? value.applyAsDouble(found.get()) : Double.NaN;
        return Double.isNaN(number) ? "-" : ResultsPage.digits(number);
    }

    /** Drops the contenders that have no number yet. */
    void keepFilled() {
        rows.values().removeIf(row -> Arrays.stream(row).allMatch(NOTHING::equals));
    }

    boolean isEmpty() {
        return rows.values().stream().allMatch(row -> Arrays.stream(row).allMatch(NOTHING::equals));
    }

    List<String> lines() {
        keepFilled();
        List<String> lines = new ArrayList<>();
        lines.add("| | " + String.join(" | ", columns) + " |");
        lines.add("|---|" + "---|".repeat(columns.size()));
        rows.forEach((id, row) -> lines.add("| " + labels.get(id) + " | " + String.join(" | ", row) + " |"));
        return lines;
    }
}
