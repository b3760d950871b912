package dev.kmsenvelope.cli.keystore;

import dev.kmsenvelope.cli.Backend;
import dev.kmsenvelope.cli.ExitCode;
import dev.kmsenvelope.cli.Json;
import dev.kmsenvelope.cli.Stdio;
import dev.kmsenvelope.keystore.file.StoreContent;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code keystore list}. */
@Command(
        name = "list",
        header = "List the entries of a keystore file.",
        description = "Needs leave to decrypt with the key that the file is sealed under, and with no other.")
final class ListCommand implements Callable<Integer> {

    private final Stdio stdio;

    @Mixin
    private Backend backend = new Backend();

    @Option(names = "--json", description = "as JSON")
    private boolean json;

    @SuppressWarnings("NullAway.Init") // required, so picocli sets it
    @Parameters(paramLabel = "FILE")
    private Path file;

    ListCommand(Stdio stdio) {
        this.stdio = stdio;
    }

    @Override
    public Integer call() throws IOException {
        StoreContent content;
        try (OpenStore store = OpenStore.read(backend.configuration(), file)) {
            content = store.content();
        }
        if (json) {
            stdio.printJson(Json.write(EntryReport.toJson(content)));
        } else if (content.entries().isEmpty()) {
            stdio.note("there are no entries yet; make one with: kms-envelope keystore add-key FILE ALIAS");
        } else {
            for (String line : EntryReport.table(content.entries())) {
                stdio.println(line);
            }
        }
        return ExitCode.OK;
    }
}
