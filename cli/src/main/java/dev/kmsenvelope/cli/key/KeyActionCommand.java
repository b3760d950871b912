package dev.kmsenvelope.cli.key;

import dev.kmsenvelope.cli.Backend;
import dev.kmsenvelope.cli.ExitCode;
import dev.kmsenvelope.cli.Stdio;
import dev.kmsenvelope.kms.KeyAdministration;
import dev.kmsenvelope.kms.KeyId;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** A command that does one thing to one key. */
abstract class KeyActionCommand implements Callable<Integer> {

    private final Stdio stdio;

    @Mixin
    private Backend backend = new Backend();

    @SuppressWarnings("NullAway.Init") // required, so picocli sets it
    @Parameters(paramLabel = "KEY")
    private KeyId key;

    KeyActionCommand(Stdio stdio) {
        this.stdio = stdio;
    }

    /** Does it, and tells what is so now. */
    abstract String act(KeyAdministration administration, KeyId key);

    @Override
    public final Integer call() {
        try (KeyAdministration administration = backend.openAdministration()) {
            stdio.note(act(administration, key));
        }
        return ExitCode.OK;
    }
}
