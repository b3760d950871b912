package dev.kmsenvelope.benchmarks;

import dev.kmsenvelope.benchmarks.compare.CompareCommand;
import java.io.IOException;
import java.util.Arrays;

/** Runs the comparison when the first argument is {@code compare}; everything else is for JMH. */
public final class Main {

    private Main() {}

    /**
     * Runs.
     *
     * @param args {@code compare} and its options, or those of JMH
     * @throws IOException if JMH cannot write
     */
    public static void main(String[] args) throws IOException {
        if (args.length > 0 && args[0].equals("compare")) {
            int status = CompareCommand.commandLine().execute(Arrays.copyOfRange(args, 1, args.length));
            System.exit(status);
        }
        org.openjdk.jmh.Main.main(args);
    }
}
