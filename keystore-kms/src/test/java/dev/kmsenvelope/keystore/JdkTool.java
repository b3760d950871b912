package dev.kmsenvelope.keystore;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A tool of the JDK that runs the tests, as a process of its own with this library on its class path. */
final class JdkTool {

    static final String PASSWORD = "changeit";

    private static final long PATIENCE_SECONDS = 180;

    private final Path home;
    private final List<String> command = new ArrayList<>();

    private JdkTool(String name, Path home) {
        this.home = home;
        command.add(Path.of(System.getProperty("java.home"), "bin", name).toString());
        with("-J-XX:TieredStopAtLevel=1", "-J-XX:+UseSerialGC", "-J-Duser.language=en", "-J-Duser.country=US");
        with("-J-cp", "-J" + System.getProperty("java.class.path"));
        with("-addprovider", "KmsEnvelope");
    }

    /** keytool with a keystore file, whose key is in the local key service of a directory. */
    static JdkTool keytool(Path home, Path file) {
        return new JdkTool("keytool", home)
                .with("-storetype", "KMS", "-keystore", file.toString(), "-storepass", PASSWORD);
    }

    /** keytool with two keystores, which the arguments name. */
    static JdkTool keytool(Path home) {
        return new JdkTool("keytool", home);
    }

    /** jarsigner with a keystore file, or with {@code NONE} the keys of the local key service of a directory. */
    static JdkTool jarsigner(Path home, String file) {
        return new JdkTool("jarsigner", home).with("-storetype", "KMS", "-keystore", file, "-storepass", PASSWORD);
    }

    JdkTool with(String... arguments) {
        command.addAll(List.of(arguments));
        return this;
    }

    /** Runs it to its end, which must be a good one. */
    Result run(String... arguments) throws IOException, InterruptedException {
        Result result = end(arguments);
        assertThat(result.exit()).as(result.toString()).isZero();
        return result;
    }

    /** Runs it to its end, which must be a bad one. */
    Result fail(String... arguments) throws IOException, InterruptedException {
        Result result = end(arguments);
        assertThat(result.exit()).as(result.toString()).isNotZero();
        return result;
    }

    private Result end(String... arguments) throws IOException, InterruptedException {
        with(arguments);
        Path output = Files.createTempFile("kms-envelope-tool", ".out");
        try {
            ProcessBuilder builder =
                    new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
            builder.environment()
                    .keySet()
                    .removeIf(name -> name.startsWith("KMS_ENVELOPE_") || name.endsWith("_OPTIONS"));
            builder.environment().put("KMS_ENVELOPE_HOME", home.toString());
            Process process = builder.start();
            process.getOutputStream().close();
            boolean ended = process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
            if (!ended) {
                process.destroyForcibly().waitFor();
            }
            Result result = new Result(List.of(arguments), process.exitValue(), Files.readString(output));
            assertThat(ended).as("it ended by itself: %s", result).isTrue();
            return result;
        } finally {
            Files.delete(output);
        }
    }

    /**
     * What came of it.
     *
     * @param arguments what was asked for
     * @param exit its exit code
     * @param out what it said
     */
    record Result(List<String> arguments, int exit, String out) {

        Stream<String> lines() {
            return out.lines();
        }

        @Override
        public String toString() {
            return arguments + "\nexit code " + exit + "\n" + out;
        }
    }
}
