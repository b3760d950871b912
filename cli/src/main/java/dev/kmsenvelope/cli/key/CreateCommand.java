package dev.kmsenvelope.cli.key;

import dev.kmsenvelope.cli.Backend;
import dev.kmsenvelope.cli.ExitCode;
import dev.kmsenvelope.cli.Stdio;
import dev.kmsenvelope.kms.KeyAdministration;
import dev.kmsenvelope.kms.KeyDescription;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeySpec;
import java.io.IOException;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code key create}. */
@Command(name = "create", header = "Create a key and print its id.")
final class CreateCommand implements Callable<Integer> {

    private final Stdio stdio;

    @Mixin
    private Backend backend = new Backend();

    @Parameters(arity = "0..1", paramLabel = "ALIAS", description = "its first alias: alias/NAME")
    private @Nullable KeyId alias;

    CreateCommand(Stdio stdio) {
        this.stdio = stdio;
    }

    @Override
    public Integer call() throws IOException {
        KeyId name = alias;
        if (name != null) {
            Aliases.require(name);
        }
        KeyDescription created;
        try (KeyAdministration administration = backend.openAdministration()) {
            created = name == null
                    ? administration.createKey(KeySpec.SYMMETRIC_DEFAULT)
                    : Aliases.making(name, () -> administration.createKey(KeySpec.SYMMETRIC_DEFAULT, name));
        }
        stdio.println(created.id().value());
        return ExitCode.OK;
    }
}
