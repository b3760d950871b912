package dev.kmsenvelope.cli;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.kms.KeyAccessDeniedException;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyNotFoundException;
import dev.kmsenvelope.kms.KeyService;
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

    /** A command reads or writes one message under a key, so it starts faster without, unless somebody set it. */
    private static final Configuration NO_CACHE = Configuration.of(Map.of("cache.max-age", "0s"));

    KmsSecretKey of(KeyId name) {
        requireOwnSettings(name);
        return of(name, configuration);
    }

    /** As in a KeyStore: another form of a key's name is no way around its settings, and another alias is another name. */
    private void requireOwnSettings(KeyId name) {
        KeyReference reference = reference(name);
        if (KeyPolicy.isConfigured(configuration, name)) {
            return;
        }
        for (KeyId configured : KeyPolicy.configuredKeys(configuration)) {
            KeyReference other = reference(configured);
            boolean otherAlias = isAlias(reference) && isAlias(other);
            if (!otherAlias && other.service().equals(reference.service()) && means(other, reference)) {
                throw new UsageException("the settings of the key " + name + " stand under key." + configured
                        + ".*: name the key so, or give it settings under this name");
            }
        }
    }

    private static boolean isAlias(KeyReference name) {
        return name.key().value().startsWith(KeyId.ALIAS_PREFIX);
    }

    /** Whether the settings of one name are for what another one stands for now; where that cannot be told, they are not. */
    private boolean means(KeyReference configured, KeyReference name) {
        KeyService service = services.of(name);
        try {
            KeyId now = service.decryptionKeys(name.key()).iterator().next();
            return service.decryptionKeys(configured.key()).contains(now);
        } catch (KeyNotFoundException | KeyAccessDeniedException e) {
            return false;
        }
    }

    /** A handle that also opens messages for other keys. */
    KmsSecretKey of(KeyId name, List<KeyReference> others) {
        String keys = others.stream().map(KeyReference::toString).collect(Collectors.joining(","));
        return of(
                name,
                Configuration.of(Map.of("key." + name + ".decrypt-keys", keys)).orElse(configuration));
    }

    private KmsSecretKey of(KeyId name, Configuration settings) {
        Configuration all = discovery(name).orElse(settings).orElse(NO_CACHE);
        return KmsSecretKey.of(services, reference(name), KeyPolicy.of(all, name));
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
