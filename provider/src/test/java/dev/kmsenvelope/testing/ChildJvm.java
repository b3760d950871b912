package dev.kmsenvelope.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Starts the JDK that runs the tests once more, with the same class path. */
public final class ChildJvm {

    private static final long PATIENCE_SECONDS = 180;

    private final List<String> command = new ArrayList<>();

    private ChildJvm() {
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        with("-cp", System.getProperty("java.class.path"), "-XX:+UseSerialGC", "-Xmx256m");
        String logging = System.getProperty("java.util.logging.config.file");
        if (logging != null) {
            with("-Djava.util.logging.config.file=" + logging);
        }
    }

    /** A JVM that has yet to be told what to run. */
    public static ChildJvm java() {
        return new ChildJvm();
    }

    /** One that starts quickly, for what lives for a moment only. */
    public ChildJvm quick() {
        return with("-XX:TieredStopAtLevel=1", "-Xshare:auto");
    }

    /** Adds options. */
    public ChildJvm with(String... options) {
        command.addAll(List.of(options));
        return this;
    }

    /** Runs a program to its end, which must be a good one; gives its standard output. */
    public List<String> run(Class<?> program, String... arguments) throws IOException, InterruptedException {
        with(program.getName()).with(arguments);
        Path output = Files.createTempFile("kms-envelope-child", ".out");
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            process.getOutputStream().close();
            boolean ended = process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
            if (!ended) {
                process.destroyForcibly().waitFor();
            }
            List<String> lines = Files.readAllLines(output);
            assertThat(ended).as("it ended by itself: %s", lines).isTrue();
            assertThat(process.exitValue()).as("%s", String.join("\n", lines)).isZero();
            return lines;
        } finally {
            Files.delete(output);
        }
    }
}
