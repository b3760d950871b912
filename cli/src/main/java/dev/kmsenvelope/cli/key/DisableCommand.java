package dev.kmsenvelope.cli.key;

import dev.kmsenvelope.cli.Stdio;
import dev.kmsenvelope.kms.KeyAdministration;
import dev.kmsenvelope.kms.KeyId;
import picocli.CommandLine.Command;

/** {@code key disable}. */
@Command(name = "disable", header = "Switch a key off.")
final class DisableCommand extends KeyActionCommand {

    DisableCommand(Stdio stdio) {
        super(stdio);
    }

    @Override
    String act(KeyAdministration administration, KeyId key) {
        administration.disable(key);
        return "disabled " + key;
    }
}
