package dev.kmsenvelope.provider;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.engine.EngineSettings;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KmsConfigurationException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a handle may do and how, for code that cannot say so itself: from the settings {@code key.<name>.context.<pair>},
 * {@code key.<name>.usage} and {@code key.<name>.decrypt-keys}, and those of the engine.
 * Immutable and thread-safe.
 */
public final class KeyPolicy {

    /** What a handle may do. */
    public enum Usage {
        /** Encrypt, and wrap keys. */
        ENCRYPT,
        /** Decrypt, and unwrap keys. */
        DECRYPT,
        /** Both. */
        BOTH
    }

    private static final Pattern SETTING = Pattern.compile("key\\.(.+?)\\.(?:usage|decrypt-keys|context\\..+)");

    private final EncryptionContext context;
    private final Usage usage;
    private final List<KeyId> decryptKeys;
    private final EngineSettings settings;

    private KeyPolicy(EncryptionContext context, Usage usage, List<KeyId> decryptKeys, EngineSettings settings) {
        this.context = context;
        this.usage = usage;
        this.decryptKeys = List.copyOf(decryptKeys);
        this.settings = settings;
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
     * Checks the settings of all keys, so that a wrong one is found before the key is used.
     *
     * @param configuration the settings
     * @throws dev.kmsenvelope.kms.KmsConfigurationException if a setting is wrong
     */
    public static void requireValid(Configuration configuration) {
        EngineSettings.of(configuration);
        for (String name : configuration.asMap().keySet()) {
            Matcher setting = SETTING.matcher(name);
            if (setting.matches()) {
                of(configuration, key(name, setting.group(1)));
            }
        }
    }

    private static KeyId key(String setting, String name) {
        try {
            return KeyId.of(name);
        } catch (IllegalArgumentException e) {
            throw new KmsConfigurationException("the setting '" + setting + "' names no key: " + e.getMessage(), e);
        }
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

    /**
     * Bound to what is encrypted, and required of what is decrypted.
     *
     * @return the configured encryption context
     */
    public EncryptionContext context() {
        return context;
    }

    /**
     * What the handle may do.
     *
     * @return the usage
     */
    public Usage usage() {
        return usage;
    }

    /**
     * Further keys whose messages may be decrypted.
     *
     * @return an unmodifiable list
     */
    public List<KeyId> decryptKeys() {
        return decryptKeys;
    }

    EngineSettings settings() {
        return settings;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof KeyPolicy that
                && context.equals(that.context)
                && usage == that.usage
                && decryptKeys.equals(that.decryptKeys)
                && settings.equals(that.settings);
    }

    @Override
    public int hashCode() {
        return Objects.hash(context, usage, decryptKeys);
    }
}
