package dev.kmsenvelope.keystore.file;

import dev.kmsenvelope.keystore.StoreFileException;
import dev.kmsenvelope.keystore.StoreFileException.Reason;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Adds lines to a file, each by one write of all of it, as programs add entries. */
final class StoreFileProcess {

    /** The exit code of one that has no patience. */
    static final int IN_USE = 7;

    private StoreFileProcess() {}

    static Process start(Path file, String name, int times) throws IOException {
        return start(file, name, times, null);
    }

    /** With patience it tries once, else until it is done. */
    static Process start(Path file, String name, int times, @Nullable Duration patience) throws IOException {
        return new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-Xshare:auto",
                        "-cp",
                        System.getProperty("java.class.path"),
                        StoreFileProcess.class.getName(),
                        file.toString(),
                        name,
                        Integer.toString(times),
                        patience == null ? "" : patience.toString()))
                .inheritIO()
                .start();
    }

    /**
     * Runs it.
     *
     * @param arguments the file, a name, how many lines, and how long to wait for others
     */
    public static void main(String[] arguments) throws IOException {
        if (!arguments[3].isEmpty()) {
            StoreFile file = StoreFile.at(Path.of(arguments[0]), new FileSteps(), Duration.parse(arguments[3]));
            try {
                file.write(file.read(), Forge.bytes(arguments[1]));
            } catch (StoreFileException e) {
                System.exit(e.reason() == Reason.IN_USE ? IN_USE : 1);
            }
            return;
        }
        append(Path.of(arguments[0]), arguments[1], Integer.parseInt(arguments[2]));
    }

    static void append(Path path, String name, int times) throws IOException {
        StoreFile file = StoreFile.at(path);
        for (int i = 0; i < times; ) {
            byte[] before = file.read();
            byte[] line = Forge.bytes(name + " " + i + "\n");
            byte[] after = Arrays.copyOf(before, before.length + line.length);
            System.arraycopy(line, 0, after, before.length, line.length);
            try {
                file.write(before, after);
                i++;
            } catch (StoreFileException e) {
                if (e.reason() != Reason.CHANGED_MEANWHILE && e.reason() != Reason.IN_USE) {
                    throw e;
                }
            }
        }
    }
}
