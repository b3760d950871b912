package dev.kmsenvelope.benchmarks.compare;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.results.format.ResultFormatFactory;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/** Runs selections in new JVMs of one JDK. */
final class JmhRuns {

    private final Path java;
    private final Effort effort;
    private final Collection<RunResult> results = new ArrayList<>();

    /**
     * Prepares.
     *
     * @param java the executable of the JDK
     * @param effort how long
     */
    JmhRuns(Path java, Effort effort) {
        this.java = java;
        this.effort = effort;
    }

    /** Runs; a point that fails is reported by JMH, and missing from the results. */
    void run(Selection selection) throws RunnerException {
        results.addAll(new Runner(options(selection)).run());
    }

    private Options options(Selection selection) {
        ChainedOptionsBuilder builder = new OptionsBuilder()
                .include("\\." + selection.benchmark() + "\\b")
                .jvm(java.toString())
                .jvmArgs("-Xms2g", "-Xmx2g", "-Djava.awt.headless=true")
                .threads(selection.threads())
                .forks(effort.forks())
                .warmupIterations(effort.warmUps())
                .warmupTime(TimeValue.milliseconds(effort.warmUpMillis(selection.longWarmUp())))
                .measurementIterations(effort.measurements())
                .measurementTime(TimeValue.milliseconds(effort.measurementMillis()))
                .addProfiler(GCProfiler.class)
                .shouldFailOnError(false);
        if (!selection.contenders().isEmpty()) {
            builder.param("contender", selection.contenders().toArray(String[]::new));
        }
        if (!selection.sizes().isEmpty()) {
            builder.param(
                    "size", selection.sizes().stream().map(String::valueOf).toArray(String[]::new));
        }
        return builder.build();
    }

    /** All results so far, in JMH's format. */
    String json() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (PrintStream out = new PrintStream(bytes, false, StandardCharsets.UTF_8)) {
            ResultFormatFactory.getInstance(ResultFormatType.JSON, out).writeOut(results);
        }
        return JmhJson.withoutPaths(bytes.toString(StandardCharsets.UTF_8));
    }

    /** Version of the JDK, then of its virtual machine; as the JVMs that were measured tell it. */
    List<String> versions() {
        return results.stream()
                .findFirst()
                .map(result -> result.getParams())
                .map(params -> List.of(params.getJdkVersion(), params.getVmName() + " " + params.getVmVersion()))
                .orElseThrow(() -> new IllegalStateException("no benchmark gave a result"));
    }
}
