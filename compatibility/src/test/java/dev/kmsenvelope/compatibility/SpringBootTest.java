package dev.kmsenvelope.compatibility;

import dev.kmsenvelope.compatibility.report.Area;
import dev.kmsenvelope.compatibility.report.Check;
import dev.kmsenvelope.compatibility.report.HeldKey;
import dev.kmsenvelope.compatibility.report.Program;
import dev.kmsenvelope.compatibility.report.Trial;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.HashMap;
import java.util.Map;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;
import org.springframework.boot.Banner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.context.ConfigurableApplicationContext;

/** A Spring Boot application that serves HTTPS: the same one with a PKCS12 file and with a KMS keystore, by its settings alone. */
@Program(area = Area.TLS, name = "Spring Boot, embedded Tomcat", of = SpringApplication.class)
class SpringBootTest {

    private static final String FIRST_KEY = ", where the first key is not the one for TLS";

    private static final String BUNDLE_ALIAS = "spring.ssl.bundle.jks.web.key.alias";

    @Check(
            what = "HTTPS application, TLS 1.2 and 1.3",
            key = {HeldKey.SERVICE_RSA, HeldKey.SERVICE_EC})
    void application(Trial trial, TestKeys keys, HeldKey key) throws Exception {
        trial.worksWith(
                "`server.ssl.key-alias`" + FIRST_KEY,
                SSLHandshakeException.class,
                () -> serve(keys.certificate(key), keyStore("KMS", keys.file(key))),
                () -> serve(keys.certificate(key), with(keyStore("KMS", keys.file(key)), "server.ssl.key-alias")));
    }

    @Check(what = "SSL bundle of an HTTPS application, TLS 1.2 and 1.3", key = HeldKey.SERVICE_RSA)
    void bundle(Trial trial, TestKeys keys, HeldKey key) throws Exception {
        trial.worksWith(
                "`spring.ssl.bundle.jks.NAME.key.alias`" + FIRST_KEY,
                SSLHandshakeException.class,
                () -> serve(keys.certificate(key), bundle(keys.file(key))),
                () -> serve(keys.certificate(key), with(bundle(keys.file(key)), BUNDLE_ALIAS)));
    }

    @Check(
            what = "HTTPS application, TLS 1.2 and 1.3",
            key = {HeldKey.FILE_RSA, HeldKey.FILE_EC})
    void applicationWithAFile(Trial trial, TestKeys keys, HeldKey key) throws Exception {
        trial.works(() -> serve(keys.certificate(key), keyStore("KMS", keys.file(key))));
    }

    @Check(
            what = "SSL bundle of an HTTPS application, TLS 1.2 and 1.3",
            key = {HeldKey.FILE_RSA, HeldKey.FILE_EC})
    void bundleWithAFile(Trial trial, TestKeys keys, HeldKey key) throws Exception {
        trial.works(() -> serve(keys.certificate(key), bundle(keys.file(key))));
    }

    /** What the KMS keystore takes the place of, with the same code. */
    @Test
    void applicationWithAPasswordKeyStore(TestKeys keys) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        KeyPair pair = generator.generateKeyPair();
        X509Certificate certificate = TestCertificates.selfSigned(pair);
        KeyStore keyStore = KeyStore.getInstance("PKCS12");
        keyStore.load(null, null);
        keyStore.setKeyEntry(
                "tls", pair.getPrivate(), TestKeys.PASSWORD.toCharArray(), new Certificate[] {certificate});
        Path file = keys.scratch("spring").resolve("tls.p12");
        try (OutputStream out = Files.newOutputStream(file)) {
            keyStore.store(out, TestKeys.PASSWORD.toCharArray());
        }
        serve(certificate, keyStore("PKCS12", file));
    }

    static Map<String, Object> keyStore(String type, Path file) {
        return Map.of(
                "server.ssl.key-store-type",
                type,
                "server.ssl.key-store",
                file.toUri().toString(),
                "server.ssl.key-store-password",
                TestKeys.PASSWORD);
    }

    private static Map<String, Object> bundle(Path file) {
        return Map.of(
                "server.ssl.bundle",
                "web",
                "spring.ssl.bundle.jks.web.keystore.type",
                "KMS",
                "spring.ssl.bundle.jks.web.keystore.location",
                file.toUri().toString(),
                "spring.ssl.bundle.jks.web.keystore.password",
                TestKeys.PASSWORD);
    }

    private static Map<String, Object> with(Map<String, Object> settings, String aliasSetting) {
        Map<String, Object> all = new HashMap<>(settings);
        all.put(aliasSetting, TestKeys.TLS_ALIAS);
        return all;
    }

    static void serve(X509Certificate trusted, Map<String, Object> settings) throws Exception {
        TlsClient.exchange(trusted, protocol -> {
            Map<String, Object> all = new HashMap<>(settings);
            all.put("server.address", "127.0.0.1");
            all.put("server.port", "0");
            all.put(
                    settings.containsKey("server.ssl.bundle")
                            ? "spring.ssl.bundle.jks.web.options.enabled-protocols"
                            : "server.ssl.enabled-protocols",
                    protocol);
            return start(all);
        });
    }

    private static TlsServer start(Map<String, Object> settings) {
        System.setProperty(LoggingSystem.SYSTEM_PROPERTY, LoggingSystem.NONE);
        SpringApplication application = new SpringApplication(HttpsApplication.class);
        application.setBannerMode(Banner.Mode.OFF);
        application.setLogStartupInfo(false);
        application.setRegisterShutdownHook(false);
        application.setDefaultProperties(settings);
        ConfigurableApplicationContext context = application.run();
        return new TlsServer() {
            @Override
            public int port() {
                return Integer.parseInt(context.getEnvironment().getRequiredProperty("local.server.port"));
            }

            @Override
            public void stop() {
                context.close();
            }
        };
    }
}
