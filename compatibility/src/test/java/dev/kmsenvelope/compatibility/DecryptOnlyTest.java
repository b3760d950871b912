package dev.kmsenvelope.compatibility;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmsenvelope.compatibility.report.TrialExtension;
import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.kms.KeyAdministration;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.kms.KeyUsage;
import dev.kmsenvelope.spi.Backends;
import dev.kmsenvelope.testing.kms.ChangedProperties;
import dev.kmsenvelope.testing.kms.LoopbackKms;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * TLS servers whose identity may decrypt under the key of their keystore file, and nothing else, as docs/MIGRATION.md says is
 * enough. Some of them copy their key into a KeyStore of their own.
 */
@ExtendWith(TrialExtension.class)
class DecryptOnlyTest {

    private static final String ADMINISTRATOR = "AKIDADMINISTRATOR";
    private static final String SERVER = "AKIDSERVER";
    private static final List<String> DENIED = List.of(
            "GenerateDataKey",
            "Encrypt",
            "ReEncryptFrom",
            "ReEncryptTo",
            "Sign",
            "GetPublicKey",
            "ListAliases",
            "ListKeys");

    private final LoopbackKms service = new LoopbackKms();
    private final ChangedProperties properties = new ChangedProperties().noIdentity();
    private Path directory;
    private Path file;
    private X509Certificate certificate;

    @BeforeEach
    void makeFile(TestKeys keys) throws Exception {
        properties.identity(ADMINISTRATOR);
        directory = keys.scratch("decrypt only");
        file = directory.resolve("app.kms");
        configure("keystore.live", "false");
        try (KeyAdministration administration = Backends.openAdministration(Configuration.of(account()))) {
            administration.createKey(KeySpec.SYMMETRIC_DEFAULT, KeyId.of("alias/app"));
            administration.createKey(KeySpec.RSA_2048, KeyUsage.SIGN_VERIFY, KeyId.of("alias/not-for-this"));
        }
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(256);
        KeyPair pair = generator.generateKeyPair();
        certificate = TestCertificates.selfSigned(pair);
        KeyStore keyStore = KeyStore.getInstance("KMS");
        keyStore.load(null, null);
        keyStore.setKeyEntry("tls", pair.getPrivate(), null, new Certificate[] {certificate});
        try (OutputStream out = Files.newOutputStream(file)) {
            keyStore.store(out, null);
        }
        properties.identity(SERVER);
        DENIED.forEach(operation -> service.access().deny(SERVER, operation));
        service.log().clear();
    }

    @AfterEach
    void close() {
        properties.close();
        service.close();
    }

    private Map<String, String> account() {
        return Map.of(
                "backend", "aws",
                "aws.region", "eu-central-1",
                "aws.endpoint", service.endpoint().toString());
    }

    private void configure(String name, String value) throws Exception {
        Map<String, String> settings = new LinkedHashMap<>(account());
        settings.put("keystore.key", "alias/app");
        settings.put(name, value);
        Path configuration = directory.resolve("kms.properties");
        Files.write(
                configuration,
                settings.entrySet().stream()
                        .map(setting -> setting.getKey() + " = " + setting.getValue())
                        .toList());
        properties.set("kmsenvelope.config", configuration.toString());
    }

    private Set<String> operations() {
        return service.log().all().stream().map(request -> request.operation()).collect(Collectors.toSet());
    }

    @Test
    void jetty() throws Exception {
        TlsClient.exchange(certificate, protocol -> JettyTest.start(file, protocol));
        assertThat(operations()).isSubsetOf("DescribeKey", "Decrypt").contains("Decrypt");
    }

    @Test
    void tomcat() throws Exception {
        TlsClient.exchange(certificate, protocol -> TomcatTest.start(file, Optional.empty(), protocol, directory));
        assertThat(operations()).isSubsetOf("DescribeKey", "Decrypt").contains("Decrypt");
    }

    /** Where keys of the service are shown, a copy tries to list them, and does without. */
    @Test
    void tomcatThatIsShownKeysOfTheService() throws Exception {
        configure("keystore.live", "true");
        TlsClient.exchange(certificate, protocol -> TomcatTest.start(file, Optional.empty(), protocol, directory));
        assertThat(operations()).contains("Decrypt", "ListAliases").doesNotContain("GenerateDataKey");
    }

    @Test
    void springBoot() throws Exception {
        SpringBootTest.serve(certificate, SpringBootTest.keyStore("KMS", file));
        assertThat(operations()).isSubsetOf("DescribeKey", "Decrypt").contains("Decrypt");
    }
}
