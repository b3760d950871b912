package dev.kmsenvelope.keystore;

import dev.kmsenvelope.config.Configuration;
import java.security.KeyStore.LoadStoreParameter;
import java.security.KeyStore.ProtectionParameter;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Loads a {@code KMS} KeyStore with settings given in the program. They take precedence over all others. Immutable and
 * thread-safe.
 */
public final class KmsLoadStoreParameter implements LoadStoreParameter {

    private final Configuration configuration;

    /**
     * Makes the parameter.
     *
     * @param configuration the settings
     */
    public KmsLoadStoreParameter(Configuration configuration) {
        this.configuration = Objects.requireNonNull(configuration, "configuration");
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
     * A KMS KeyStore has no password.
     *
     * @return null
     */
    @Override
    public @Nullable ProtectionParameter getProtectionParameter() {
        return null;
    }
}
