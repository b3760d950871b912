package dev.kmsenvelope.cli.branchkey;

import com.google.gson.JsonElement;
import dev.kmsenvelope.cli.ReportCommand;
import dev.kmsenvelope.cli.Stdio;
import dev.kmsenvelope.hierarchy.BranchKeyAdministration;
import dev.kmsenvelope.hierarchy.BranchKeyDescription;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code branch-key describe}. */
@Command(name = "describe", header = "Show one branch key with all its versions; nothing is verified.")
final class DescribeCommand extends ReportCommand<BranchKeyDescription> {

    @Mixin
    private StoreOptions store = new StoreOptions();

    @SuppressWarnings("NullAway.Init") // required, so picocli sets it
    @Parameters(paramLabel = "ID")
    private String id;

    DescribeCommand(Stdio stdio) {
        super(stdio);
    }

    @Override
    protected BranchKeyDescription read() throws IOException {
        try (BranchKeyAdministration administration = store.open()) {
            return administration.describe(id);
        }
    }

    @Override
    protected JsonElement toJson(BranchKeyDescription key) {
        return BranchKeyReport.toJson(key);
    }

    @Override
    protected List<String> lines(BranchKeyDescription key) {
        return BranchKeyReport.lines(key);
    }
}
