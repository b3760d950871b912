package dev.kmsenvelope.cli.key;

import dev.kmsenvelope.cli.Stdio;
import dev.kmsenvelope.kms.KeyAdministration;
import dev.kmsenvelope.kms.KeyId;
import picocli.CommandLine.Command;

/** {@code key rotate}. */
@Command(name = "rotate", header = "Give a key new material; what was encrypted before stays readable.")
final class RotateCommand extends KeyActionCommand {

    RotateCommand(Stdio stdio) {
        super(stdio);
    }

    @Override
    String act(KeyAdministration administration, KeyId key) {
        return administration
                .rotate(key)
                .currentVersion()
                .map(version -> key + " encrypts with version " + version.id() + " now")
                .orElse("rotated " + key);
    }
}
