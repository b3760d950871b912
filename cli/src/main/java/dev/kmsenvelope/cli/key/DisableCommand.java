package dev.kmsenvelope.cli.key;

import dev.kmsenvelope.cli.Backend;
import dev.kmsenvelope.cli.ExitCode;
import dev.kmsenvelope.cli.Stdio;
import dev.kmsenvelope.kms.KeyAdministration;
import dev.kmsenvelope.kms.KeyId;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code key disable}. */
@Command(name = "disable", header = "Switch a key off.")
final class DisableCommand implements Callable<Integer> {

    private final Stdio stdio;

    @Mixin
    private Backend backend = new Backend();

    @SuppressWarnings("NullAway.Init") // required, so picocli sets it
    @Parameters(paramLabel = "KEY")
    private KeyId key;

    DisableCommand(Stdio stdio) {
        this.stdio = stdio;
    }

    @Override
    public Integer call() {
        try (KeyAdministration administration = backend.openAdministration()) {
            administration.disable(key);
            stdio.note("disabled " + key);
        }
        return ExitCode.OK;
    }
}
