package dev.kmsenvelope.cli;

import com.google.gson.JsonObject;
import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.engine.EngineSettings;
import dev.kmsenvelope.spi.KeyServices;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code dependencies}. */
@Command(
        name = "dependencies",
        header = "Show which keys and key versions messages depend on.",
        description = {
            "Reads the headers of all messages among the files, without decrypting and without verifying anything, and"
                    + " looks up each key once. ONLY counts the messages that nothing else opens, SHARED those that"
                    + " other keys or versions open too."
        })
final class DependenciesCommand implements Callable<Integer> {

    private final Stdio stdio;

    @Mixin
    private Backend backend = new Backend();

    @Option(
            names = "--ask",
            description = "ask the key service for versions that it does not tell otherwise: one request for each"
                    + " message, which decrypts its data key")
    private boolean ask;

    @Option(names = "--json", description = "as JSON")
    private boolean json;

    @Option(
            names = {"-q", "--quiet"},
            description = "no progress bar")
    private boolean quiet;

    @Parameters(arity = "1..*", paramLabel = "FILE|FOLDER", description = "messages, and folders with messages")
    private List<Path> files = List.of();

    DependenciesCommand(Stdio stdio) {
        this.stdio = stdio;
    }

    @Override
    public Integer call() throws IOException {
        Configuration configuration = backend.configuration();
        try (KeyServices services = KeyServices.openLazily(configuration)) {
            KeyLookup keys = new KeyLookup(services);
            Dependencies dependencies;
            try (Progress progress = Progress.start("dependencies", OptionalLong.empty(), quiet)) {
                dependencies = new Dependencies(
                        stdio, keys, EngineSettings.of(configuration).limits(), ask, progress);
                new MessageFiles(files).visit(dependencies);
            }
            DependencyReport report = new DependencyReport(keys, dependencies);
            if (json) {
                stdio.printJson(Json.write(toJson(dependencies, report)));
            } else {
                for (String line : report.toLines()) {
                    stdio.println(line);
                }
                stdio.note(dependencies.messages() + " messages, " + dependencies.noMessages() + " other files, "
                        + dependencies.special() + " links or special files, " + dependencies.failed() + " failed");
            }
            report.warnings().forEach(stdio::note);
            return dependencies.code();
        }
    }

    private static JsonObject toJson(Dependencies dependencies, DependencyReport report) {
        JsonObject object = new JsonObject();
        object.addProperty("verified", false);
        object.addProperty("messages", dependencies.messages());
        object.addProperty("noMessages", dependencies.noMessages());
        object.addProperty("special", dependencies.special());
        object.addProperty("failed", dependencies.failed());
        object.add("dependencies", report.toJson());
        return object;
    }
}
