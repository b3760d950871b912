package dev.kmsenvelope.cli.key;

import dev.kmsenvelope.cli.Backend;
import dev.kmsenvelope.cli.ExitCode;
import dev.kmsenvelope.cli.Stdio;
import dev.kmsenvelope.local.KeyFileException;
import dev.kmsenvelope.local.LocalKeyAdministration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code key restore}. */
@Command(
        name = "restore",
        header = "Put a backup in the place of the key file of the local backend.",
        description = {
            "Keys and versions made since the backup are lost, and keys disabled since then are enabled again: look"
                    + " at the list afterwards. Every symmetric key gets a new version.",
            "Without --backup-passphrase-file, the passphrase is asked for on the terminal."
        })
final class RestoreCommand implements Callable<Integer> {

    private static final String OPTION = "--backup-passphrase-file";

    private static final String ONLY_WHEN_TOLD = "a restore replaces it only when told to";

    private final Stdio stdio;

    @Mixin
    private Backend backend = new Backend();

    @Option(names = OPTION, paramLabel = "F", description = "its first line is the passphrase of the backup")
    private @Nullable Path passphraseFile;

    @Option(names = "--replace", description = "even if there is a key file")
    private boolean replace;

    @SuppressWarnings("NullAway.Init") // required, so picocli sets it
    @Parameters(paramLabel = "FILE", description = "what key backup wrote")
    private Path file;

    RestoreCommand(Stdio stdio) {
        this.stdio = stdio;
    }

    @Override
    public Integer call() throws IOException {
        if (!Files.exists(file)) {
            throw new NoSuchFileException(file.toString());
        }
        try (LocalKeyAdministration administration = LocalKeys.open(backend)) {
            char[] passphrase = Passphrases.existing(passphraseFile, OPTION, "Passphrase of the backup: ");
            try {
                administration.restore(file, passphrase, replace);
            } catch (KeyFileException e) {
                throw replace ? e : withOption(e);
            } finally {
                Arrays.fill(passphrase, '\0');
            }
        }
        stdio.note("restored the keys of " + file + "; see: kms-envelope key list");
        return ExitCode.OK;
    }

    /** The library says what is in the way, and not by which option of ours it is replaced. */
    private static KeyFileException withOption(KeyFileException e) {
        String text = String.valueOf(e.getMessage());
        return text.endsWith(ONLY_WHEN_TOLD) ? new KeyFileException(text + ", with --replace", e) : e;
    }
}
