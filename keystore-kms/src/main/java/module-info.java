/** A KeyStore of type {@code KMS}. */
module dev.kmsenvelope.keystore {
    requires transitive dev.kmsenvelope.provider;
    requires org.bouncycastle.pkix;
    requires org.bouncycastle.provider;
    requires static transitive org.jspecify;

    exports dev.kmsenvelope.keystore;

    provides dev.kmsenvelope.spi.KeyStoreFactory with
            dev.kmsenvelope.keystore.KmsKeyStoreFactory;
}
