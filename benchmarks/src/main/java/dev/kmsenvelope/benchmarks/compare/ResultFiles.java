package dev.kmsenvelope.benchmarks.compare;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonParseException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** The directory of results: for each JDK what JMH wrote and where it was, and for all of them a page and charts. */
final class ResultFiles {

    static final String PAGE = "RESULTS.md";

    private static final Gson GSON =
            new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create();
    private static final String MACHINE = "machine-";
    private static final String MEASURED = "jmh-";
    private static final String JSON = ".json";

    private final Path directory;

    ResultFiles(Path directory) {
        this.directory = directory;
    }

    /** Writes what was measured on one JDK over what was there for the same release. */
    void write(Machine machine, String jmhJson) throws IOException {
        Files.createDirectories(directory);
        String name = "jdk" + machine.release() + JSON;
        Files.writeString(directory.resolve(MEASURED + name), jmhJson);
        Files.writeString(directory.resolve(MACHINE + name), GSON.toJson(machine) + "\n");
    }

    /** Reads all of it, the oldest JDK first. */
    List<Run> read() throws IOException {
        List<Run> runs = new ArrayList<>();
        try (DirectoryStream<Path> machines = Files.newDirectoryStream(directory, MACHINE + "*" + JSON)) {
            for (Path file : machines) {
                String name = String.valueOf(file.getFileName());
                Path measured = directory.resolve(MEASURED + name.substring(MACHINE.length()));
                try {
                    Machine machine = GSON.fromJson(Files.readString(file), Machine.class);
                    runs.add(new Run(machine, JmhJson.parse(Files.readString(measured))));
                } catch (JsonParseException | IllegalStateException e) {
                    throw new IOException(name + " or " + measured.getFileName() + " is not a result", e);
                }
            }
        }
        runs.sort(Comparator.comparingInt(run -> run.machine().release()));
        return runs;
    }

    /** Draws and writes everything that is made from the results. */
    void report() throws IOException {
        List<Run> runs = read();
        if (runs.isEmpty()) {
            throw new IOException("there are no results in the directory");
        }
        Files.writeString(directory.resolve(PAGE), new ResultsPage(runs, List.of()).markdown());
        Files.writeString(directory.resolve(PAGE), new ResultsPage(runs, draw(runs)).markdown());
    }

    private List<String> draw(List<Run> runs) throws IOException {
        List<String> charts = new ArrayList<>();
        try {
            for (Run run : runs) {
                charts.addAll(Charts.draw(run, directory));
            }
        } catch (LinkageError | InternalError e) { // how a JDK without fonts or without its desktop libraries fails
            throw new IOException("the tables are written, but this JDK cannot draw the charts: " + e, e);
        }
        return charts;
    }
}
