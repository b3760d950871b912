package dev.kmsenvelope.cli.keystore;

import dev.kmsenvelope.cli.Terminal;
import dev.kmsenvelope.cli.UsageException;
import dev.kmsenvelope.config.SecretFile;
import java.io.Console;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Where the password of a source comes from: never from the command line, where others would see it. */
final class SourcePassword {

    static final String OPTION = "--source-password-file";

    static final String VARIABLE = "KMS_ENVELOPE_SOURCE_PASSWORD";

    private SourcePassword() {}

    /** Reads it from a file, else from the environment, else asks; the caller wipes it. */
    static char[] read(@Nullable Path file) {
        if (file != null) {
            return SecretFile.read(file);
        }
        String variable = System.getenv(VARIABLE);
        if (variable != null && !variable.isEmpty()) {
            return variable.toCharArray();
        }
        Console console = Terminal.interactive()
                .orElseThrow(() -> new UsageException("no terminal to ask for the password of the source; give a file"
                        + " with " + OPTION + ", or set " + VARIABLE));
        char[] answer = console.readPassword("%s", "Password of the source: ");
        if (answer == null) {
            throw new UsageException("the password of the source is needed");
        }
        return answer;
    }
}
