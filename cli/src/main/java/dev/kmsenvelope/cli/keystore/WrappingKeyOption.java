package dev.kmsenvelope.cli.keystore;

import dev.kmsenvelope.kms.KeyId;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The key of the service that entries are wrapped under: the option of all commands that wrap. */
final class WrappingKeyOption {

    @Option(
            names = "--key",
            paramLabel = "KEY",
            description =
                    "what entries are wrapped under: an alias, key id or ARN; without it, new ones under what seals"
                            + " the file")
    private @Nullable KeyId key;

    Optional<KeyId> given() {
        return Optional.ofNullable(key);
    }
}
