package dev.kmsenvelope.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code cache stats}. */
@Command(
        name = "stats",
        header = "Show what a running program's data-key caches and calls of key services add up to.",
        description = {
            "Reads the bean that the program shows by JMX, over a connection that only processes on this machine can make:"
                    + " as the user who runs the program, with a JDK (not only a JRE), and with the JDK's modules for"
                    + " management in that program. The program then listens for such connections until it ends.",
            "Exit code 5 if there is no such process, it cannot be asked, or it shows no figures."
        })
final class CacheStatsCommand implements Callable<Integer> {

    private final Stdio stdio;

    @Option(names = "--pid", required = true, paramLabel = "PID", description = "the process, as jps or ps tell it")
    private long pid;

    @Option(names = "--json", description = "as JSON")
    private boolean json;

    CacheStatsCommand(Stdio stdio) {
        this.stdio = stdio;
    }

    @Override
    public Integer call() throws IOException {
        if (pid <= 0) {
            throw new UsageException("--pid takes the number of a process, which is positive");
        }
        List<RemoteFigures> found = RemoteFigures.of(pid);
        if (json) {
            JsonArray all = new JsonArray();
            found.forEach(figures -> all.add(toJson(figures)));
            stdio.printJson(Json.write(all));
            return ExitCode.OK;
        }
        for (RemoteFigures figures : found) {
            stdio.println(Text.escape(figures.loader()) + ":");
            for (String line : Text.table(figures.rows())) {
                stdio.println("  " + line);
            }
        }
        return ExitCode.OK;
    }

    private static JsonObject toJson(RemoteFigures figures) {
        JsonObject object = new JsonObject();
        object.addProperty("loader", figures.loader());
        figures.values().forEach((name, value) -> {
            if (value instanceof Map<?, ?> map) {
                JsonObject counts = new JsonObject();
                map.forEach((key, count) -> counts.addProperty(String.valueOf(key), (Number) count));
                object.add(name, counts);
            } else {
                object.addProperty(name, (Number) value);
            }
        });
        return object;
    }
}
