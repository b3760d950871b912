/** The security provider: envelope encryption behind plain JCA, the key-management port, and the embedded backends. */
@SuppressWarnings("module") // The module that one package is for depends on this one, so it is compiled later.
module dev.kmsenvelope.provider {
    requires com.github.benmanes.caffeine;
    requires static java.management; // Without it there is no bean.
    requires static jdk.jfr; // Without it there are no events.
    requires org.bouncycastle.pkix;
    requires org.bouncycastle.provider;
    requires org.bouncycastle.util;
    requires static transitive org.jspecify;

    exports dev.kmsenvelope.application;
    exports dev.kmsenvelope.config;
    exports dev.kmsenvelope.crypto to
            dev.kmsenvelope.keystore;
    exports dev.kmsenvelope.hierarchy;
    exports dev.kmsenvelope.hierarchy.item to
            dev.kmsenvelope.keystore;
    exports dev.kmsenvelope.kms;
    exports dev.kmsenvelope.local;
    exports dev.kmsenvelope.provider;
    exports dev.kmsenvelope.spi;
    exports dev.kmsenvelope.telemetry;
    exports dev.kmsenvelope.text to
            dev.kmsenvelope.keystore;

    uses dev.kmsenvelope.hierarchy.BranchKeyStoreFactory;
    uses dev.kmsenvelope.spi.BackendFactory;
    uses dev.kmsenvelope.spi.KeyStoreFactory;

    provides dev.kmsenvelope.hierarchy.BranchKeyStoreFactory with
            dev.kmsenvelope.hierarchy.file.FileStoreFactory;
    provides dev.kmsenvelope.spi.BackendFactory with
            dev.kmsenvelope.application.ApplicationBackendFactory,
            dev.kmsenvelope.hierarchy.HierarchicalBackendFactory,
            dev.kmsenvelope.local.LocalBackendFactory;
    provides java.security.Provider with
            dev.kmsenvelope.provider.KmsEnvelopeProvider;
}
