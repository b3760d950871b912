package dev.kmsenvelope.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyNotFoundException;
import dev.kmsenvelope.kms.KmsConfigurationException;
import dev.kmsenvelope.kms.KmsException;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.SdkSystemSetting;

/** Related keys of other Regions, and Regions that are not known or do not exist. */
class AwsRegionsTest extends AwsKeyServiceFixture {

    @Test
    void aRelatedKeyOfThisRegionOpensWhatOneElsewhereEncrypted() {
        assertThat(service.keyOf(encryptedUnder(ELSEWHERE))).contains(KeyId.of(MULTI));
        assertThat(service.decryptionKeys(KeyId.of(ELSEWHERE))).containsExactly(KeyId.of(MULTI));
        server.answer(200, "{\"KeyId\":\"" + MULTI + "\",\"Plaintext\":\"AQID\"}");
        service.decrypt(KeyId.of(MULTI), encryptedUnder(ELSEWHERE), CONTEXT).close();
        assertThat(server.requests()).singleElement().asString().contains(MULTI);
    }

    /** On an instance, the Region may be told by its metadata service only; no key has to be named by its alias for that. */
    @Test
    void aRelatedKeyIsFoundWhereTheMetadataServiceTellsTheRegion() throws IOException {
        assumeThat(System.getenv("AWS_REGION")).isNull();
        String setting = SdkSystemSetting.AWS_EC2_METADATA_SERVICE_ENDPOINT.property();
        try (CannedServer instance = new CannedServer()) {
            instance.answer(exchange -> CannedServer.send(
                    exchange, 200, exchange.getRequestMethod().equals("PUT") ? "token" : "{\"region\":\"eu-west-1\"}"));
            System.setProperty(setting, instance.settings().endpoint().toString());
            Configuration configuration = Configuration.of(
                    Map.of("aws.endpoint", server.settings().endpoint().toString()));
            try (AwsKeyService there = new AwsKeyService(AwsSettings.of(configuration))) {
                assertThat(there.keyOf(encryptedUnder(ELSEWHERE))).contains(KeyId.of(MULTI));
                assertThat(there.decryptionKeys(KeyId.of(MULTI))).containsExactly(KeyId.of(MULTI));
            }
        } finally {
            System.clearProperty(setting);
        }
        assertThat(server.count()).isZero();
    }

    /** Where no Region is known, the metadata service is not asked for each message. */
    @Test
    void theMetadataServiceIsAskedOnce() throws IOException {
        assumeThat(System.getenv("AWS_REGION")).isNull();
        String setting = SdkSystemSetting.AWS_EC2_METADATA_SERVICE_ENDPOINT.property();
        try (CannedServer instance = new CannedServer()) {
            instance.answer(404, "");
            System.setProperty(setting, instance.settings().endpoint().toString());
            Configuration configuration = Configuration.of(
                    Map.of("aws.endpoint", server.settings().endpoint().toString()));
            try (AwsKeyService there = new AwsKeyService(AwsSettings.of(configuration))) {
                assertThat(there.keyOf(encryptedUnder(ELSEWHERE))).contains(KeyId.of(ELSEWHERE));
                int asked = instance.count();
                assertThat(there.keyOf(encryptedUnder(ELSEWHERE))).contains(KeyId.of(ELSEWHERE));
                assertThat(instance.count()).isEqualTo(asked).isPositive();
            }
        } finally {
            System.clearProperty(setting);
        }
    }

    /** Anybody can write the name of a Region into a message. */
    @Test
    void regionsThatDoNotExistTakeBoundedMemory() {
        server.fail(400, "NotFoundException");
        Set<Class<?>> failures = new LinkedHashSet<>();
        for (int i = 0; i < 120; i++) {
            KeyId key = KeyId.of(ARN.replace("eu-west-1", "xx-nowhere-" + i));
            assertThatThrownBy(() -> service.describe(key))
                    .isInstanceOf(KmsException.class)
                    .satisfies(e -> failures.add(e.getClass()));
        }
        assertThat(failures).containsExactly(KeyNotFoundException.class, KmsConfigurationException.class);
        assertThat(server.count()).isLessThan(120);
        assertThatThrownBy(() -> service.describe(KeyId.of(ARN.replace("eu-west-1", "ap-south-1"))))
                .isInstanceOf(KeyNotFoundException.class);
    }

    @Test
    void withoutOneHereTheKeyThatEncryptedIsAsked() {
        server.answer(exchange -> {
            boolean here = server.requests().get(server.count() - 1).contains(MULTI);
            CannedServer.send(
                    exchange,
                    here ? 400 : 200,
                    here
                            ? "{\"__type\":\"NotFoundException\"}"
                            : "{\"KeyId\":\"" + ELSEWHERE + "\",\"Plaintext\":\"AQID\"}");
        });
        service.decrypt(KeyId.of(MULTI), encryptedUnder(ELSEWHERE), CONTEXT).close();
        assertThat(server.count()).isEqualTo(2);
    }
}
