package dev.kmsenvelope.cli.branchkey;

import com.google.gson.JsonArray;
import dev.kmsenvelope.cli.ExitCode;
import dev.kmsenvelope.cli.Json;
import dev.kmsenvelope.cli.Stdio;
import dev.kmsenvelope.hierarchy.BranchKeyAdministration;
import dev.kmsenvelope.hierarchy.BranchKeyDescription;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code branch-key list}. */
@Command(name = "list", header = "List the branch keys with their active versions; nothing is verified.")
final class ListCommand implements Callable<Integer> {

    private final Stdio stdio;

    @Mixin
    private StoreOptions store = new StoreOptions();

    @Option(names = "--json", description = "as JSON")
    private boolean json;

    ListCommand(Stdio stdio) {
        this.stdio = stdio;
    }

    @Override
    public Integer call() throws IOException {
        List<BranchKeyDescription> keys;
        try (BranchKeyAdministration administration = store.open()) {
            keys = administration.list();
        }
        if (json) {
            JsonArray array = new JsonArray();
            keys.forEach(key -> array.add(BranchKeyReport.toJson(key)));
            stdio.printJson(Json.write(array));
        } else if (keys.isEmpty()) {
            stdio.note("there are no branch keys yet; create one with: kms-envelope branch-key create ID");
        } else {
            for (String line : BranchKeyReport.table(keys)) {
                stdio.println(line);
            }
        }
        return ExitCode.OK;
    }
}
