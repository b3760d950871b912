package dev.kmsenvelope.cli.key;

import dev.kmsenvelope.cli.Backend;
import dev.kmsenvelope.cli.ExitCode;
import dev.kmsenvelope.cli.Stdio;
import dev.kmsenvelope.local.LocalKeyAdministration;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code key passphrase}. */
@Command(
        name = "passphrase",
        header = "Change what opens the key file of the local backend.",
        description = "Without an option, a passphrase is asked for on the terminal.")
final class PassphraseCommand implements Callable<Integer> {

    private static final String OPTION = "--new-passphrase-file";

    private final Stdio stdio;

    @Mixin
    private Backend backend = new Backend();

    @ArgGroup
    private @Nullable Source source;

    private static final class Source {

        @Option(names = OPTION, paramLabel = "F", description = "its first line is the new passphrase")
        private @Nullable Path file;

        @Option(
                names = "--generated",
                description = "a generated secret beside the key file, so that no passphrase is needed")
        private boolean generated;
    }

    PassphraseCommand(Stdio stdio) {
        this.stdio = stdio;
    }

    @Override
    public Integer call() {
        try (LocalKeyAdministration administration = LocalKeys.open(backend)) {
            if (source != null && source.generated) {
                administration.changeToGeneratedSecret();
                stdio.note("no passphrase is needed any more: remove local.passphrase-file and"
                        + " KMS_ENVELOPE_PASSPHRASE from your settings");
                return ExitCode.OK;
            }
            char[] passphrase = Passphrases.fresh(source == null ? null : source.file, OPTION);
            try {
                administration.changePassphrase(passphrase);
            } finally {
                Arrays.fill(passphrase, '\0');
            }
        }
        stdio.note("the new passphrase is needed from now on: name its file as local.passphrase-file");
        return ExitCode.OK;
    }
}
