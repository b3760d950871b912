package dev.kmsenvelope.cli.branchkey;

import dev.kmsenvelope.cli.ExitCode;
import dev.kmsenvelope.cli.Stdio;
import dev.kmsenvelope.cli.Text;
import dev.kmsenvelope.hierarchy.BranchKeyAdministration;
import dev.kmsenvelope.hierarchy.BranchKeyDescription;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code branch-key rotate}. */
@Command(
        name = "rotate",
        header = "Give a branch key a new version; what was encrypted before stays readable.",
        description = "Programs that run use the new version when they read the branch key anew, which is within"
                + " hierarchical.cache-ttl.")
final class RotateCommand implements Callable<Integer> {

    private final Stdio stdio;

    @Mixin
    private StoreOptions store = new StoreOptions();

    @SuppressWarnings("NullAway.Init") // required, so picocli sets it
    @Parameters(paramLabel = "ID")
    private String id;

    RotateCommand(Stdio stdio) {
        this.stdio = stdio;
    }

    @Override
    public Integer call() {
        BranchKeyDescription rotated;
        try (BranchKeyAdministration administration = store.open()) {
            rotated = administration.rotate(id);
        }
        stdio.note(
                Text.escape(id) + " encrypts with version " + rotated.active().id() + " now");
        return ExitCode.OK;
    }
}
