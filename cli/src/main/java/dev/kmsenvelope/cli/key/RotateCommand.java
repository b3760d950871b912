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

/** {@code key rotate}. */
@Command(name = "rotate", header = "Give a key new material; what was encrypted before stays readable.")
final class RotateCommand implements Callable<Integer> {

    private final Stdio stdio;

    @Mixin
    private Backend backend = new Backend();

    @SuppressWarnings("NullAway.Init") // required, so picocli sets it
    @Parameters(paramLabel = "KEY")
    private KeyId key;

    RotateCommand(Stdio stdio) {
        this.stdio = stdio;
    }

    @Override
    public Integer call() {
        try (KeyAdministration administration = backend.openAdministration()) {
            administration
                    .rotate(key)
                    .currentVersion()
                    .ifPresentOrElse(
                            version -> stdio.note(key + " encrypts with version " + version.number() + " now"),
                            () -> stdio.note("rotated " + key));
        }
        return ExitCode.OK;
    }
}
