/** The security provider: envelope encryption behind plain JCA, the key-management port, and the embedded backends. */
module dev.kmsenvelope.provider {
    requires org.bouncycastle.pkix;
    requires org.bouncycastle.provider;
    requires static transitive org.jspecify;

    exports dev.kmsenvelope.config;
    exports dev.kmsenvelope.kms;
    exports dev.kmsenvelope.provider;
    exports dev.kmsenvelope.spi;

    uses dev.kmsenvelope.spi.BackendFactory;
    uses dev.kmsenvelope.spi.KeyStoreFactory;

    provides java.security.Provider with
            dev.kmsenvelope.provider.KmsEnvelopeProvider;
}
