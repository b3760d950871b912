package dev.kmsenvelope.cli.key;

import dev.kmsenvelope.cli.Terminal;
import dev.kmsenvelope.cli.UsageException;
import dev.kmsenvelope.config.SecretFile;
import java.io.Console;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Gets passphrases from a file or from the user, never from the command line, where others would see them. */
final class Passphrases {

    private Passphrases() {}

    /** A passphrase that exists; the caller wipes it. */
    static char[] existing(@Nullable Path file, String option, String prompt) {
        return file == null ? ask(prompt, option) : SecretFile.read(file);
    }

    /** A new passphrase, asked for twice; the caller wipes it. */
    static char[] fresh(@Nullable Path file, String option) {
        if (file != null) {
            return SecretFile.read(file);
        }
        char[] passphrase = ask("New passphrase: ", option);
        char[] again = new char[0];
        try {
            again = ask("The same again: ", option);
            if (!Arrays.equals(passphrase, again)) {
                Arrays.fill(passphrase, '\0');
                throw new UsageException("the two passphrases differ");
            }
            return passphrase;
        } finally {
            Arrays.fill(again, '\0');
        }
    }

    private static char[] ask(String prompt, String option) {
        Console console = Terminal.interactive()
                .orElseThrow(
                        () -> new UsageException("no terminal to ask for a passphrase; give a file with " + option));
        char[] answer = console.readPassword("%s", prompt);
        if (answer == null || answer.length == 0) {
            throw new UsageException("a passphrase has at least one character");
        }
        return answer;
    }
}
