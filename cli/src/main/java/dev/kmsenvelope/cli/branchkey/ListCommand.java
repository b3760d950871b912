package dev.kmsenvelope.cli.branchkey;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import dev.kmsenvelope.cli.ReportCommand;
import dev.kmsenvelope.cli.Stdio;
import dev.kmsenvelope.hierarchy.BranchKeyAdministration;
import dev.kmsenvelope.hierarchy.BranchKeyDescription;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code branch-key list}. */
@Command(name = "list", header = "List the branch keys with their active versions; nothing is verified.")
final class ListCommand extends ReportCommand<List<BranchKeyDescription>> {

    @Mixin
    private StoreOptions store = new StoreOptions();

    ListCommand(Stdio stdio) {
        super(stdio, "there are no branch keys yet; create one with: kms-envelope branch-key create ID");
    }

    @Override
    protected List<BranchKeyDescription> read() throws IOException {
        try (BranchKeyAdministration administration = store.open()) {
            return administration.list();
        }
    }

    @Override
    protected JsonElement toJson(List<BranchKeyDescription> keys) {
        JsonArray array = new JsonArray();
        keys.forEach(key -> array.add(BranchKeyReport.toJson(key)));
        return array;
    }

    @Override
    protected List<String> lines(List<BranchKeyDescription> keys) {
        return keys.isEmpty() ? List.of() : BranchKeyReport.table(keys);
    }
}
