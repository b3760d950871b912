package dev.kmsenvelope.benchmarks.compare;

import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What is measured as one number: a benchmark with its parameters.
 *
 * @param benchmark simple class name and method, such as {@code SmallMessageBenchmark.encrypt}
 * @param parameters their values by name
 * @param threads how many threads
 */
record Point(String benchmark, SortedMap<String, String> parameters, int threads) {

    private static final String CONTENDER = "contender";
    private static final String SIZE = "size";

    static Point of(String benchmark, String contender, int size) {
        return new Point(benchmark, new TreeMap<>(Map.of(CONTENDER, contender, SIZE, Integer.toString(size))), 1);
    }

    static Point of(String benchmark) {
        return new Point(benchmark, new TreeMap<>(), 1);
    }

    Point by(String contender) {
        SortedMap<String, String> changed = new TreeMap<>(parameters);
        changed.put(CONTENDER, contender);
        return new Point(benchmark, changed, threads);
    }

    Point on(int otherThreads) {
        return new Point(benchmark, parameters, otherThreads);
    }

    String contender() {
        return parameters.getOrDefault(CONTENDER, "");
    }

    int size() {
        return Integer.parseInt(parameters.getOrDefault(SIZE, "0"));
    }

    String method() {
        return benchmark.substring(benchmark.indexOf('.') + 1);
    }

    /** What measures this, for several contenders at once where there are some. */
    String command(String contenders) {
        String options = parameters.entrySet().stream()
                .map(entry -> " -p " + entry.getKey() + "="
                        + (entry.getKey().equals(CONTENDER) ? contenders : entry.getValue()))
                .collect(Collectors.joining());
        return "java -jar benchmarks/target/benchmarks.jar " + benchmark + options
                + (threads == 1 ? "" : " -t " + threads);
    }
}
