package dev.kmsenvelope.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Runs the jar as its users do, as a process of its own. */
final class Program {

    static final Path JAR = Path.of("target", "kms-envelope.jar").toAbsolutePath();
    private static final String JAVA =
            Path.of(System.getProperty("java.home"), "bin", "java").toString();

    private final Path keys;
    private final List<String> options = new ArrayList<>(List.of("-Xmx64m", "-XX:-UsePerfData", "-XX:+UseSerialGC"));

    private Program(Path keys, String... more) {
        this.keys = keys;
        options.addAll(List.of(more));
    }

    /** For processes that live for a moment and had better start quickly; they have little memory. */
    Program(Path keys) {
        this(keys, "-XX:TieredStopAtLevel=1");
    }

    /** For processes that work on many bytes, and need a cipher that is compiled well; they have as little memory. */
    static Program forManyBytes(Path keys) {
        return new Program(keys, new String[0]);
    }

    /** How a process ended. */
    record Ending(int code, byte[] out, String err) {

        String text() {
            return new String(out, StandardCharsets.UTF_8);
        }
    }

    List<String> command(String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(JAVA);
        command.addAll(options);
        command.addAll(List.of("-jar", JAR.toString()));
        command.addAll(List.of(arguments));
        return command;
    }

    Process start(String... arguments) throws IOException {
        return start(command(arguments));
    }

    Process start(List<String> command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("KMS_ENVELOPE_HOME", keys.toString());
        builder.environment()
                .keySet()
                .removeIf(name -> name.equals("JAVA_TOOL_OPTIONS") || name.equals("_JAVA_OPTIONS"));
        return builder.start();
    }

    Ending run(String... arguments) throws Exception {
        return run(new byte[0], command(arguments));
    }

    /** Runs a shell script in which {@code $@} is the program with its arguments. */
    Ending shell(byte[] input, String script, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("sh", "-c", script, "sh"));
        command.addAll(command(arguments));
        return run(input, command);
    }

    Ending run(byte[] input, List<String> command) throws Exception {
        Process process = start(command);
        CompletableFuture<byte[]> out = reading(process.getInputStream());
        feed(process, input);
        process.getOutputStream().close();
        return end(process, out);
    }

    static Ending end(Process process, CompletableFuture<byte[]> out) throws Exception {
        CompletableFuture<byte[]> err = reading(process.getErrorStream());
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("it ends").isTrue();
        return new Ending(process.exitValue(), out.get(), new String(err.get(), StandardCharsets.UTF_8));
    }

    static CompletableFuture<byte[]> reading(InputStream stream) {
        return parallel(() -> {
            try (stream) {
                return stream.readAllBytes();
            }
        });
    }

    /** On a thread of its own: the common pool may have only one, and pipes wait for each other. */
    static <T> CompletableFuture<T> parallel(Callable<T> task) {
        CompletableFuture<T> result = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            try {
                result.complete(task.call());
            } catch (Exception e) {
                result.completeExceptionally(e);
            }
        });
        thread.setDaemon(true);
        thread.start();
        return result;
    }

    /** Writes, until the other side does not want more. */
    static void feed(Process process, byte[] bytes) {
        try {
            OutputStream in = process.getOutputStream();
            in.write(bytes);
            in.flush();
        } catch (IOException e) {
            // it ended first
        }
    }

    /** Whether this process ignores a signal, which those that it starts then do too. Not known without /proc. */
    static boolean isIgnoredHere(String signal) throws IOException {
        Path status = Path.of("/proc/self/status");
        if (!Files.isReadable(status)) {
            return false;
        }
        int number = List.of("HUP", "INT").indexOf(signal);
        return number >= 0
                && Files.readAllLines(status).stream()
                        .filter(line -> line.startsWith("SigIgn:"))
                        .map(line -> Long.parseUnsignedLong(line.substring(7).strip(), 16))
                        .anyMatch(mask -> (mask >> number & 1) == 1);
    }

    /** Waits for the file that is being written. */
    static void awaitTemporaryFile(Path directory) throws Exception {
        for (int i = 0; i < 600; i++) {
            try (var list = Files.list(directory)) {
                if (list.anyMatch(file -> file.toFile().length() > 0)) {
                    return;
                }
            }
            Thread.sleep(50);
        }
        throw new AssertionError("nothing was written");
    }
}
