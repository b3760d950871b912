package dev.kmsenvelope.cli.key;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import dev.kmsenvelope.cli.Backend;
import dev.kmsenvelope.cli.ReportCommand;
import dev.kmsenvelope.cli.Stdio;
import dev.kmsenvelope.kms.KeyDescription;
import dev.kmsenvelope.kms.KeyDirectory;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code key list}. */
@Command(name = "list", header = "List the keys, oldest first.")
final class ListCommand extends ReportCommand<List<KeyDescription>> {

    @Mixin
    private Backend backend = new Backend();

    ListCommand(Stdio stdio) {
        super(stdio, "there are no keys yet; create one with: kms-envelope key create alias/NAME");
    }

    @Override
    protected List<KeyDescription> read() {
        try (KeyDirectory directory = backend.openDirectory()) {
            return directory.list();
        }
    }

    @Override
    protected JsonElement toJson(List<KeyDescription> keys) {
        JsonArray array = new JsonArray();
        keys.forEach(key -> array.add(KeyReport.toJson(key)));
        return array;
    }

    @Override
    protected List<String> lines(List<KeyDescription> keys) {
        return keys.isEmpty() ? List.of() : KeyReport.table(keys);
    }
}
