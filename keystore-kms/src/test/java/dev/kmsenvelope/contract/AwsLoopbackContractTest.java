package dev.kmsenvelope.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.KeyAccessDeniedException;
import dev.kmsenvelope.kms.KeyAdministration;
import dev.kmsenvelope.kms.KeyDescription;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.kms.KmsLimitException;
import dev.kmsenvelope.spi.Backends;
import dev.kmsenvelope.testing.kms.LoopbackKms;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The backend for AWS KMS keeps the contract with a server that answers as AWS documents, pagination and limits too. */
class AwsLoopbackContractTest extends KeyServiceContract {

    private static final String REGION = "eu-central-1";

    private LoopbackKms server;
    private AwsCredentialsProperties credentials;

    @Override
    void start() {
        server = new LoopbackKms();
        credentials = new AwsCredentialsProperties("contract");
    }

    @Override
    void stop() {
        credentials.close();
        server.close();
    }

    static Configuration configuration(LoopbackKms server, Map<String, String> more) {
        return Configuration.of(more)
                .orElse(Configuration.of(Map.of(
                        "backend",
                        "aws",
                        "aws.region",
                        REGION,
                        "aws.endpoint",
                        server.endpoint().toString(),
                        "aws.timeout",
                        "60s",
                        "aws.alias-max-age",
                        "0s")));
    }

    @Override
    Configuration configuration() {
        return configuration(server, Map.of());
    }

    @Override
    public Set<Feature> features() {
        return EnumSet.complementOf(EnumSet.of(Feature.ALIAS_HISTORY, Feature.ALL_VERSIONS, Feature.LOOKS_ARNS_UP));
    }

    @Override
    public Set<KeySpec> specs() {
        // Large RSA keys take seconds to make and behave as small ones.
        return EnumSet.complementOf(EnumSet.of(KeySpec.RSA_3072, KeySpec.RSA_4096, KeySpec.OTHER));
    }

    @Test
    void everyPageIsRead() {
        try (LoopbackKms many = new LoopbackKms();
                KeyAdministration administration = Backends.openAdministration(configuration(many, Map.of()));
                KeyService service = Backends.openService(configuration(many, Map.of()))) {
            List<KeyId> made = new ArrayList<>();
            for (int i = 0; i < 101; i++) {
                made.add(administration.createKey(KeySpec.SYMMETRIC_DEFAULT).id());
            }
            for (int i = 0; i < 52; i++) {
                administration.createAlias(KeyId.of(String.format("alias/a-%02d", i)), made.get(i / 27));
            }
            many.log().clear();
            List<KeyDescription> list = service.list();
            assertThat(list).extracting(KeyDescription::id).containsExactlyElementsOf(made);
            assertThat(list.get(0).aliases()).hasSize(27);
            assertThat(list.get(1).aliases()).hasSize(25);
            assertThat(many.log().count("ListKeys")).isEqualTo(2);
            assertThat(many.log().count("ListAliases")).isEqualTo(2);
        }
    }

    @Test
    void aLimitIsSaid() {
        administer(administration -> {
            KeyId key = administration.createKey(KeySpec.SYMMETRIC_DEFAULT).id();
            for (int i = 0; i < 25; i++) {
                administration.rotate(key);
            }
            assertThat(administration.rotationStatus(key).history()).hasSize(25);
            assertThatThrownBy(() -> administration.rotate(key)).isInstanceOf(KmsLimitException.class);
        });
    }

    /** RULES 19: what names the key inside a ciphertext is opaque, and AWS answers a change of it as a denial. */
    @Test
    void someDamageIsADenial() {
        KeyId key = symmetricKey();
        EncryptedDataKey encrypted = service().encrypt(key, TEXT, NONE);
        EncryptedDataKey damaged = new EncryptedDataKey(
                encrypted.providerId(), encrypted.providerInfo(), Contract.changed(encrypted.ciphertext(), 5));
        assertThatThrownBy(() -> service().decrypt(idOf(key), damaged, NONE))
                .isInstanceOf(KeyAccessDeniedException.class);
    }
}
