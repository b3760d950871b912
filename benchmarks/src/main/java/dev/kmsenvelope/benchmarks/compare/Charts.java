package dev.kmsenvelope.benchmarks.compare;

import dev.kmsenvelope.benchmarks.contenders.ContenderName;
import dev.kmsenvelope.benchmarks.contenders.StreamContenderName;
import java.awt.Color;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.ChartEncoder;
import org.knowm.xchart.style.Styler.LegendPosition;

/** Draws bar charts of one run. Bars of what was not measured are missing; a chart with no bar is not drawn. */
final class Charts {

    private static final int WIDTH = 1100;
    private static final int HEIGHT = 620;
    private static final Color[] COLOURS = {
        new Color(0x0B5FA5),
        new Color(0x4C9BE0),
        new Color(0x9CC9F0),
        new Color(0x17324D),
        new Color(0x6B6B6B),
        new Color(0x9A9A9A),
        new Color(0xC9C9C9),
        new Color(0xE3D8C5),
        new Color(0x7BA05B),
        new Color(0xE08A1E),
        new Color(0xC8501E),
        new Color(0x8C1C13)
    };
    private static final List<Integer> SIZES = List.of(64, 1024, 16384);

    private final Run run;
    private final Path directory;
    private final List<String> files = new ArrayList<>();

    private Charts(Run run, Path directory) {
        this.run = run;
        this.directory = directory;
    }

    /**
     * Draws them.
     *
     * @param run what was measured
     * @param directory where to
     * @return the names of the files
     * @throws IOException if they cannot be written
     */
    static List<String> draw(Run run, Path directory) throws IOException {
        Charts charts = new Charts(run, directory);
        for (String method : List.of("encrypt", "decrypt")) {
            charts.smallMessages(method);
        }
        charts.threads();
        charts.garbage();
        charts.bulk("stream", "64 MiB stream, GB/s (more is better)", "StreamBenchmark", Targets.STREAM_LENGTH);
        charts.bulk("mebibyte", "1 MiB messages, GB/s (more is better)", "BulkBenchmark", Targets.MEBIBYTE);
        return charts.files;
    }

    private void smallMessages(String method) throws IOException {
        Map<String, Map<String, Double>> bars = new LinkedHashMap<>();
        for (ContenderName contender : ContenderName.values()) {
            for (int size : SIZES) {
                Point point = Point.of("SmallMessageBenchmark." + method, contender.id(), size);
                put(bars, contender.label(), Targets.size(size), point, found -> found.nanoseconds() / 1000);
            }
        }
        CategoryChart chart = chart("Time to " + method + " a message (less is better; logarithmic)", "microseconds");
        logarithmic(chart, bars);
        save(chart, "small-" + method, SIZES.stream().map(Targets::size).toList(), bars);
    }

    private void threads() throws IOException {
        Map<String, Map<String, Double>> bars = new LinkedHashMap<>();
        for (ContenderName contender : ContenderName.values()) {
            Point one = Point.of("SmallMessageBenchmark.encrypt", contender.id(), 1024);
            if (run.at(one.on(2)).isPresent()) {
                for (int threads : new int[] {1, 2}) {
                    put(
                            bars,
                            contender.label(),
                            threadLabel(threads),
                            one.on(threads),
                            found -> found.perSecond() / 1000);
                }
            }
        }
        save(
                chart("Messages of 1 KiB, threads sharing one key (more is better)", "1000 messages per second"),
                "threads",
                List.of(threadLabel(1), threadLabel(2)),
                bars);
    }

    private static String threadLabel(int threads) {
        return threads == 1 ? "1 thread" : threads + " threads";
    }

    private void garbage() throws IOException {
        Map<String, Map<String, Double>> bars = new LinkedHashMap<>();
        for (ContenderName contender : ContenderName.values()) {
            for (String method : List.of("encrypt", "decrypt")) {
                Optional<Measurement> found = run.at(Point.of("SmallMessageBenchmark." + method, contender.id(), 1024));
                if (found.isPresent() && found.get().allocated().isPresent()) {
                    bars.computeIfAbsent(contender.label(), absent -> new LinkedHashMap<>())
                            .put(method, found.get().allocated().getAsDouble() / 1024);
                }
            }
        }
        CategoryChart chart = chart("Allocated per message of 1 KiB (less is better; logarithmic)", "KiB");
        logarithmic(chart, bars);
        save(chart, "garbage", List.of("encrypt", "decrypt"), bars);
    }

    private void bulk(String file, String title, String benchmark, int size) throws IOException {
        Map<String, String> labels = new LinkedHashMap<>();
        if (benchmark.equals("StreamBenchmark")) {
            Arrays.stream(StreamContenderName.values()).forEach(name -> labels.put(name.id(), name.label()));
        } else {
            Arrays.stream(ContenderName.values()).forEach(name -> labels.put(name.id(), name.label()));
        }
        Map<String, Map<String, Double>> bars = new LinkedHashMap<>();
        labels.forEach((id, label) -> {
            for (String method : List.of("encrypt", "decrypt")) {
                put(bars, label, method, Point.of(benchmark + "." + method, id, size), Measurement::gigabytesPerSecond);
            }
        });
        Double openSsl = run.machine().openSsl().gigabytesPerSecond().get(Targets.MEBIBYTE);
        if (openSsl != null && !bars.isEmpty()) {
            bars.put("OpenSSL speed, 1 MiB in place", Map.of("encrypt", openSsl));
        }
        save(chart(title, "GB/s"), file, List.of("encrypt", "decrypt"), bars);
    }

    private void put(
            Map<String, Map<String, Double>> bars,
            String series,
            String category,
            Point point,
            Function<Measurement, Double> value) {
        run.at(point)
                .ifPresent(found -> bars.computeIfAbsent(series, absent -> new LinkedHashMap<>())
                        .put(category, value.apply(found)));
    }

    private CategoryChart chart(String title, String unit) {
        CategoryChart chart = new CategoryChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .title(title + ", JDK " + run.machine().release())
                .yAxisTitle(unit)
                .build();
        chart.getStyler().setSeriesColors(COLOURS);
        chart.getStyler().setLegendPosition(LegendPosition.OutsideE);
        chart.getStyler().setChartBackgroundColor(Color.WHITE);
        chart.getStyler().setPlotGridVerticalLinesVisible(false);
        chart.getStyler().setAvailableSpaceFill(0.9);
        chart.getStyler().setLabelsVisible(false);
        return chart;
    }

    /** From the power of ten below the shortest bar: by default bars start at zero, which no logarithm has. */
    private static void logarithmic(CategoryChart chart, Map<String, Map<String, Double>> bars) {
        double least = bars.values().stream()
                .flatMap(values -> values.values().stream())
                .mapToDouble(Double::doubleValue)
                .min()
                .orElse(1);
        chart.getStyler().setYAxisLogarithmic(true);
        chart.getStyler().setYAxisMin(Math.pow(10, Math.floor(Math.log10(least))));
    }

    private void save(CategoryChart chart, String name, List<String> categories, Map<String, Map<String, Double>> bars)
            throws IOException {
        if (bars.isEmpty()) {
            return;
        }
        bars.forEach((series, values) -> {
            List<@Nullable Double> column =
                    new ArrayList<>(categories.stream().map(values::get).toList());
            chart.addSeries(series, categories, column);
        });
        String file = name + "-jdk" + run.machine().release() + ".png";
        try (OutputStream out = Files.newOutputStream(directory.resolve(file))) {
            ChartEncoder.saveChart(chart, out, "png");
        }
        files.add(file);
    }
}
