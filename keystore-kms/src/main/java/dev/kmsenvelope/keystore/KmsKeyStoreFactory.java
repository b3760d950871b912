package dev.kmsenvelope.keystore;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.spi.KeyStoreFactory;
import java.security.KeyStoreSpi;
import java.util.function.Supplier;

/** Offers the KeyStore {@code KMS}. */
public final class KmsKeyStoreFactory implements KeyStoreFactory {

    /** For {@link java.util.ServiceLoader}. */
    public KmsKeyStoreFactory() {}

    @Override
    public String type() {
        return "KMS";
    }

    @Override
    public KeyStoreSpi create(Supplier<Configuration> providerConfiguration) {
        return new KmsKeyStoreSpi(providerConfiguration);
    }
}
