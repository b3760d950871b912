package dev.kmsenvelope.cli.branchkey;

import dev.kmsenvelope.cli.ContextPairs;
import dev.kmsenvelope.cli.ExitCode;
import dev.kmsenvelope.cli.Stdio;
import dev.kmsenvelope.cli.UsageException;
import dev.kmsenvelope.hierarchy.BranchKeyAdministration;
import dev.kmsenvelope.hierarchy.BranchKeyDescription;
import dev.kmsenvelope.kms.EncryptionContext;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code branch-key create}. */
@Command(name = "create", header = "Create a branch key and print its id.")
final class CreateCommand implements Callable<Integer> {

    private final Stdio stdio;

    @Mixin
    private StoreOptions store = new StoreOptions();

    @Option(
            names = "--context",
            paramLabel = "NAME=VALUE",
            description =
                    "bound to the branch key for all its life; not secret: stands in the store; repeat for several")
    private List<String> pairs = new ArrayList<>();

    @Parameters(arity = "0..1", paramLabel = "ID", description = "its id, such as tenant-1; a random UUID by default")
    private @Nullable String id;

    CreateCommand(Stdio stdio) {
        this.stdio = stdio;
    }

    @Override
    public Integer call() throws IOException {
        EncryptionContext context =
                ContextPairs.parameters("--context", pairs).build().context();
        BranchKeyDescription created;
        try (BranchKeyAdministration administration = store.open()) {
            created = administration.create(id == null ? UUID.randomUUID().toString() : id, context);
        } catch (IllegalArgumentException e) {
            throw new UsageException(String.valueOf(e.getMessage()));
        }
        stdio.println(created.id());
        return ExitCode.OK;
    }
}
