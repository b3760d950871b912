package dev.kmsenvelope.provider;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.engine.EngineSettings;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyId;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a handle may do and how, for code that cannot say so itself: from the settings {@code key.<name>.context.<pair>},
 * {@code key.<name>.usage} and {@code key.<name>.decrypt-keys}, and those of the engine.
 *
 * @param context bound to what is encrypted, and required of what is decrypted
 * @param usage what the handle may do
 * @param decryptKeys further keys whose messages may be decrypted
 * @param settings how messages are written and read
 */
public record KeyPolicy(EncryptionContext context, Usage usage, List<KeyId> decryptKeys, EngineSettings settings) {

    /** What a handle may do. */
    public enum Usage {
        /** Encrypt, and wrap keys. */
        ENCRYPT,
        /** Decrypt, and unwrap keys. */
        DECRYPT,
        /** Both. */
        BOTH
    }

    /** Copies the list. */
    public KeyPolicy {
        decryptKeys = List.copyOf(decryptKeys);
    }

    /**
     * The settings that {@link #of} reads.
     *
     * @return their names, where {@code *} stands for one or more characters
     */
    public static Set<String> configurationKeys() {
        Set<String> keys = new TreeSet<>(EngineSettings.CONFIGURATION_KEYS);
        keys.addAll(Set.of("key.*.context.*", "key.*.usage", "key.*.decrypt-keys"));
        return keys;
    }

    /**
     * Reads the policy of one key.
     *
     * @param configuration the settings
     * @param key the key as the handle names it
     * @return its policy
     * @throws dev.kmsenvelope.kms.KmsConfigurationException if a setting is wrong
     */
    public static KeyPolicy of(Configuration configuration, KeyId key) {
        String prefix = "key." + key.value() + ".";
        String contextPrefix = prefix + "context.";
        Map<String, String> pairs = new LinkedHashMap<>();
        configuration.asMap().forEach((name, value) -> {
            if (name.startsWith(contextPrefix)) {
                pairs.put(name.substring(contextPrefix.length()), value);
            }
        });
        return new KeyPolicy(
                context(contextPrefix, pairs),
                usage(prefix + "usage", configuration),
                decryptKeys(prefix + "decrypt-keys", configuration),
                EngineSettings.of(configuration));
    }

    private static EncryptionContext context(String prefix, Map<String, String> pairs) {
        try {
            return EncryptionContext.of(pairs);
        } catch (IllegalArgumentException e) {
            throw Configuration.invalid(prefix + "*", "not usable", "an encryption context: " + e.getMessage());
        }
    }

    private static Usage usage(String name, Configuration configuration) {
        String value = configuration.get(name).orElse("");
        return switch (value) {
            case "" -> Usage.BOTH;
            case "encrypt" -> Usage.ENCRYPT;
            case "decrypt" -> Usage.DECRYPT;
            default -> throw Configuration.invalid(name, value, "encrypt or decrypt");
        };
    }

    private static List<KeyId> decryptKeys(String name, Configuration configuration) {
        String value = configuration.get(name).orElse("");
        try {
            return Arrays.stream(value.split(","))
                    .map(String::strip)
                    .filter(key -> !key.isEmpty())
                    .map(KeyId::of)
                    .toList();
        } catch (IllegalArgumentException e) {
            throw Configuration.invalid(name, value, "a list of keys, separated by commas: " + e.getMessage());
        }
    }
}
