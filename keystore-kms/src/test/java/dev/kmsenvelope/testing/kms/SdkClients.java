package dev.kmsenvelope.testing.kms;

import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kms.KmsClient;

/** Plain clients of the AWS SDK, to check the test server by something that is not ours. */
public final class SdkClients {

    private SdkClients() {}

    /** A client of the server in a Region, with an access key. */
    public static KmsClient client(LoopbackKms server, String accessKey, String region) {
        return KmsClient.builder()
                .endpointOverride(server.endpoint())
                .region(Region.of(region))
                .credentialsProvider(
                        StaticCredentialsProvider.create(AwsBasicCredentials.create(accessKey, "not-checked")))
                .httpClient(UrlConnectionHttpClient.create())
                .build();
    }
}
