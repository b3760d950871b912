package dev.kmsenvelope.benchmarks.compare;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;

/** Reads the result format of JMH, and takes out of it what says where on a machine it was made. */
final class JmhJson {

    private static final Gson PRETTY = new GsonBuilder()
            .setPrettyPrinting()
            .disableHtmlEscaping()
            .serializeSpecialFloatingPointValues()
            .create();
    private static final String ALLOCATED = "gc.alloc.rate.norm";
    private static final Map<String, Double> NANOSECONDS =
            Map.of("ns/op", 1.0, "us/op", 1e3, "ms/op", 1e6, "s/op", 1e9);

    private JmhJson() {}

    /**
     * Removes the path of the JVM, and arguments that may have paths in them.
     *
     * @param json as JMH writes it
     * @return the same without
     */
    static String withoutPaths(String json) {
        JsonArray results = JsonParser.parseString(json).getAsJsonArray();
        for (JsonElement result : results) {
            JsonObject object = result.getAsJsonObject();
            object.remove("jvm");
            JsonArray kept = new JsonArray();
            for (JsonElement argument : object.getAsJsonArray("jvmArgs")) {
                if (!argument.getAsString().contains("/")
                        && !argument.getAsString().contains("\\")) {
                    kept.add(argument);
                }
            }
            object.add("jvmArgs", kept);
        }
        return PRETTY.toJson(results) + "\n";
    }

    /**
     * Reads results.
     *
     * @param json as JMH writes it
     * @return one measurement for each
     * @throws IllegalArgumentException if a result is not an average time
     */
    static List<Measurement> parse(String json) {
        List<Measurement> measurements = new ArrayList<>();
        for (JsonElement result : JsonParser.parseString(json).getAsJsonArray()) {
            measurements.add(measurement(result.getAsJsonObject()));
        }
        return measurements;
    }

    private static Measurement measurement(JsonObject result) {
        String[] name = result.get("benchmark").getAsString().split("\\.", -1);
        Map<String, String> parameters = new TreeMap<>();
        if (result.has("params")) {
            result.getAsJsonObject("params")
                    .entrySet()
                    .forEach(entry ->
                            parameters.put(entry.getKey(), entry.getValue().getAsString()));
        }
        Point point = new Point(
                name[name.length - 2] + "." + name[name.length - 1],
                new TreeMap<>(parameters),
                result.get("threads").getAsInt());
        JsonObject metric = result.getAsJsonObject("primaryMetric");
        Double unit = NANOSECONDS.get(metric.get("scoreUnit").getAsString());
        if (unit == null) {
            throw new IllegalArgumentException(point.benchmark() + " is in "
                    + metric.get("scoreUnit").getAsString() + ", not in time per operation");
        }
        return new Measurement(
                point, unit * median(metric), unit * number(metric.get("scoreError")), allocated(result));
    }

    /** Of all iterations: other work on the machine makes some of them slow, and none fast. */
    private static double median(JsonObject metric) {
        List<Double> iterations = new ArrayList<>();
        metric.getAsJsonArray("rawData")
                .forEach(fork -> fork.getAsJsonArray().forEach(value -> iterations.add(value.getAsDouble())));
        Collections.sort(iterations);
        int half = iterations.size() / 2;
        return iterations.size() % 2 == 1
                ? iterations.get(half)
                : (iterations.get(half - 1) + iterations.get(half)) / 2;
    }

    /** JMH writes "NaN" where there are too few iterations. */
    private static double number(JsonElement element) {
        return element.getAsString().equals("NaN") ? Double.NaN : element.getAsDouble();
    }

    private static OptionalDouble allocated(JsonObject result) {
        if (result.has("secondaryMetrics")) {
            for (Map.Entry<String, JsonElement> entry :
                    result.getAsJsonObject("secondaryMetrics").entrySet()) {
                if (entry.getKey().endsWith(ALLOCATED)) {
                    return OptionalDouble.of(
                            entry.getValue().getAsJsonObject().get("score").getAsDouble());
                }
            }
        }
        return OptionalDouble.empty();
    }
}
