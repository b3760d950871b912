package dev.kmsenvelope.provider;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.dek.CacheSettings;
import dev.kmsenvelope.dual.DualEngines;
import dev.kmsenvelope.engine.EngineSettings;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KmsConfigurationException;
import dev.kmsenvelope.s3.S3Settings;
import dev.kmsenvelope.spi.KeyReference;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What a handle may do and how, for code that cannot say so itself: from the settings {@code key.<name>.context.<pair>},
 * {@code key.<name>.required-context}, {@code key.<name>.usage}, {@code key.<name>.recipients}, {@code
 * key.<name>.decrypt-keys}, {@code key.<name>.discovery.*} and {@code key.<name>.outer-key}, and those of the engine, the two
 * of dual-layer messages, the cache of data keys, {@code tink.max-messages} and {@code decrypt.formats}.
 * Immutable and thread-safe.
 *
 * <p>The first {@code .context.} in the name of a setting ends the key's name. So a key whose name has {@code .context.} in
 * it or ends with {@code .context} can have no settings; give it an alias.
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

    private static final Pattern SETTING = Pattern.compile(
            "key\\.(.+?)\\.(?:usage|required-context|decrypt-keys|recipients|outer-key|discovery\\.accounts|discovery\\.partition|context\\..+)");

    /** The most messages that a data key may serve: a collision of two of so many random IVs is below 2^-44 (RULES 10). */
    private static final long MOST_TINK_MESSAGES = 1L << 26;

    private static final String TINK_MESSAGES = "tink.max-messages";

    private final EncryptionContext context;
    private final Set<String> requiredContext;
    private final Usage usage;
    private final FurtherKeys furtherKeys;
    private final EngineSettings settings;
    private final CacheSettings cache;
    private final long tinkMessages;
    private final DualEngines dualEngines;
    private final Optional<OuterKey> outerKey;
    private final S3Settings s3;
    private final ReadableFormats readableFormats;

    private KeyPolicy(
            EncryptionContext context,
            Set<String> requiredContext,
            Usage usage,
            FurtherKeys furtherKeys,
            EngineSettings settings,
            CacheSettings cache,
            long tinkMessages,
            DualEngines dualEngines,
            Optional<OuterKey> outerKey,
            S3Settings s3,
            ReadableFormats readableFormats) {
        this.context = context;
        this.requiredContext = requiredContext;
        this.usage = usage;
        this.furtherKeys = furtherKeys;
        this.settings = settings;
        this.cache = cache;
        this.tinkMessages = tinkMessages;
        this.dualEngines = dualEngines;
        this.outerKey = outerKey;
        this.s3 = s3;
        this.readableFormats = readableFormats;
    }

    /**
     * The settings that {@link #of} reads.
     *
     * @return their names, where {@code *} stands for one or more characters
     */
    public static Set<String> configurationKeys() {
        Set<String> keys = new TreeSet<>(EngineSettings.CONFIGURATION_KEYS);
        keys.addAll(CacheSettings.CONFIGURATION_KEYS);
        keys.addAll(S3Settings.CONFIGURATION_KEYS);
        keys.addAll(ReadableFormats.CONFIGURATION_KEYS);
        keys.addAll(Set.of("key.*.context.*", "key.*.required-context", "key.*.usage", TINK_MESSAGES));
        keys.addAll(FurtherKeys.CONFIGURATION_KEYS);
        keys.addAll(OuterKey.CONFIGURATION_KEYS);
        keys.addAll(DualEngines.CONFIGURATION_KEYS);
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
        CacheSettings.of(configuration);
        tinkMessages(configuration);
        DualEngines.requireValid(configuration);
        S3Settings.of(configuration);
        ReadableFormats.of(configuration);
        configuredKeys(configuration).forEach(key -> of(configuration, key));
    }

    private static KeyId key(String setting, String name) {
        try {
            return KeyId.of(name);
        } catch (IllegalArgumentException e) {
            throw new KmsConfigurationException("the setting '" + setting + "' names no key: " + e.getMessage(), e);
        }
    }

    /**
     * The keys that there are settings for.
     *
     * @param configuration the settings
     * @return the keys as the settings name them, in the order of the settings
     * @throws dev.kmsenvelope.kms.KmsConfigurationException if a setting names no possible key
     */
    public static Set<KeyId> configuredKeys(Configuration configuration) {
        Set<KeyId> keys = new LinkedHashSet<>();
        for (String name : configuration.asMap().keySet()) {
            Matcher setting = SETTING.matcher(name);
            if (setting.matches()) {
                keys.add(key(name, setting.group(1)));
            }
        }
        return keys;
    }

    /**
     * Tells whether there are settings for a key.
     *
     * @param configuration the settings
     * @param key the key as the settings name it
     * @return true if there is at least one
     */
    public static boolean isConfigured(Configuration configuration, KeyId key) {
        return configuredKeys(configuration).contains(key);
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
        return of(configuration, key, OuterKey.of(configuration, key));
    }

    static KeyPolicy of(Configuration configuration, KeyId key, Optional<OuterKey> outerKey) {
        String prefix = prefix(key);
        requireUnambiguous(configuration, key);
        String contextPrefix = prefix + "context.";
        Map<String, String> pairs = new LinkedHashMap<>();
        configuration.asMap().forEach((name, value) -> {
            if (name.startsWith(contextPrefix)) {
                pairs.put(name.substring(contextPrefix.length()), value);
            }
        });
        return new KeyPolicy(
                context(contextPrefix, pairs),
                requiredContext(prefix + "required-context", configuration),
                usage(prefix + "usage", configuration),
                FurtherKeys.of(configuration, key),
                EngineSettings.of(configuration),
                CacheSettings.of(configuration),
                tinkMessages(configuration),
                DualEngines.of(configuration),
                outerKey,
                S3Settings.of(configuration),
                ReadableFormats.of(configuration));
    }

    /**
     * The policy of a key without settings of its own: may do everything, with the settings that are for all keys.
     *
     * @param configuration the settings
     * @return the policy
     * @throws dev.kmsenvelope.kms.KmsConfigurationException if a setting is wrong
     */
    public static KeyPolicy ofNoKey(Configuration configuration) {
        return new KeyPolicy(
                EncryptionContext.empty(),
                Set.of(),
                Usage.BOTH,
                FurtherKeys.NONE,
                EngineSettings.of(configuration),
                CacheSettings.of(configuration),
                tinkMessages(configuration),
                DualEngines.of(configuration),
                Optional.empty(),
                S3Settings.of(configuration),
                ReadableFormats.of(configuration));
    }

    static String prefix(KeyId key) {
        return "key." + key.value() + ".";
    }

    /** What is meant for such a key would be taken for another key's encryption context. */
    private static void requireUnambiguous(Configuration configuration, KeyId key) {
        String end = ".context.";
        if ((key.value() + ".").contains(end)
                && configuration.asMap().keySet().stream().anyMatch(name -> name.startsWith(prefix(key)))) {
            throw new KmsConfigurationException(
                    "the settings " + prefix(key) + "* are ambiguous, since a key's name ends" + " with the first '"
                            + end + "'; give the key an alias without it");
        }
    }

    private static EncryptionContext context(String prefix, Map<String, String> pairs) {
        try {
            return EncryptionContext.of(pairs);
        } catch (IllegalArgumentException e) {
            throw Configuration.invalid(prefix + "*", "not usable", "an encryption context: " + e.getMessage());
        }
    }

    private static Set<String> requiredContext(String name, Configuration configuration) {
        String value = configuration.get(name).orElse("");
        Set<String> names = FurtherKeys.list(value).collect(Collectors.toCollection(TreeSet::new));
        if (names.stream().anyMatch(one -> one.startsWith(EncryptionContext.RESERVED_PREFIX))) {
            throw Configuration.invalid(
                    name, value, "a list of names that do not start with " + EncryptionContext.RESERVED_PREFIX);
        }
        return Collections.unmodifiableSet(names);
    }

    private static long tinkMessages(Configuration configuration) {
        return configuration.getLong(TINK_MESSAGES, 1, 1, MOST_TINK_MESSAGES);
    }

    static Usage usage(String name, Configuration configuration) {
        String value = configuration.get(name).orElse("");
        return switch (value) {
            case "" -> Usage.BOTH;
            case "encrypt" -> Usage.ENCRYPT;
            case "decrypt" -> Usage.DECRYPT;
            default -> throw Configuration.invalid(name, value, "encrypt or decrypt");
        };
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
     * Names of pairs of the encryption context that do not stand in AWS Encryption SDK messages. Their values come from {@link
     * #context()} or from the caller.
     *
     * @return an unmodifiable set
     */
    public Set<String> requiredContext() {
        return requiredContext;
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
     * For whom else messages are encrypted.
     *
     * @return an unmodifiable list
     */
    public List<KeyReference> recipients() {
        return furtherKeys.recipients();
    }

    /**
     * Further keys whose messages may be decrypted, besides those of {@link #recipients()}.
     *
     * @return an unmodifiable list
     */
    public List<KeyReference> decryptKeys() {
        return furtherKeys.decryptKeys();
    }

    FurtherKeys furtherKeys() {
        return furtherKeys;
    }

    EngineSettings settings() {
        return settings;
    }

    CacheSettings cache() {
        return cache;
    }

    /** How many messages of Tink a data key serves. */
    long tinkMessages() {
        return tinkMessages;
    }

    DualEngines dualEngines() {
        return dualEngines;
    }

    Optional<OuterKey> outerKey() {
        return outerKey;
    }

    S3Settings s3() {
        return s3;
    }

    ReadableFormats readableFormats() {
        return readableFormats;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof KeyPolicy that
                && context.equals(that.context)
                && requiredContext.equals(that.requiredContext)
                && usage == that.usage
                && furtherKeys.equals(that.furtherKeys)
                && settings.equals(that.settings)
                && cache.equals(that.cache)
                && tinkMessages == that.tinkMessages
                && dualEngines.equals(that.dualEngines)
                && outerKey.equals(that.outerKey)
                && s3.equals(that.s3)
                && readableFormats.equals(that.readableFormats);
    }

    @Override
    public int hashCode() {
        return Objects.hash(context, usage, furtherKeys);
    }
}
