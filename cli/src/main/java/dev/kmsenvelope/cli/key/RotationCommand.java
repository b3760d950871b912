package dev.kmsenvelope.cli.key;

import dev.kmsenvelope.cli.Backend;
import dev.kmsenvelope.cli.ExitCode;
import dev.kmsenvelope.cli.Json;
import dev.kmsenvelope.cli.Stdio;
import dev.kmsenvelope.cli.UsageException;
import dev.kmsenvelope.kms.KeyAdministration;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.RotationStatus;
import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code key rotation}. */
@Command(
        name = "rotation",
        header = "Show how a key is rotated and when it was, or have it rotated by its age.",
        description = "What was encrypted before a rotation stays readable.")
final class RotationCommand implements Callable<Integer> {

    private static final Pattern DAYS = Pattern.compile("([0-9]{1,6})d?");

    private final Stdio stdio;

    @Mixin
    private Backend backend = new Backend();

    @ArgGroup
    private @Nullable Change change;

    private static final class Change {

        @Option(
                names = "--every",
                paramLabel = "DAYS",
                description = "rotate it whenever its material has that age: 90d to 2560d")
        private @Nullable String period;

        @Option(names = "--off", description = "do not rotate it by age any more")
        private boolean off;
    }

    @Option(names = "--json", description = "as JSON")
    private boolean json;

    @SuppressWarnings("NullAway.Init") // required, so picocli sets it
    @Parameters(paramLabel = "KEY")
    private KeyId key;

    RotationCommand(Stdio stdio) {
        this.stdio = stdio;
    }

    @Override
    public Integer call() throws IOException {
        int days = change == null || change.period == null ? 0 : days(change.period);
        RotationStatus status;
        try (KeyAdministration administration = backend.openAdministration()) {
            if (days > 0) {
                administration.enableRotation(key, days);
            } else if (change != null && change.off) {
                administration.disableRotation(key);
            }
            status = administration.rotationStatus(key);
        }
        if (json) {
            stdio.printJson(Json.write(KeyReport.toJson(status)));
        } else {
            for (String line : KeyReport.lines(status)) {
                stdio.println(line);
            }
        }
        return ExitCode.OK;
    }

    private static int days(String period) {
        Matcher matcher = DAYS.matcher(period);
        int days = matcher.matches() ? Integer.parseInt(matcher.group(1)) : 0;
        if (days < KeyAdministration.MIN_ROTATION_DAYS || days > KeyAdministration.MAX_ROTATION_DAYS) {
            throw new UsageException("--every is " + KeyAdministration.MIN_ROTATION_DAYS + "d to "
                    + KeyAdministration.MAX_ROTATION_DAYS + "d, for example "
                    + KeyAdministration.DEFAULT_ROTATION_DAYS + "d, not " + period);
        }
        return days;
    }
}
