package dev.kmsenvelope.cli.key;

import dev.kmsenvelope.cli.Backend;
import dev.kmsenvelope.cli.ExitCode;
import dev.kmsenvelope.cli.Stdio;
import dev.kmsenvelope.cli.UsageException;
import dev.kmsenvelope.kms.KeyAdministration;
import dev.kmsenvelope.kms.KeyDisabledException;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyState;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code key delete}. */
@Command(
        name = "delete",
        header = "Schedule the destruction of a key, and of all that is encrypted under it, or cancel it.",
        description = "Prints when the key will be destroyed. Until then it cannot be used, and it can be cancelled.")
final class DeleteCommand implements Callable<Integer> {

    private final Stdio stdio;

    @Mixin
    private Backend backend = new Backend();

    @ArgGroup(multiplicity = "1")
    private @Nullable When when;

    private static final class When {

        @Option(names = "--days", paramLabel = "7..30", description = "waiting time in days")
        private @Nullable Integer days;

        @Option(names = "--cancel", description = "do not delete it after all; it is disabled then")
        private boolean cancel;
    }

    @SuppressWarnings("NullAway.Init") // required, so picocli sets it
    @Parameters(paramLabel = "KEY")
    private KeyId key;

    DeleteCommand(Stdio stdio) {
        this.stdio = stdio;
    }

    @Override
    public Integer call() throws IOException {
        Integer days = when == null || when.cancel ? null : when.days;
        if (days != null
                && (days < KeyAdministration.MIN_DELETION_DAYS || days > KeyAdministration.MAX_DELETION_DAYS)) {
            throw new UsageException("--days is " + KeyAdministration.MIN_DELETION_DAYS + " to "
                    + KeyAdministration.MAX_DELETION_DAYS + ", not " + days);
        }
        Instant deletion = null;
        try (KeyAdministration administration = backend.openAdministration()) {
            if (days == null) {
                requirePending(administration);
                administration.cancelDeletion(key);
                stdio.note(key + " will not be deleted; it is disabled, see: kms-envelope key enable");
            } else {
                deletion = administration.scheduleDeletion(key, days);
            }
        }
        if (deletion != null) {
            stdio.println(deletion.truncatedTo(ChronoUnit.SECONDS).toString());
        }
        return ExitCode.OK;
    }

    /** To cancel what was never scheduled does nothing, and must not be reported as if it disabled the key. */
    private void requirePending(KeyAdministration administration) {
        if (administration.describe(key).state() != KeyState.PENDING_DELETION) {
            throw new KeyDisabledException("the key " + key + " is not scheduled for deletion");
        }
    }
}
