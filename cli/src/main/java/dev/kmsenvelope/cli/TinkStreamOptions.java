package dev.kmsenvelope.cli;

import dev.kmsenvelope.provider.TinkParameterSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** That a message is a stream of Tink, and under which keyset. */
final class TinkStreamOptions {

    @Option(
            names = "--tink-keyset",
            paramLabel = "KEYSET",
            description = "the message is an AES-GCM-HKDF stream of Tink under the keyset in this file, in binary form,"
                    + " which --key decrypts")
    private @Nullable Path keyset;

    @Option(
            names = "--tink-keyset-aad",
            paramLabel = "TEXT",
            description = "the associated data of that keyset (default: none)")
    private @Nullable String keysetAad;

    boolean isGiven() {
        if (keysetAad != null && keyset == null) {
            throw new UsageException("--tink-keyset-aad goes with --tink-keyset");
        }
        return keyset != null;
    }

    /** The parameters, or empty if the message is none of Tink. */
    Optional<TinkParameterSpec> parameters() throws IOException {
        Path file = isGiven() ? keyset : null;
        return file == null
                ? Optional.empty()
                : Optional.of(TinkKeysets.read("--tink-keyset", file, TinkKeysets.aad("--tink-keyset-aad", keysetAad)));
    }
}
