package dev.kmsenvelope.cli;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyNotFoundException;
import dev.kmsenvelope.provider.DiscoveryFilter;
import dev.kmsenvelope.provider.KeyPolicy;
import dev.kmsenvelope.provider.KmsSecretKey;
import dev.kmsenvelope.spi.KeyReference;
import dev.kmsenvelope.spi.KeyServices;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Handles to the keys that a user names: {@code KEY} of the main service, {@code SERVICE:KEY} of a further one.
 *
 * @param services the services
 * @param configuration the settings, which say what a handle may do under the name as the user gives it
 * @param discovery which further keys may open messages that name them, or null for none
 */
record Handles(
        KeyServices services,
        Configuration configuration,
        @Nullable DiscoveryFilter discovery) {

    KmsSecretKey of(KeyId name) {
        return of(name, configuration);
    }

    /** A handle that also opens messages for other keys. */
    KmsSecretKey of(KeyId name, List<KeyReference> others) {
        String keys = others.stream().map(KeyReference::toString).collect(Collectors.joining(","));
        return of(
                name,
                Configuration.of(Map.of("key." + name + ".decrypt-keys", keys)).orElse(configuration));
    }

    private KmsSecretKey of(KeyId name, Configuration settings) {
        return KmsSecretKey.of(
                services, reference(name), KeyPolicy.of(discovery(name).orElse(settings), name));
    }

    private Configuration discovery(KeyId name) {
        return discovery == null
                ? Configuration.empty()
                : Configuration.of(Map.of(
                        "key." + name + ".discovery.accounts", String.join(",", discovery.accounts()),
                        "key." + name + ".discovery.partition", discovery.partition()));
    }

    KeyReference reference(KeyId name) {
        try {
            return KeyReference.parse(name.value(), services.further().keySet());
        } catch (IllegalArgumentException e) {
            throw new UsageException("the key " + name + ": " + e.getMessage());
        }
    }

    /** The error for a key that there is not, with the alias that may have been meant. */
    KeyNotFoundException suggest(KeyNotFoundException failure, List<KeyId> names) {
        KeyNotFoundException better = failure;
        for (KeyId name : names) {
            KeyReference reference = reference(name);
            better = better.equals(failure)
                    ? KeySuggestion.of(failure, services.of(reference), reference.key())
                    : better;
        }
        return better;
    }
}
