package dev.kmsenvelope.cli;

import com.google.gson.JsonElement;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Option;

/**
 * A command that reads something and shows it, as lines or as JSON.
 *
 * @param <T> what is read
 */
public abstract class ReportCommand<T> implements Callable<Integer> {

    private final Stdio stdio;
    private final String nothing;

    @Option(names = "--json", description = "as JSON")
    private boolean json;

    /**
     * A command that always has something to show, or fails.
     *
     * @param stdio where it shows it
     */
    protected ReportCommand(Stdio stdio) {
        this(stdio, "there is nothing to show");
    }

    /**
     * A command that may find nothing.
     *
     * @param stdio where it shows it
     * @param nothing what it says beside the output when there are no lines
     */
    protected ReportCommand(Stdio stdio, String nothing) {
        this.stdio = stdio;
        this.nothing = nothing;
    }

    /**
     * Reads it.
     *
     * @return what is shown
     * @throws IOException if that fails
     */
    protected abstract T read() throws IOException;

    /**
     * For scripts.
     *
     * @param found what was read
     * @return a document
     */
    protected abstract JsonElement toJson(T found);

    /**
     * For people.
     *
     * @param found what was read
     * @return lines, without characters that a terminal would act on; none if there is nothing to show
     */
    protected abstract List<String> lines(T found);

    @Override
    public final Integer call() throws IOException {
        T found = read();
        if (json) {
            stdio.printJson(Json.write(toJson(found)));
            return ExitCode.OK;
        }
        List<String> lines = lines(found);
        if (lines.isEmpty()) {
            stdio.note(nothing);
        }
        for (String line : lines) {
            stdio.println(line);
        }
        return ExitCode.OK;
    }
}
