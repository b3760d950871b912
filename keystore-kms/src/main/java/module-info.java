/** A KeyStore of type {@code KMS}, and the AWS KMS backend. */
module dev.kmsenvelope.keystore {
    requires transitive dev.kmsenvelope.provider;
    requires static transitive org.jspecify;

    exports dev.kmsenvelope.keystore;
}
