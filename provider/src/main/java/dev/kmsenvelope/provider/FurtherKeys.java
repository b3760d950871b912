package dev.kmsenvelope.provider;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.engine.MessageEncryptor;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KmsConfigurationException;
import dev.kmsenvelope.provider.KeyPolicy.Usage;
import dev.kmsenvelope.spi.KeyReference;
import dev.kmsenvelope.spi.KeyServices;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Which keys have to do with the messages of a handle besides its own, from the settings {@code key.<name>.recipients},
 * {@code key.<name>.decrypt-keys} and {@code key.<name>.discovery.*}.
 *
 * @param recipients for whom else messages are encrypted
 * @param decryptKeys whose messages are opened although none is encrypted for them
 * @param writeOnly those of the recipients whose own settings say that they only encrypt
 * @param discovery which keys are tried because a message names them; empty unless somebody asked for that (RULES 14)
 */
record FurtherKeys(
        List<KeyReference> recipients,
        List<KeyReference> decryptKeys,
        Set<KeyReference> writeOnly,
        Optional<DiscoveryFilter> discovery) {

    static final FurtherKeys NONE = new FurtherKeys(List.of(), List.of(), Set.of(), Optional.empty());

    private static final String RECIPIENTS = "recipients";
    private static final String DECRYPT_KEYS = "decrypt-keys";
    private static final String ACCOUNTS = "discovery.accounts";
    private static final String PARTITION = "discovery.partition";

    static final Set<String> CONFIGURATION_KEYS =
            Set.of("key.*." + RECIPIENTS, "key.*." + DECRYPT_KEYS, "key.*." + ACCOUNTS, "key.*." + PARTITION);

    static FurtherKeys of(Configuration configuration, KeyId key) {
        String prefix = KeyPolicy.prefix(key);
        List<KeyReference> recipients = references(prefix + RECIPIENTS, configuration);
        List<KeyReference> decryptKeys = references(prefix + DECRYPT_KEYS, configuration);
        if (recipients.size() >= MessageEncryptor.MAX_RECIPIENTS) {
            throw new KmsConfigurationException("the setting '" + prefix + RECIPIENTS + "' has " + recipients.size()
                    + " keys; with " + key + " itself, a message can be for " + MessageEncryptor.MAX_RECIPIENTS);
        }
        recipients.forEach(other -> requireUse(other, Usage.DECRYPT, "encrypt", prefix + RECIPIENTS, configuration));
        decryptKeys.forEach(other -> requireUse(other, Usage.ENCRYPT, "decrypt", prefix + DECRYPT_KEYS, configuration));
        Set<KeyReference> writeOnly = new LinkedHashSet<>(recipients);
        writeOnly.removeIf(other -> usage(other, configuration) != Usage.ENCRYPT);
        return new FurtherKeys(recipients, decryptKeys, Set.copyOf(writeOnly), discovery(prefix, configuration));
    }

    /** What a key's own settings forbid is not to be had by way of another key. */
    private static void requireUse(
            KeyReference other, Usage forbidden, String use, String setting, Configuration configuration) {
        if (usage(other, configuration) == forbidden) {
            throw new KmsConfigurationException("the setting '" + setting + "' names " + other + ", which may not "
                    + use + ": it is limited by " + usageSetting(other));
        }
    }

    private static Usage usage(KeyReference other, Configuration configuration) {
        return KeyPolicy.usage(usageSetting(other), configuration);
    }

    private static String usageSetting(KeyReference other) {
        return "key." + other + ".usage";
    }

    static List<KeyReference> references(String name, Configuration configuration) {
        Set<String> services = KeyServices.names(configuration);
        String value = configuration.get(name).orElse("");
        try {
            return list(value)
                    .map(text -> KeyReference.parse(text, services))
                    .distinct()
                    .toList();
        } catch (IllegalArgumentException e) {
            throw Configuration.invalid(name, value, "a list of keys, separated by commas: " + e.getMessage());
        }
    }

    private static Optional<DiscoveryFilter> discovery(String prefix, Configuration configuration) {
        Optional<String> accounts = configuration.get(prefix + ACCOUNTS);
        Optional<String> partition = configuration.get(prefix + PARTITION);
        if (accounts.isEmpty()) {
            if (partition.isPresent()) {
                throw new KmsConfigurationException("the setting '" + prefix + PARTITION + "' needs '" + prefix
                        + ACCOUNTS + "' beside it: there is no discovery without a list of accounts");
            }
            return Optional.empty();
        }
        try {
            return Optional.of(DiscoveryFilter.of(
                    partition.orElse(DiscoveryFilter.DEFAULT_PARTITION),
                    list(accounts.get()).toList()));
        } catch (IllegalArgumentException e) {
            throw Configuration.invalid(
                    prefix + ACCOUNTS,
                    accounts.get()
                            + partition
                                    .map(name -> "' in the partition '" + name)
                                    .orElse(""),
                    "a list of AWS account ids, separated by commas: " + e.getMessage());
        }
    }

    static Stream<String> list(String value) {
        return Arrays.stream(value.split(",", -1)).map(String::strip).filter(text -> !text.isEmpty());
    }
}
