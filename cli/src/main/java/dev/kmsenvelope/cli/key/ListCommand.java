package dev.kmsenvelope.cli.key;

import com.google.gson.JsonArray;
import dev.kmsenvelope.cli.Backend;
import dev.kmsenvelope.cli.ExitCode;
import dev.kmsenvelope.cli.Json;
import dev.kmsenvelope.cli.Stdio;
import dev.kmsenvelope.kms.KeyDescription;
import dev.kmsenvelope.kms.KeyDirectory;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code key list}. */
@Command(name = "list", header = "List the keys, oldest first.")
final class ListCommand implements Callable<Integer> {

    private final Stdio stdio;

    @Mixin
    private Backend backend = new Backend();

    @Option(names = "--json", description = "as JSON")
    private boolean json;

    ListCommand(Stdio stdio) {
        this.stdio = stdio;
    }

    @Override
    public Integer call() throws IOException {
        List<KeyDescription> keys;
        try (KeyDirectory directory = backend.openDirectory()) {
            keys = directory.list();
        }
        if (json) {
            JsonArray array = new JsonArray();
            keys.forEach(key -> array.add(KeyReport.toJson(key)));
            stdio.printJson(Json.write(array));
        } else if (keys.isEmpty()) {
            stdio.note("there are no keys yet; create one with: kms-envelope key create alias/NAME");
        } else {
            for (String line : KeyReport.table(keys)) {
                stdio.println(line);
            }
        }
        return ExitCode.OK;
    }
}
