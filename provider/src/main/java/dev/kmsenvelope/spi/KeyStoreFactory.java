package dev.kmsenvelope.spi;

import dev.kmsenvelope.config.Configuration;
import java.security.KeyStoreSpi;
import java.util.function.Supplier;

/**
 * Offers a type of KeyStore through the provider. Found by {@link java.util.ServiceLoader}; constructing one must do
 * nothing.
 */
public interface KeyStoreFactory {

    /**
     * The type that it offers.
     *
     * @return for example {@code KMS}
     */
    String type();

    /**
     * Makes a keystore, which does nothing until it is loaded.
     *
     * @param providerConfiguration the settings from the provider's argument in java.security; read when the keystore is
     *     loaded, and may throw {@link dev.kmsenvelope.kms.KmsConfigurationException} then
     * @return the keystore
     */
    KeyStoreSpi create(Supplier<Configuration> providerConfiguration);
}
