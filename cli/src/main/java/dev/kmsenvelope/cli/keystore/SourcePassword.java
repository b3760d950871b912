package dev.kmsenvelope.cli.keystore;

import dev.kmsenvelope.cli.Terminal;
import dev.kmsenvelope.cli.UsageException;
import dev.kmsenvelope.config.SecretFile;
import dev.kmsenvelope.kms.KmsConfigurationException;
import java.io.Console;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
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
            return ofFile(file);
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

    /** Reads one from a file; the caller wipes it. */
    static char[] ofFile(Path file) {
        try {
            return SecretFile.read(file, "password");
        } catch (KmsConfigurationException e) {
            if (e.getCause() instanceof IOException cause) {
                throw new UncheckedIOException(named(file, cause));
            }
            throw e;
        }
    }

    private static FileSystemException named(Path file, IOException cause) {
        if (cause instanceof FileSystemException already && already.getFile() != null) {
            return already;
        }
        FileSystemException named = new FileSystemException(file.toString(), null, cause.getMessage());
        named.initCause(cause);
        return named;
    }
}
