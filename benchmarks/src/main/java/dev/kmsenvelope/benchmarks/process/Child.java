package dev.kmsenvelope.benchmarks.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A process that does a {@link Task} with a certain JDK.
 *
 * @param java the program
 * @param options of the JVM
 * @param directory where keys and files are
 */
record Child(Path java, List<String> options, Path directory) {

    /**
     * How long it took.
     *
     * @param process seconds from starting the process to its end
     * @param work seconds of those that the task took itself
     * @param bytes that came out
     */
    record Result(double process, double work, long bytes) {}

    static Child of(Path jdkHome, Path directory, String... options) {
        Path java = jdkHome.resolve("bin").resolve("java");
        if (!Files.isExecutable(java)) {
            throw new IllegalArgumentException("there is no program " + java + "; give the directory of a JDK");
        }
        return new Child(java, List.of(options), directory);
    }

    /**
     * Runs a task and waits for it.
     *
     * @throws IOException if it fails, with what it said
     */
    Result run(Task.Contender contender, Task.Operation operation, long length)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(java.toString());
        command.addAll(options);
        command.addAll(List.of(
                "-cp",
                System.getProperty("java.class.path"),
                Task.class.getName(),
                contender.name(),
                operation.name(),
                directory.toString(),
                Long.toString(length)));
        Path errors = directory.resolve("errors");
        long start = System.nanoTime();
        Process process =
                new ProcessBuilder(command).redirectError(errors.toFile()).start();
        String said;
        try {
            said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new IOException(contender.label() + " failed with exit code " + process.exitValue() + ": "
                        + Files.readString(errors));
            }
        } finally {
            process.destroyForcibly();
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        List<String> lines = said.lines().toList();
        String[] numbers = lines.get(lines.size() - 1).split(" ", -1);
        return new Result(seconds, Double.parseDouble(numbers[0]), Long.parseLong(numbers[1]));
    }

    /** The release of the JDK, from the file that each has. */
    String release() throws IOException {
        Path release = java.resolveSibling("..").resolve("release").normalize();
        try (var lines = Files.lines(release)) {
            return lines.filter(line -> line.startsWith("JAVA_VERSION="))
                    .map(line -> line.substring("JAVA_VERSION=".length()).replace("\"", ""))
                    .findFirst()
                    .orElse("unknown");
        }
    }
}
