package dev.kmsenvelope.benchmarks.compare;

import dev.kmsenvelope.benchmarks.contenders.ContenderName;
import dev.kmsenvelope.benchmarks.contenders.StreamContenderName;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.openjdk.jmh.runner.RunnerException;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Measures all contenders on one or more JDKs, and makes tables and charts of it. */
@Command(
        name = "compare",
        mixinStandardHelpOptions = true,
        description = "Measures this library beside others, and writes tables and charts.")
@SuppressWarnings("NullAway.Init") // picocli sets the fields
public final class CompareCommand implements Callable<Integer> {

    @ArgGroup
    private Efforts efforts = new Efforts();

    @Option(
            names = "--jdk-home",
            paramLabel = "DIR",
            description = "A JDK to measure on; may be given more than once. Default: the one that runs this.")
    private List<Path> jdkHomes = List.of();

    @Option(
            names = {"-o", "--output"},
            paramLabel = "DIR",
            description = "Where to write. Default: ${DEFAULT-VALUE}",
            defaultValue = "benchmarks/results")
    private Path output;

    @Option(
            names = "--report-only",
            description = "Measure nothing; make tables and charts of the results that are there.")
    private boolean reportOnly;

    @Spec
    private CommandSpec spec;

    private static final class Efforts {
        @Option(names = "--quick", description = "About 20 minutes per JDK, fewer points.")
        private boolean quick;

        @Option(names = "--full", description = "More than two hours per JDK.")
        private boolean full;

        @Option(names = "--smoke", description = "Only to see that everything runs: the numbers mean nothing.")
        private boolean smoke;

        Effort chosen() {
            if (smoke) {
                return Effort.SMOKE;
            }
            if (quick) {
                return Effort.QUICK;
            }
            return full ? Effort.FULL : Effort.DEFAULT;
        }
    }

    /**
     * The command, which says in one line why it failed.
     *
     * @return a new command line
     */
    public static CommandLine commandLine() {
        return new CommandLine(new CompareCommand()).setExecutionExceptionHandler((failure, line, parsed) -> {
            line.getErr().println("compare: " + failure);
            return CommandLine.ExitCode.SOFTWARE;
        });
    }

    @Override
    public Integer call() throws IOException, RunnerException {
        System.setProperty("java.awt.headless", "true");
        ResultFiles files = new ResultFiles(output);
        if (!reportOnly) {
            List<Path> executables = executables();
            Map<String, String> leftOut = leftOut();
            OpenSsl openSsl = OpenSsl.measure(64, 1024, 16384, Targets.MEBIBYTE);
            for (Path java : executables) {
                measure(java, openSsl, leftOut, files);
            }
        }
        files.report();
        out().println("Wrote " + output.resolve(ResultFiles.PAGE));
        return 0;
    }

    private void measure(Path java, OpenSsl openSsl, Map<String, String> leftOut, ResultFiles files)
            throws IOException, RunnerException {
        Effort effort = efforts.chosen();
        JmhRuns runs = new JmhRuns(java, effort);
        for (Selection selection : Plan.of(effort)) {
            runs.run(selection.without(List.copyOf(leftOut.keySet())));
        }
        List<String> versions = runs.versions();
        files.write(
                MachineProbe.probe(versions.get(0), versions.get(1), effort.label(), openSsl, leftOut), runs.json());
    }

    private List<Path> executables() {
        List<Path> homes = jdkHomes.isEmpty() ? List.of(Path.of(System.getProperty("java.home"))) : jdkHomes;
        return homes.stream().map(this::executable).toList();
    }

    private Path executable(Path home) {
        for (String name : List.of("java", "java.exe")) {
            Path java = home.resolve("bin").resolve(name);
            if (Files.isRegularFile(java)) {
                return java;
            }
        }
        throw new ParameterException(spec.commandLine(), "there is no JDK in " + home);
    }

    private Map<String, String> leftOut() {
        Map<String, String> leftOut = new LinkedHashMap<>();
        for (ContenderName name : ContenderName.values()) {
            name.unavailable().ifPresent(reason -> leftOut.put(name.id(), reason));
        }
        for (StreamContenderName name : StreamContenderName.values()) {
            name.unavailable().ifPresent(reason -> leftOut.put(name.id(), reason));
        }
        leftOut.forEach((id, reason) -> out().println(id + " is left out: " + reason));
        return leftOut;
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }
}
