package dev.kmsenvelope.benchmarks.compare;

import dev.kmsenvelope.benchmarks.contenders.ContenderName;
import dev.kmsenvelope.benchmarks.contenders.StreamContenderName;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The page of results, in Markdown. */
final class ResultsPage {

    private static final List<Integer> SIZES = List.of(64, 1024, 16384);

    private final List<Run> runs;
    private final List<String> charts;
    private final StringBuilder page = new StringBuilder();

    /**
     * Prepares.
     *
     * @param runs what was measured, one for each JDK
     * @param charts the files of the charts, beside the page
     */
    ResultsPage(List<Run> runs, List<String> charts) {
        this.runs = runs;
        this.charts = charts;
    }

    String markdown() {
        line("# Measured");
        line("");
        line(
                "Written by `java -jar benchmarks/target/benchmarks.jar compare`; [docs/BENCHMARKS.md](../../docs/BENCHMARKS.md)");
        line("says what is measured, and how. Figures are medians of all iterations, ratios are of two of them in the");
        line("same run; differences below 20 percent mean little on a machine with other work.");
        machines();
        targets();
        losses();
        for (Run run : runs) {
            measured(run);
        }
        if (!charts.isEmpty()) {
            heading("Charts");
            charts.forEach(chart -> line("![" + chart.replace(".png", "") + "](" + chart + ")\n"));
        }
        return page.toString();
    }

    private void machines() {
        heading("Machine");
        for (Run run : runs) {
            Machine machine = run.machine();
            line("- **JDK " + machine.release() + "** (" + machine.jdk() + ", " + machine.vm() + "), " + machine.date()
                    + ", commit " + machine.commit() + ", effort " + machine.effort() + ": " + machine.cpu() + " ("
                    + String.join(", ", machine.features()) + "), " + machine.cores() + " cores, " + machine.memoryGiB()
                    + " GiB, " + machine.os() + ".");
            if (machine.effort().equals(Effort.SMOKE.label())) {
                line("  **It was only run to see that it works: the numbers of this JDK mean nothing.**");
            }
            line("  OpenSSL: " + openSsl(machine.openSsl()) + ". Libraries: " + pairs(machine.peers(), " ") + ".");
            if (!machine.leftOut().isEmpty()) {
                line("  Left out: " + pairs(machine.leftOut(), ": ") + ".");
            }
        }
    }

    private static String openSsl(OpenSsl openSsl) {
        return openSsl.version()
                + openSsl.gigabytesPerSecond().entrySet().stream()
                        .map(entry -> ", " + Targets.size(entry.getKey()) + " " + digits(entry.getValue()) + " GB/s")
                        .collect(Collectors.joining());
    }

    private static String pairs(Map<String, String> map, String between) {
        return new TreeMap<>(map)
                .entrySet().stream()
                        .map(entry -> entry.getKey() + between + entry.getValue())
                        .collect(Collectors.joining(", "));
    }

    private void targets() {
        heading("Targets");
        line("| work | against | JDK | target | measured | | command |");
        line("|---|---|---|---|---|---|---|");
        for (Target target : Targets.all()) {
            for (Run run : runs) {
                if (target.jdks().include(run.machine().release())) {
                    OptionalDouble measured = target.measured().apply(run);
                    line("| " + target.work() + " | " + target.against() + " | "
                            + run.machine().release() + " | " + target.goal() + " | "
                            + (measured.isPresent()
                                    ? target.format(measured.getAsDouble()) + " | "
                                            + (target.isMetBy(measured.getAsDouble()) ? "met" : "**missed**")
                                    : "not measured | ")
                            + " | `" + target.command() + "` |");
                }
            }
        }
        line("");
        line(
                "The targets for a fresh JVM, for a stream of 1 GiB and for a million messages have commands of their own: see");
        line("[docs/BENCHMARKS.md](../../docs/BENCHMARKS.md).");
    }

    /** Whoever does the same work faster than {@code Envelope}, raw ciphers too, which do less. */
    private void losses() {
        heading("Where others are faster");
        line(
                "Than `Envelope` with AES-GCM by SunJCE on one thread, by more than 5 percent. Raw ciphers have nothing to");
        line("fetch, derive or commit to.");
        line("");
        line("| work | JDK | who | how much faster |");
        line("|---|---|---|---|");
        int before = page.length();
        for (Run run : runs) {
            for (Measurement measurement : run.measurements()) {
                Point point = measurement.point();
                if (!point.contender().isEmpty()
                        && !label(point).startsWith("KmsEnvelope")
                        && !point.benchmark().startsWith("DataKeyHandle")) {
                    run.ratio(point, point.by("envelope")).ifPresent(ratio -> {
                        if (ratio > 1.05) {
                            line("| " + Targets.size(point.size()) + " " + point.method()
                                    + (point.threads() == 1 ? "" : ", " + point.threads() + " threads") + " | "
                                    + run.machine().release() + " | " + label(point) + " | " + digits(ratio) + "x |");
                        }
                    });
                }
            }
        }
        if (page.length() == before) {
            line("| nowhere | | | |");
        }
    }

    private static String label(Point point) {
        return point.benchmark().startsWith("StreamBenchmark")
                ? StreamContenderName.of(point.contender()).label()
                : ContenderName.of(point.contender()).label();
    }

    private void measured(Run run) {
        heading("JDK " + run.machine().release());
        Map<String, String> whole = new LinkedHashMap<>();
        Arrays.stream(ContenderName.values()).forEach(name -> whole.put(name.id(), name.label()));
        Map<String, String> streams = new LinkedHashMap<>();
        Arrays.stream(StreamContenderName.values()).forEach(name -> streams.put(name.id(), name.label()));

        Table small = new Table(run, whole, "64 B", "1 KiB", "16 KiB", "allocated at 1 KiB");
        for (int i = 0; i < SIZES.size(); i++) {
            small.fill(i, "SmallMessageBenchmark", SIZES.get(i), 1, found -> found.nanoseconds() / 1000);
        }
        small.fill(SIZES.size(), "SmallMessageBenchmark", 1024, 1, ResultsPage::allocatedKib);
        table("Messages, microseconds to encrypt / to decrypt; KiB allocated:", small);

        Table threads = new Table(run, whole, "1 thread", "2 threads");
        threads.fill(1, "SmallMessageBenchmark", 1024, 2, found -> found.perSecond() / 1000);
        threads.keepFilled();
        threads.fill(0, "SmallMessageBenchmark", 1024, 1, found -> found.perSecond() / 1000);
        table("Threads that share a key, 1000 messages of 1 KiB per second:", threads);

        Table handle = new Table(run, whole, "64 B", "1 KiB", "16 KiB");
        for (int i = 0; i < SIZES.size(); i++) {
            handle.fill(i, "DataKeyHandleBenchmark", SIZES.get(i), 1, Measurement::nanoseconds);
        }
        table("The engine below the cache, nanoseconds:", handle);

        Table mebibyte = new Table(run, whole, "1 MiB");
        mebibyte.fill(0, "BulkBenchmark", Targets.MEBIBYTE, 1, Measurement::gigabytesPerSecond);
        table("1 MiB messages, GB/s:", mebibyte);

        Table stream = new Table(run, streams, "64 MiB");
        stream.fill(0, "StreamBenchmark", Targets.STREAM_LENGTH, 1, Measurement::gigabytesPerSecond);
        table("64 MiB streams, GB/s:", stream);

        List<Measurement> cache = run.measurements().stream()
                .filter(found -> found.point().benchmark().startsWith("CacheBenchmark"))
                .toList();
        if (!cache.isEmpty()) {
            line("The cache alone, nanoseconds per operation and thread:");
            line("");
            line("| | threads | ns |");
            line("|---|---|---|");
            cache.forEach(found -> line("| " + found.point().method() + " | "
                    + found.point().threads() + " | " + digits(found.nanoseconds()) + " |"));
            line("");
        }
    }

    private static double allocatedKib(Measurement found) {
        return found.allocated().orElse(Double.NaN) / 1024;
    }

    private void table(String title, Table table) {
        if (!table.isEmpty()) {
            line(title);
            line("");
            table.lines().forEach(this::line);
            line("");
        }
    }

    private void heading(String text) {
        line("");
        line("## " + text);
        line("");
    }

    private void line(String text) {
        page.append(text).append('\n');
    }

    static String digits(double value) {
        return String.format(Locale.ROOT, value >= 100 ? "%.0f" : value >= 10 ? "%.1f" : "%.2f", value);
    }
}
