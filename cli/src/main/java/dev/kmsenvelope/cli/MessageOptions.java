package dev.kmsenvelope.cli;

import dev.kmsenvelope.provider.EnvelopeParameterSpec;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** What is bound to a message besides its content. */
final class MessageOptions {

    private static final int MAX_AAD = 16 * 1024 * 1024;

    @Option(
            names = "--context",
            paramLabel = "NAME=VALUE",
            description = "encryption context: stands readable in the message; required of it when decrypting;"
                    + " repeat for several")
    private List<String> pairs = new ArrayList<>();

    @ArgGroup
    private @Nullable Aad aad;

    private static final class Aad {

        @Option(
                names = "--aad",
                paramLabel = "TEXT",
                description = "associated data: not in the message, the same is needed to decrypt;"
                        + " an extension that the AWS Encryption SDK does not read")
        private @Nullable String text;

        @Option(names = "--aad-file", paramLabel = "FILE", description = "associated data out of a file")
        private @Nullable Path file;
    }

    /** Starts the parameters of the cipher with the encryption context. */
    EnvelopeParameterSpec.Builder parameters() {
        return ContextPairs.parameters("--context", pairs);
    }

    /** The associated data; no bytes are the same as none. */
    byte[] associatedData() throws IOException {
        if (aad == null) {
            return new byte[0];
        }
        return aad.file == null ? bytes(String.valueOf(aad.text)) : read(aad.file);
    }

    private static byte[] bytes(String text) {
        Decoding.require("--aad", text, ", or --aad-file");
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] read(Path file) throws IOException {
        if (Files.isDirectory(file)) {
            throw new FileSystemException(file.toString(), null, "is a directory");
        }
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MAX_AAD + 1);
            if (bytes.length > MAX_AAD) {
                throw new UsageException("--aad-file: at most " + MAX_AAD + " bytes");
            }
            return bytes;
        }
    }
}
