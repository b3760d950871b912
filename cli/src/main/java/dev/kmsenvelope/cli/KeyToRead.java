package dev.kmsenvelope.cli;

import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.provider.DiscoveryFilter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which keys may open a message. */
final class KeyToRead {

    @Option(
            names = {"-k", "--key"},
            paramLabel = "KEY",
            description =
                    "only this key and those that the settings name for it may open the message: alias/NAME, key id or"
                            + " ARN; SERVICE:KEY for a further key service of the settings (default: the keys that the message"
                            + " names, if they stand in the settings or a key service lists them)")
    private @Nullable KeyId key;

    @Option(
            names = "--discover",
            paramLabel = "ACCOUNT",
            split = ",",
            description = "any AWS KMS key of these accounts that the message names may open it too")
    private List<String> accounts = new ArrayList<>();

    @Option(
            names = "--discover-partition",
            paramLabel = "NAME",
            defaultValue = DiscoveryFilter.DEFAULT_PARTITION,
            description = "the partition of those accounts (default: ${DEFAULT-VALUE})")
    private String partition = DiscoveryFilter.DEFAULT_PARTITION;

    /** The key that was named. */
    Optional<KeyId> named() {
        return Optional.ofNullable(key);
    }

    /** The keys that are allowed by their account, or null for none. */
    @Nullable
    DiscoveryFilter discovery() {
        try {
            return accounts.isEmpty() ? null : DiscoveryFilter.of(partition, accounts);
        } catch (IllegalArgumentException e) {
            throw new UsageException("--discover: " + e.getMessage());
        }
    }
}
