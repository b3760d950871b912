package dev.kmsenvelope.keystore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmsenvelope.config.Configuration;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.KeyStore.PasswordProtection;
import java.security.Security;
import java.security.cert.Certificate;
import java.util.Map;
import javax.crypto.spec.SecretKeySpec;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.KeyStoreBuilderParameters;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A TLS server of the JDK's whose private key is wrapped in a keystore file. */
class FileTlsTest {

    @TempDir
    private Path home;

    @BeforeEach
    void addTheProvider() {
        Security.addProvider(Fixture.PROVIDER);
    }

    @AfterEach
    void removeTheProvider() {
        Security.removeProvider(Fixture.PROVIDER.getName());
    }

    @ParameterizedTest
    @CsvSource({
        "TLSv1.3, RSA, PKIX",
        "TLSv1.2, RSA, SunX509",
        "TLSv1.3, EC, SunX509",
        "TLSv1.2, EC, PKIX",
        "TLSv1.3, Ed25519, PKIX"
    })
    void handshakesWithOneRequestForAllOfThem(String protocol, String kind, String keyManager) throws Exception {
        Path file = home.resolve("store.kms");
        KeyPair pair = kind.equals("RSA") ? Pairs.rsa() : kind.equals("EC") ? Pairs.ec() : Pairs.ed25519();
        Certificate certificate = Pairs.certificate(pair, "localhost");
        KeyStore made = Fixture.load(home);
        made.setKeyEntry("tls", pair.getPrivate(), null, new Certificate[] {certificate});
        made.setKeyEntry("tokens", new SecretKeySpec(new byte[32], "AES"), null, null);
        made.setCertificateEntry("ca", certificate);
        made.store(new KmsLoadStoreParameter(Configuration.of(Map.of()), file));
        WatchedService service = new WatchedService(home);
        KeyStore keyStore = service.load("keystore.file", file.toString());
        service.requests.clear();

        KeyManagerFactory keys = KeyManagerFactory.getInstance(keyManager);
        if (keyManager.equals("PKIX")) {
            keys.init(new KeyStoreBuilderParameters(
                    KeyStore.Builder.newInstance(keyStore, new PasswordProtection("any".toCharArray()))));
        } else {
            keys.init(keyStore, "any".toCharArray());
        }
        SSLContext server = SSLContext.getInstance(protocol);
        server.init(keys.getKeyManagers(), null, null);
        for (int i = 0; i < 3; i++) {
            TlsTest.handshake(protocol, server, TlsTest.client(protocol, certificate));
        }

        assertThat(service.requests.stream().filter("decrypt"::equals)).hasSize(1);
        assertThat(service.requests).allMatch(request -> request.equals("decrypt") || request.equals("decryptionKeys"));
    }
}
