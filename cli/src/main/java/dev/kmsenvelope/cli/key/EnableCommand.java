package dev.kmsenvelope.cli.key;

import dev.kmsenvelope.cli.Stdio;
import dev.kmsenvelope.kms.KeyAdministration;
import dev.kmsenvelope.kms.KeyId;
import picocli.CommandLine.Command;

/** {@code key enable}. */
@Command(name = "enable", header = "Switch a key on again.")
final class EnableCommand extends KeyActionCommand {

    EnableCommand(Stdio stdio) {
        super(stdio);
    }

    @Override
    String act(KeyAdministration administration, KeyId key) {
        administration.enable(key);
        return "enabled " + key;
    }
}
