package dev.kmsenvelope.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where the result goes. */
public final class OutputOptions {

    @Option(
            names = {"-o", "--output"},
            paramLabel = "OUT",
            description = "file to write, - for standard output")
    private @Nullable Path target;

    @Option(
            names = {"-f", "--force"},
            description = "replace the file if it exists")
    private boolean force;

    @Option(
            names = {"-q", "--quiet"},
            description = "no progress bar")
    private boolean quiet;

    /** For picocli. */
    public OutputOptions() {}

    boolean quiet() {
        return quiet;
    }

    boolean isNamed() {
        return target != null;
    }

    /** The file that was named; null for none, and for standard output. */
    @Nullable
    Path file() {
        return Input.isPipe(target) ? null : target;
    }

    boolean force() {
        return force;
    }

    /**
     * Opens the output.
     *
     * @param stdio for standard output
     * @param read files that are read, of which it must be none
     * @param fallback the file to write when no option says so; null for standard output
     * @param isPrivate whether only the owner may read the file
     * @return the output; the caller closes it
     * @throws IOException if it cannot be opened
     */
    public Output open(Stdio stdio, List<Path> read, @Nullable Path fallback, boolean isPrivate) throws IOException {
        Path file = target == null ? fallback : Input.isPipe(target) ? null : target;
        if (file != null) {
            requireNotRead(file, read);
        }
        return Output.open(stdio, file, force, isPrivate);
    }

    /** Files that are read: of the settings, others of options, and the input if it is one. */
    static List<Path> read(List<Path> ofSettings, Stream<Path> ofOptions, @Nullable Path source) {
        return Stream.of(ofSettings.stream(), ofOptions, Stream.ofNullable(source))
                .flatMap(files -> files)
                .toList();
    }

    /** Refuses to write what is read. */
    static void requireNotRead(Path written, List<Path> read) throws IOException {
        for (Path other : read) {
            if (OutputFile.isSame(other, written)) {
                throw new UsageException("the output is the input: " + Text.oneLine(written.toString()));
            }
        }
    }
}
