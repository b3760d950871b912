/** A KeyStore of type {@code KMS}, and the backend {@code aws}: AWS KMS. */
module dev.kmsenvelope.keystore {
    requires com.github.benmanes.caffeine;
    requires com.google.gson;
    requires transitive dev.kmsenvelope.provider;
    requires org.bouncycastle.pkix;
    requires org.bouncycastle.provider;
    requires static transitive org.jspecify;
    requires org.slf4j; // The AWS SDK logs to it and, being an automatic module, cannot say so.
    requires software.amazon.awssdk.auth;
    requires software.amazon.awssdk.awscore;
    requires software.amazon.awssdk.core;
    requires software.amazon.awssdk.http;
    requires software.amazon.awssdk.identity.spi;
    requires software.amazon.awssdk.profiles;
    requires software.amazon.awssdk.regions;
    requires software.amazon.awssdk.retries;
    requires software.amazon.awssdk.retries.api;
    requires static software.amazon.awssdk.services.dynamodb; // Only those need it who keep branch keys in a table.
    requires software.amazon.awssdk.services.kms;
    requires software.amazon.awssdk.utils;

    exports dev.kmsenvelope.keystore;

    uses software.amazon.awssdk.http.SdkHttpService;

    provides dev.kmsenvelope.hierarchy.BranchKeyStoreFactory with
            dev.kmsenvelope.aws.DynamoStoreFactory;
    provides dev.kmsenvelope.spi.BackendFactory with
            dev.kmsenvelope.aws.AwsBackendFactory;
    provides dev.kmsenvelope.spi.KeyStoreFactory with
            dev.kmsenvelope.keystore.KmsKeyStoreFactory;
}
