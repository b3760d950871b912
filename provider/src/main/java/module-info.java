/** The security provider: envelope encryption behind plain JCA, the key-management port, and the embedded backends. */
module dev.kmsenvelope.provider {
    requires com.github.benmanes.caffeine;
    requires org.bouncycastle.pkix;
    requires org.bouncycastle.provider;
    requires org.bouncycastle.util;
    requires static transitive org.jspecify;

    exports dev.kmsenvelope.application;
    exports dev.kmsenvelope.config;
    exports dev.kmsenvelope.kms;
    exports dev.kmsenvelope.local;
    exports dev.kmsenvelope.provider;
    exports dev.kmsenvelope.spi;

    uses dev.kmsenvelope.spi.BackendFactory;
    uses dev.kmsenvelope.spi.KeyStoreFactory;

    provides dev.kmsenvelope.spi.BackendFactory with
            dev.kmsenvelope.application.ApplicationBackendFactory,
            dev.kmsenvelope.local.LocalBackendFactory;
    provides java.security.Provider with
            dev.kmsenvelope.provider.KmsEnvelopeProvider;
}
