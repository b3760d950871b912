package dev.kmsenvelope.cli.branchkey;

import dev.kmsenvelope.cli.ExitCode;
import dev.kmsenvelope.cli.Json;
import dev.kmsenvelope.cli.Stdio;
import dev.kmsenvelope.hierarchy.BranchKeyAdministration;
import dev.kmsenvelope.hierarchy.BranchKeyDescription;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code branch-key describe}. */
@Command(name = "describe", header = "Show one branch key with all its versions; nothing is verified.")
final class DescribeCommand implements Callable<Integer> {

    private final Stdio stdio;

    @Mixin
    private StoreOptions store = new StoreOptions();

    @Option(names = "--json", description = "as JSON")
    private boolean json;

    @SuppressWarnings("NullAway.Init") // required, so picocli sets it
    @Parameters(paramLabel = "ID")
    private String id;

    DescribeCommand(Stdio stdio) {
        this.stdio = stdio;
    }

    @Override
    public Integer call() throws IOException {
        BranchKeyDescription key;
        try (BranchKeyAdministration administration = store.open()) {
            key = administration.describe(id);
        }
        if (json) {
            stdio.printJson(Json.write(BranchKeyReport.toJson(key)));
        } else {
            for (String line : BranchKeyReport.lines(key)) {
                stdio.println(line);
            }
        }
        return ExitCode.OK;
    }
}
