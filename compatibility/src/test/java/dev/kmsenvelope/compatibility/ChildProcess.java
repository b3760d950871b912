package dev.kmsenvelope.compatibility;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A program in a process of its own, as a user starts it. It is ended when this is closed, or if it takes far too long. */
final class ChildProcess implements AutoCloseable {

    private static final int PATIENCE_SECONDS = 180;

    private final Process process;
    private final BufferedReader output;
    private final List<String> lines = new ArrayList<>();

    private ChildProcess(Process process) {
        this.process = process;
        this.output = process.inputReader(StandardCharsets.UTF_8);
        CompletableFuture.delayedExecutor(PATIENCE_SECONDS, TimeUnit.SECONDS).execute(process::destroyForcibly);
    }

    /** Starts it; what it writes to either output is read together. */
    static ChildProcess start(Path directory, Map<String, String> environment, List<String> command)
            throws IOException {
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true);
        builder.environment().putAll(environment);
        return new ChildProcess(builder.start());
    }

    /** Runs it to its end, which must be a good one. */
    static void run(Path directory, Map<String, String> environment, List<String> command)
            throws IOException, InterruptedException {
        try (ChildProcess child = start(directory, environment, command)) {
            child.output.lines().forEach(child.lines::add);
            assertThat(child.process.waitFor()).as(child.said()).isZero();
        }
    }

    /** A program of the JDK that runs the tests. */
    static String ofTheJdk(String name) {
        return Path.of(System.getProperty("java.home"), "bin", name).toString();
    }

    /** Waits for a line that starts like this; the program goes on. */
    String lineAfter(String start) throws IOException {
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            lines.add(line);
            if (line.startsWith(start)) {
                return line.substring(start.length());
            }
        }
        throw new AssertionError("it ended without the line '" + start + "': " + said());
    }

    private String said() {
        return String.join("\n", lines);
    }

    @Override
    public void close() {
        process.destroy();
        process.onExit().join();
    }
}
