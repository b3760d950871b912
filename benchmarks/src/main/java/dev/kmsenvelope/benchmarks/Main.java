package dev.kmsenvelope.benchmarks;

import dev.kmsenvelope.benchmarks.compare.CompareCommand;
import dev.kmsenvelope.benchmarks.layers.LayersCommand;
import java.io.IOException;
import java.util.Arrays;
import picocli.CommandLine;

/** Runs the comparison or the measurement of layers when the first argument says so; everything else is for JMH. */
public final class Main {

    private Main() {}

    /**
     * Runs.
     *
     * @param args {@code compare} or {@code layers} and its options, or those of JMH
     * @throws IOException if JMH cannot write
     */
    public static void main(String[] args) throws IOException {
        switch (args.length == 0 ? "" : args[0]) {
            case "compare" -> run(CompareCommand.commandLine(), args);
            case "layers" -> run(LayersCommand.commandLine(), args);
            default -> org.openjdk.jmh.Main.main(args);
        }
    }

    private static void run(CommandLine command, String[] args) {
        System.exit(command.execute(Arrays.copyOfRange(args, 1, args.length)));
    }
}
