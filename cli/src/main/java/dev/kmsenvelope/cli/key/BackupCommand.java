package dev.kmsenvelope.cli.key;

import dev.kmsenvelope.cli.Backend;
import dev.kmsenvelope.cli.ExitCode;
import dev.kmsenvelope.cli.Stdio;
import dev.kmsenvelope.local.LocalKeyAdministration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code key backup}. */
@Command(
        name = "backup",
        header = "Copy the key file of the local backend, sealed with a passphrase of its own.",
        description = "Without --new-passphrase-file, the passphrase is asked for on the terminal.")
final class BackupCommand implements Callable<Integer> {

    private static final String OPTION = "--new-passphrase-file";

    private final Stdio stdio;

    @Mixin
    private Backend backend = new Backend();

    @Option(names = OPTION, paramLabel = "F", description = "its first line is the passphrase of the copy")
    private @Nullable Path passphraseFile;

    @SuppressWarnings("NullAway.Init") // required, so picocli sets it
    @Parameters(paramLabel = "FILE", description = "a file that does not exist yet")
    private Path file;

    BackupCommand(Stdio stdio) {
        this.stdio = stdio;
    }

    @Override
    public Integer call() throws IOException {
        if (Files.exists(file)) {
            throw new IOException(file + " exists already; a backup needs a new file");
        }
        try (LocalKeyAdministration administration = LocalKeys.open(backend)) {
            char[] passphrase = Passphrases.fresh(passphraseFile, OPTION);
            try {
                administration.backup(file, passphrase);
            } finally {
                Arrays.fill(passphrase, '\0');
            }
        }
        stdio.note("wrote " + file + "; it opens with its passphrase only, so keep both, apart");
        return ExitCode.OK;
    }
}
