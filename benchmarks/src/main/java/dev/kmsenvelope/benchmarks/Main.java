package dev.kmsenvelope.benchmarks;

import java.io.IOException;

/** Runs JMH. */
public final class Main {
    private Main() {}

    /** Runs. */
    public static void main(String[] args) throws IOException {
        org.openjdk.jmh.Main.main(args);
    }
}
