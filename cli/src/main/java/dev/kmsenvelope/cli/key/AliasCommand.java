package dev.kmsenvelope.cli.key;

import dev.kmsenvelope.cli.Backend;
import dev.kmsenvelope.cli.ExitCode;
import dev.kmsenvelope.cli.Stdio;
import dev.kmsenvelope.cli.UsageException;
import dev.kmsenvelope.kms.KeyAdministration;
import dev.kmsenvelope.kms.KeyId;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code key alias}. */
@Command(
        name = "alias",
        header = "Point a new alias to a key, point an existing one elsewhere, or remove one.",
        description = "What was encrypted under an alias stays readable when it points elsewhere.")
final class AliasCommand implements Callable<Integer> {

    private final Stdio stdio;

    @Mixin
    private Backend backend = new Backend();

    @ArgGroup
    private @Nullable Change change;

    private static final class Change {

        @Option(names = "--update", description = "the alias exists; point it to KEY")
        private boolean update;

        @Option(names = "--delete", description = "remove the alias; its key stays")
        private boolean delete;
    }

    @SuppressWarnings("NullAway.Init") // required, so picocli sets it
    @Parameters(index = "0", paramLabel = "ALIAS", description = "alias/NAME")
    private KeyId alias;

    @Parameters(index = "1", arity = "0..1", paramLabel = "KEY", description = "the key; not with --delete")
    private @Nullable KeyId key;

    AliasCommand(Stdio stdio) {
        this.stdio = stdio;
    }

    @Override
    public Integer call() {
        Aliases.require(alias);
        boolean delete = change != null && change.delete;
        boolean update = change != null && change.update;
        if (delete != (key == null)) {
            throw new UsageException(
                    delete ? "--delete takes the alias alone" : "name the key that " + alias + " shall point to");
        }
        try (KeyAdministration administration = backend.openAdministration()) {
            if (key == null) {
                administration.deleteAlias(alias);
                stdio.note("removed " + alias);
            } else if (update) {
                administration.updateAlias(alias, key);
                stdio.note(alias + " points to " + key + " now");
            } else {
                KeyId target = key;
                Aliases.making(alias, () -> {
                    administration.createAlias(alias, target);
                    return target;
                });
                stdio.note(alias + " points to " + target);
            }
        }
        return ExitCode.OK;
    }
}
