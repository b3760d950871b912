package dev.kmsenvelope.keystore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.kms.KeyAdministration;
import dev.kmsenvelope.kms.KeyDescription;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.kms.KeyUsage;
import dev.kmsenvelope.spi.Backends;
import dev.kmsenvelope.spi.KeyServices;
import java.io.InputStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.Security;
import java.security.cert.Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A TLS server of the JDK's whose private key stays in the key service. Nothing names the provider. */
class TlsTest {

    @TempDir
    private static Path home;

    private final List<String> requests = Collections.synchronizedList(new ArrayList<>());

    @BeforeAll
    static void createKeys() {
        try (KeyAdministration keys = Backends.openAdministration(Fixture.settings(home))) {
            keys.createKey(KeySpec.RSA_2048, KeyUsage.SIGN_VERIFY, KeyId.of("alias/rsa"));
            keys.createKey(KeySpec.ECC_NIST_P256, KeyUsage.SIGN_VERIFY, KeyId.of("alias/p256"));
            keys.createKey(KeySpec.ECC_NIST_EDWARDS25519, KeyUsage.SIGN_VERIFY, KeyId.of("alias/ed"));
            keys.createKey(KeySpec.SYMMETRIC_DEFAULT, KeyId.of("alias/aes"));
            keys.createKey(KeySpec.HMAC_256, KeyId.of("alias/mac"));
        }
    }

    @BeforeEach
    void addTheProvider() {
        Security.addProvider(Fixture.PROVIDER);
    }

    @AfterEach
    void removeTheProvider() {
        Security.removeProvider(Fixture.PROVIDER.getName());
    }

    /** The local service, with one alias and what goes with all, and a log of what it is asked. */
    private KeyService logging(String alias) {
        KeyService local = Backends.openService(Fixture.settings(home));
        return (KeyService) logging(local, KeyService.class, alias);
    }

    private Object logging(Object target, Class<?> type, String alias) {
        return Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
            if (method.getDeclaringClass().equals(Object.class)) {
                return method.invoke(target, arguments);
            }
            Object result;
            try {
                result = method.invoke(target, arguments);
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
            if (method.getName().equals("capability")) {
                Class<?> capability = (Class<?>) arguments[0];
                return ((Optional<?>) result).map(found -> logging(found, capability, alias));
            }
            if (!method.getName().equals("name")) {
                requests.add(method.getName());
            }
            return result instanceof List<?> keys
                    ? keys.stream()
                            .map(KeyDescription.class::cast)
                            .filter(key ->
                                    !key.spec().isAsymmetric() || key.aliases().contains(KeyId.of(alias)))
                            .toList()
                    : result;
        });
    }

    private KeyStore keyStore(String alias) throws Exception {
        KmsKeyStoreSpi spi = new KmsKeyStoreSpi(Configuration::empty);
        KeyStore keyStore = new KeyStore(spi, Fixture.PROVIDER, "KMS") {};
        keyStore.load(
                new java.io.ByteArrayInputStream(
                        ("local.directory = " + home).getBytes(java.nio.charset.StandardCharsets.UTF_8)),
                null);
        spi.use(KeyServices.of(logging(alias), Map.of()), Configuration.empty(), Duration.ofHours(1));
        return keyStore;
    }

    @ParameterizedTest
    @CsvSource({
        "TLSv1.3, alias/rsa, PKIX",
        "TLSv1.2, alias/rsa, PKIX",
        "TLSv1.3, alias/p256, SunX509",
        "TLSv1.3, alias/p256, PKIX",
        "TLSv1.2, alias/p256, PKIX",
        "TLSv1.3, alias/ed, PKIX"
    })
    void handshakesAndAsksTheServiceForNothingButTheSignature(String protocol, String alias, String keyManager)
            throws Exception {
        KeyStore keyStore = keyStore(alias);
        KeyManagerFactory keys = KeyManagerFactory.getInstance(keyManager);
        if (keyManager.equals("PKIX")) {
            keys.init(new javax.net.ssl.KeyStoreBuilderParameters(
                    KeyStore.Builder.newInstance(keyStore, new KeyStore.PasswordProtection("any".toCharArray()))));
        } else {
            keys.init(keyStore, "any".toCharArray());
        }
        SSLContext server = SSLContext.getInstance(protocol);
        server.init(keys.getKeyManagers(), null, null);
        Certificate trusted = keyStore.getCertificate(alias);
        handshake(protocol, server, client(protocol, trusted));
        requests.clear();
        for (int i = 0; i < 3; i++) {
            handshake(protocol, server, client(protocol, trusted));
        }
        assertThat(requests).containsExactly("sign", "sign", "sign");
    }

    static SSLContext client(String protocol, Certificate trusted) throws Exception {
        KeyStore trustStore = KeyStore.getInstance("PKCS12");
        trustStore.load(null, null);
        trustStore.setCertificateEntry("server", trusted);
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(trustStore);
        SSLContext context = SSLContext.getInstance(protocol);
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }

    static void handshake(String protocol, SSLContext server, SSLContext client) throws Exception {
        InetAddress local = InetAddress.getLoopbackAddress();
        try (SSLServerSocket listening =
                (SSLServerSocket) server.getServerSocketFactory().createServerSocket(0, 1, local)) {
            Callable<byte[]> echo = () -> {
                try (SSLSocket socket = (SSLSocket) listening.accept()) {
                    byte[] received = socket.getInputStream().readNBytes(Fixture.TEXT.length);
                    socket.getOutputStream().write(received);
                    return received;
                }
            };
            FutureTask<byte[]> task = new FutureTask<>(echo);
            new Thread(task, "echo").start();
            try (SSLSocket socket =
                    (SSLSocket) client.getSocketFactory().createSocket(local, listening.getLocalPort())) {
                socket.getOutputStream().write(Fixture.TEXT);
                InputStream in = socket.getInputStream();
                assertThat(in.readNBytes(Fixture.TEXT.length)).isEqualTo(Fixture.TEXT);
                assertThat(socket.getSession().getProtocol()).isEqualTo(protocol);
            }
            assertThat(task.get()).isEqualTo(Fixture.TEXT);
        }
    }
}
