package dev.kmsenvelope.keystore;

import dev.kmsenvelope.config.Configuration;
import java.nio.file.Path;
import java.security.KeyStore.LoadStoreParameter;
import java.security.KeyStore.ProtectionParameter;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Loads a {@code KMS} KeyStore with settings given in the program, which take precedence over all others, and stores its
 * file entries in a file. Immutable and thread-safe.
 */
public final class KmsLoadStoreParameter implements LoadStoreParameter {

    private final Configuration configuration;
    private final @Nullable Path file;

    /**
     * Makes the parameter.
     *
     * @param configuration the settings, among which {@code keystore.file} may name a keystore file
     */
    public KmsLoadStoreParameter(Configuration configuration) {
        this.configuration = Objects.requireNonNull(configuration, "configuration");
        this.file = null;
    }

    /**
     * Makes the parameter.
     *
     * @param configuration the settings; {@code store} takes only {@code keystore.file} out of them
     * @param file the keystore file, whatever {@code keystore.file} says
     */
    public KmsLoadStoreParameter(Configuration configuration, Path file) {
        this.configuration = Objects.requireNonNull(configuration, "configuration");
        this.file = Objects.requireNonNull(file, "file");
    }

    /**
     * The names of the settings that only the keystore has: {@code keystore.*}.
     *
     * @return the names
     */
    public static Set<String> configurationKeys() {
        return KeyStoreSettings.CONFIGURATION_KEYS;
    }

    /**
     * The settings.
     *
     * @return the settings
     */
    public Configuration configuration() {
        return configuration;
    }

    /**
     * The keystore file.
     *
     * @return the file that was given, else the one that the settings name, if they do
     * @throws dev.kmsenvelope.kms.KmsConfigurationException if what they name is no path
     */
    public Optional<Path> file() {
        return file == null ? configuration.getPath(KeyStoreSettings.FILE) : Optional.of(file);
    }

    /** The file that was given, apart from the settings. */
    @Nullable
    Path givenFile() {
        return file;
    }

    /**
     * A KMS KeyStore has no password.
     *
     * @return null
     */
    @Override
    public @Nullable ProtectionParameter getProtectionParameter() {
        return null;
    }
}
