package dev.kmsenvelope.keystore;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.provider.DataKeyUsage;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The settings of the keystore itself.
 *
 * @param file the keystore file
 * @param key the key that the file is sealed under (RULES 18)
 * @param minGeneration older files are refused; 0 for none
 * @param live whether the aliases of the service are shown; empty for: unless there is a file
 * @param refresh how long what was told of keys may be shown
 * @param usage what a raw AES key is for that is put in without saying
 */
record KeyStoreSettings(
        Optional<Path> file,
        Optional<KeyId> key,
        long minGeneration,
        Optional<Boolean> live,
        Duration refresh,
        DataKeyUsage usage) {

    static final String FILE = "keystore.file";
    static final String KEY = "keystore.key";
    private static final String MIN_GENERATION = "keystore.min-generation";
    private static final String LIVE = "keystore.live";
    private static final String REFRESH = "keystore.refresh";
    private static final Duration LONGEST_REFRESH = Duration.ofDays(30);
    private static final String USAGE = "keystore.usage";

    static final Set<String> CONFIGURATION_KEYS = Set.of(FILE, KEY, MIN_GENERATION, LIVE, REFRESH, USAGE);

    private static final Duration DEFAULT_REFRESH = Duration.ofSeconds(10);

    /**
     * Reads them.
     *
     * @throws dev.kmsenvelope.kms.KmsConfigurationException if one is wrong
     */
    static KeyStoreSettings of(Configuration configuration) {
        return new KeyStoreSettings(
                configuration.getPath(FILE),
                configuration.get(KEY).map(KeyStoreSettings::key),
                configuration.getLong(MIN_GENERATION, 0, 0, Long.MAX_VALUE),
                configuration.get(LIVE).map(KeyStoreSettings::live),
                configuration.getDuration(REFRESH, DEFAULT_REFRESH, LONGEST_REFRESH),
                configuration.get(USAGE).map(KeyStoreSettings::usage).orElse(DataKeyUsage.AES_GCM));
    }

    KeyStoreSettings withFile(Path other) {
        return new KeyStoreSettings(Optional.of(other), key, minGeneration, live, refresh, usage);
    }

    /** The setting by which somebody says what a keystore file is to be trusted by, if one is set. */
    static Optional<String> pin(Configuration configuration) {
        return Stream.of(KEY, MIN_GENERATION)
                .filter(name -> configuration.get(name).isPresent())
                .findFirst();
    }

    KeyStoreSettings withRefresh(Duration other) {
        return new KeyStoreSettings(file, key, minGeneration, live, other, usage);
    }

    private static KeyId key(String value) {
        try {
            return KeyId.of(value);
        } catch (IllegalArgumentException e) {
            throw Configuration.invalid(KEY, value, "an alias, key id or ARN: " + e.getMessage());
        }
    }

    private static boolean live(String value) {
        return switch (value) {
            case "true" -> true;
            case "false" -> false;
            default -> throw Configuration.invalid(LIVE, value, "true or false");
        };
    }

    private static DataKeyUsage usage(String value) {
        try {
            DataKeyUsage usage = DataKeyUsage.of(value);
            if (usage.algorithm().equals("AES")) {
                return usage;
            }
        } catch (IllegalArgumentException e) {
            throw Configuration.invalid(USAGE, value, "what an AES key is for: " + e.getMessage());
        }
        throw Configuration.invalid(USAGE, value, "what an AES key is for, such as AES/GCM/NoPadding");
    }
}
