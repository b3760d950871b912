package dev.kmsenvelope.cli.key;

import com.google.gson.JsonElement;
import dev.kmsenvelope.cli.Backend;
import dev.kmsenvelope.cli.ReportCommand;
import dev.kmsenvelope.cli.Stdio;
import dev.kmsenvelope.kms.KeyAccessDeniedException;
import dev.kmsenvelope.kms.KeyAdministration;
import dev.kmsenvelope.kms.KeyDescription;
import dev.kmsenvelope.kms.KeyDirectory;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.kms.RotationStatus;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code key describe}. */
@Command(name = "describe", header = "Show one key with its versions and its rotation.")
final class DescribeCommand extends ReportCommand<DescribeCommand.Found> {

    /** A key, and its rotation as far as it may be known. */
    record Found(KeyDescription key, @Nullable RotationStatus rotation) {}

    @Mixin
    private Backend backend = new Backend();

    @SuppressWarnings("NullAway.Init") // required, so picocli sets it
    @Parameters(paramLabel = "KEY")
    private KeyId key;

    DescribeCommand(Stdio stdio) {
        super(stdio);
    }

    @Override
    protected Found read() {
        try (KeyDirectory directory = backend.openDirectory()) {
            KeyDescription description = directory.describe(key);
            return new Found(description, rotation(directory, description));
        }
    }

    @Override
    protected JsonElement toJson(Found found) {
        return KeyReport.toJson(found.key(), found.rotation());
    }

    @Override
    protected List<String> lines(Found found) {
        return KeyReport.lines(found.key(), found.rotation());
    }

    /** Null where it does not apply, or this identity may not know it: the rest is worth showing then. */
    private static @Nullable RotationStatus rotation(KeyDirectory directory, KeyDescription key) {
        if (key.spec() == KeySpec.SYMMETRIC_DEFAULT && directory instanceof KeyAdministration administration) {
            try {
                return administration.rotationStatus(key.id());
            } catch (KeyAccessDeniedException e) {
                return null;
            }
        }
        return null;
    }
}
