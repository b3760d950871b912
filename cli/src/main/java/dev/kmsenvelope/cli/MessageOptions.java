package dev.kmsenvelope.cli;

import dev.kmsenvelope.provider.EnvelopeParameterSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** What is bound to a message besides its content. */
final class MessageOptions {

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

    /** The file with the associated data, if it is in one. */
    Stream<Path> files() {
        return aad == null ? Stream.empty() : Stream.ofNullable(aad.file);
    }

    /** The associated data; no bytes are the same as none. */
    byte[] associatedData() throws IOException {
        return aad == null ? new byte[0] : AssociatedData.read("--aad", aad.text, aad.file);
    }
}
