package dev.kmsenvelope.registration;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Starts the JDK that runs the tests once more: its {@code java} with a program, or one of its tools. */
final class ChildJvm {

    /** The jar that users put on their class path. */
    static final Path JAR = Path.of("target", "kms-envelope.jar").toAbsolutePath();

    /** Where the programs are; nothing else that a child needs is there. */
    static final Path PROGRAMS = Path.of("target", "test-classes").toAbsolutePath();

    private static final long PATIENCE_SECONDS = 120;

    private final List<String> command = new ArrayList<>();
    private final Map<String, String> environment = new LinkedHashMap<>();

    private ChildJvm(String tool) {
        command.add(Path.of(System.getProperty("java.home"), "bin", tool).toString());
    }

    /** A JVM with the jar and our programs on its class path. */
    static ChildJvm java() {
        return bare().with("-cp", JAR + File.pathSeparator + PROGRAMS);
    }

    /** A JVM without a class path; options that it starts quickly with, for it lives for a moment only. */
    static ChildJvm bare() {
        return new ChildJvm("java").with("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto");
    }

    /** The keytool, speaking English in UTC. */
    static ChildJvm keytool() {
        return new ChildJvm("keytool")
                .with("-J-XX:TieredStopAtLevel=1", "-J-XX:+UseSerialGC")
                .with("-J-Duser.language=en", "-J-Duser.country=US")
                .with("-J-Duser.timezone=UTC");
    }

    ChildJvm with(String... arguments) {
        command.addAll(List.of(arguments));
        return this;
    }

    ChildJvm properties(Path file) {
        return with("-Djava.security.properties=" + file);
    }

    ChildJvm environment(String name, String value) {
        environment.put(name, value);
        return this;
    }

    /** Where the local key service has its keys. */
    ChildJvm home(Path directory) {
        return environment("KMS_ENVELOPE_HOME", directory.toString());
    }

    /** Starts it for a conversation over its standard input and output; its errors are those of the tests. */
    Process start(String... arguments) throws IOException {
        with(arguments);
        return builder().redirectError(ProcessBuilder.Redirect.INHERIT).start();
    }

    private ProcessBuilder builder() {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().keySet().removeIf(name -> name.startsWith("KMS_ENVELOPE_") || name.endsWith("_OPTIONS"));
        builder.environment().putAll(environment);
        return builder;
    }

    /** Runs it to its end. */
    Result run(String... arguments) throws IOException, InterruptedException {
        with(arguments);
        Path errors = Files.createTempFile("kms-envelope-child", ".err");
        Path output = Files.createTempFile("kms-envelope-child", ".out");
        try {
            Process process = builder()
                    .redirectOutput(output.toFile())
                    .redirectError(errors.toFile())
                    .start();
            process.getOutputStream().close();
            boolean ended = process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
            if (!ended) {
                process.destroyForcibly().waitFor();
            }
            Result result =
                    new Result(command, process.exitValue(), Files.readString(output), Files.readString(errors));
            assertThat(ended).as("it ended by itself: %s", result).isTrue();
            return result;
        } finally {
            Files.delete(errors);
            Files.delete(output);
        }
    }

    /**
     * What came of it.
     *
     * @param command what was run
     * @param exit its exit code
     * @param out all of its standard output
     * @param err all of its standard error
     */
    record Result(List<String> command, int exit, String out, String err) {

        Result succeeded() {
            assertThat(exit).as(toString()).isZero();
            return this;
        }

        Result failed() {
            assertThat(exit).as(toString()).isNotZero();
            return this;
        }

        /** The lines {@code name=value} of the output. */
        Map<String, String> values() {
            return lines().filter(line -> line.contains("="))
                    .collect(Collectors.toMap(
                            line -> line.substring(0, line.indexOf('=')),
                            line -> line.substring(line.indexOf('=') + 1),
                            (one, other) -> one + "|" + other,
                            LinkedHashMap::new));
        }

        Stream<String> lines() {
            return out.lines();
        }

        @Override
        public String toString() {
            return String.join(" ", command) + "\nexit code " + exit + "\n" + out + err;
        }
    }
}
