package dev.kmsenvelope.benchmarks.fleet;

import dev.kmsenvelope.benchmarks.keyservice.Latency;
import java.io.PrintWriter;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * What a fleet asks of its key service, what that costs, and what is lost with a data key: docs/FLEET.md. Without a further
 * command it predicts by formulas.
 */
@Command(
        name = "FleetModel",
        mixinStandardHelpOptions = true,
        description = "Predict what a fleet asks of its key service, what it costs, and what is lost with a data key.")
public final class FleetModel implements Callable<Integer> {

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Mixin
    private FleetOptions options = new FleetOptions();

    @Option(names = "--json", description = "as JSON")
    private boolean json;

    private FleetModel() {}

    /**
     * Runs a command.
     *
     * @param args the command line
     */
    public static void main(String[] args) {
        System.exit(commandLine().execute(args));
    }

    static CommandLine commandLine() {
        return new CommandLine(new FleetModel())
                .addSubcommand(new Table())
                .addSubcommand(new Simulate())
                .addSubcommand(new CommandLine(new Measure()).setDefaultValueProvider(Measure::defaultOf))
                .setParameterExceptionHandler((e, args) -> {
                    e.getCommandLine().getErr().println(e.getMessage());
                    return CommandLine.ExitCode.USAGE;
                });
    }

    @Override
    public Integer call() {
        Fleet fleet = fleet(options, spec);
        Prediction prediction = FleetFormulas.predict(fleet);
        print(spec, json ? List.of(Json.write(json(fleet, prediction, null))) : FleetReport.lines(fleet, prediction));
        return 0;
    }

    private static Map<String, Object> json(Fleet fleet, Prediction prediction, @Nullable Object more) {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("fleet", fleet);
        all.put("prediction", prediction);
        if (more != null) {
            all.put("result", more);
        }
        return all;
    }

    private static Fleet fleet(FleetOptions options, CommandSpec spec) {
        try {
            return options.fleet();
        } catch (IllegalArgumentException e) {
            throw new CommandLine.ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }

    private static void print(CommandSpec spec, List<String> lines) {
        PrintWriter out = spec.commandLine().getOut();
        lines.forEach(out::println);
        out.flush();
    }

    /** {@code table}. */
    @Command(name = "table", description = "Predict typical fleets, as a table in Markdown.")
    static final class Table implements Callable<Integer> {

        @Spec
        @SuppressWarnings("NullAway.Init") // picocli sets it
        private CommandSpec spec;

        @Override
        public Integer call() {
            print(spec, TypicalFleets.table());
            return 0;
        }
    }

    /** {@code simulate}. */
    @Command(
            name = "simulate",
            mixinStandardHelpOptions = true,
            description = "Draw a fleet message by message, beside what the formulas say.")
    static final class Simulate implements Callable<Integer> {

        /** Of those, some seconds' work. */
        private static final double MOST_MESSAGES = 50e6;

        @Spec
        @SuppressWarnings("NullAway.Init") // picocli sets it
        private CommandSpec spec;

        @Mixin
        private FleetOptions options = new FleetOptions();

        @Option(names = "--seed", defaultValue = "1", description = "what happens: 1")
        private long seed;

        @Option(
                names = "--duration",
                converter = FleetOptions.Time.class,
                description = "what is counted, after twice the greatest age to warm up: ten times the greatest age")
        private @Nullable Duration duration;

        @Option(names = "--json", description = "as JSON")
        private boolean json;

        @Override
        public Integer call() {
            Fleet fleet = fleet(options, spec);
            Duration age = fleet.longestAge();
            double warmUp = seconds(age.multipliedBy(2));
            double counted = seconds(duration != null ? duration : age.multipliedBy(10));
            requirePossible(fleet, warmUp + counted);
            FleetSimulation simulation = new FleetSimulation(fleet, seed, false);
            Calls before = simulation.runUntil(warmUp);
            Calls calls = simulation.runUntil(warmUp + counted).since(before);
            FleetSimulation starting = new FleetSimulation(fleet, seed, true);
            starting.runUntil(Math.max(1, seconds(fleet.restarts().window())));
            Prediction prediction = FleetFormulas.predict(fleet);
            print(spec, json ? json(fleet, prediction, calls) : lines(fleet, prediction, calls, starting.peak()));
            return 0;
        }

        private void requirePossible(Fleet fleet, double seconds) {
            double messages = seconds
                    * fleet.traffic().processes()
                    * (fleet.traffic().writes() + fleet.traffic().reads());
            if (seconds <= 0 || messages > MOST_MESSAGES) {
                throw new CommandLine.ParameterException(
                        spec.commandLine(),
                        FleetReport.number(messages)
                                + " messages are none, or too many, to be drawn one by one; at most "
                                + FleetReport.number(MOST_MESSAGES)
                                + " are: choose another --duration, or fewer processes or messages");
            }
        }

        private static List<String> json(Fleet fleet, Prediction prediction, Calls calls) {
            return List.of(Json.write(FleetModel.json(fleet, prediction, calls)));
        }

        private static List<String> lines(Fleet fleet, Prediction prediction, Calls calls, long peak) {
            List<String> lines = new ArrayList<>(FleetReport.lines(fleet, prediction));
            lines.add("");
            lines.add("simulated in " + FleetReport.time(calls.seconds()) + ": "
                    + FleetReport.number(calls.generate() / calls.seconds()) + " requests/s to generate, "
                    + FleetReport.number(calls.decrypt() / calls.seconds()) + " to decrypt; "
                    + FleetReport.percent(1 - (double) calls.writingWaits() / Math.max(1, calls.written()))
                    + " of those written and "
                    + FleetReport.percent(1 - (double) calls.readingWaits() / Math.max(1, calls.read()))
                    + " of those read did not wait; " + peak + " requests in the worst second of the start");
            return lines;
        }
    }

    /** {@code measure}. */
    @Command(
            name = "measure",
            mixinStandardHelpOptions = true,
            description = {
                "Run a small fleet in this process with the real library and count the requests, beside what the model says.",
                "Exit code 1 if chance does not explain the difference, or the machine was too slow.",
                "Other defaults: 4 processes, 100 messages/s of 64 bytes each, 50 contexts, --max-age 2s."
            })
    static final class Measure implements Callable<Integer> {

        /** A fleet that one process can be. */
        private static final Map<String, String> DEFAULTS = Map.of(
                "--processes", "4",
                "--messages", "100",
                "--size", "64",
                "--contexts", "50",
                "--max-age", "2s");

        @Spec
        @SuppressWarnings("NullAway.Init") // picocli sets it
        private CommandSpec spec;

        @Mixin
        private FleetOptions options = new FleetOptions();

        @Option(names = "--seed", defaultValue = "1", description = "what happens when: 1")
        private long seed;

        @Option(
                names = "--duration",
                defaultValue = "10s",
                converter = FleetOptions.Time.class,
                description = "what is counted, after twice the greatest age to warm up: 10s")
        private Duration duration = Duration.ZERO;

        @Option(names = "--latency", defaultValue = "0ms", description = "of a request: 0ms, 5ms, 2ms..20ms, 5ms~40ms")
        private String latency = "";

        @Option(names = "--json", description = "as JSON")
        private boolean json;

        @Override
        public Integer call() throws GeneralSecurityException, InterruptedException {
            Fleet fleet = fleet(options, spec);
            Comparison comparison = compare(fleet, seed, seconds(duration), latency(latency));
            print(
                    spec,
                    json
                            ? List.of(Json.write(json(fleet, FleetFormulas.predict(fleet), comparison)))
                            : comparison.lines());
            return comparison.isValid() && comparison.isExplained() ? 0 : 1;
        }

        private static @Nullable String defaultOf(ArgSpec option) {
            return option instanceof OptionSpec named ? DEFAULTS.get(named.longestName()) : null;
        }

        private Latency latency(String text) {
            try {
                return Latency.parse(text);
            } catch (IllegalArgumentException e) {
                throw new CommandLine.ParameterException(spec.commandLine(), e.getMessage(), e);
            }
        }
    }

    /** Measures a fleet in steady state, and simulates it with the same messages. */
    static Comparison compare(Fleet fleet, long seed, double seconds, Latency latency)
            throws GeneralSecurityException, InterruptedException {
        double warmUp = 2 * seconds(fleet.longestAge());
        FleetSimulation simulation = new FleetSimulation(fleet.withoutRestarts(), seed, false);
        Calls simulatedBefore = simulation.runUntil(warmUp);
        Calls simulated = simulation.runUntil(warmUp + seconds).since(simulatedBefore);
        try (FleetMeasurement measurement = new FleetMeasurement(fleet, seed, latency)) {
            Calls before = measurement.runUntil(warmUp);
            measurement.waitForMachine();
            Calls calls = measurement.runUntil(warmUp + seconds).since(before);
            return Comparison.of(fleet, simulated, calls, measurement.behind());
        }
    }

    private static double seconds(Duration duration) {
        return duration.toNanos() / 1e9;
    }
}
