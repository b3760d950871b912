package dev.kmsenvelope.cli.key;

import dev.kmsenvelope.cli.Backend;
import dev.kmsenvelope.cli.ExitCode;
import dev.kmsenvelope.cli.Json;
import dev.kmsenvelope.cli.Stdio;
import dev.kmsenvelope.kms.KeyAccessDeniedException;
import dev.kmsenvelope.kms.KeyAdministration;
import dev.kmsenvelope.kms.KeyDescription;
import dev.kmsenvelope.kms.KeyDirectory;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.kms.RotationStatus;
import java.io.IOException;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code key describe}. */
@Command(name = "describe", header = "Show one key with its versions and its rotation.")
final class DescribeCommand implements Callable<Integer> {

    private final Stdio stdio;

    @Mixin
    private Backend backend = new Backend();

    @Option(names = "--json", description = "as JSON")
    private boolean json;

    @SuppressWarnings("NullAway.Init") // required, so picocli sets it
    @Parameters(paramLabel = "KEY")
    private KeyId key;

    DescribeCommand(Stdio stdio) {
        this.stdio = stdio;
    }

    @Override
    public Integer call() throws IOException {
        KeyDescription description;
        RotationStatus rotation;
        try (KeyDirectory directory = backend.openDirectory()) {
            description = directory.describe(key);
            rotation = rotation(directory, description);
        }
        if (json) {
            stdio.printJson(Json.write(KeyReport.toJson(description, rotation)));
        } else {
            for (String line : KeyReport.lines(description, rotation)) {
                stdio.println(line);
            }
        }
        return ExitCode.OK;
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
