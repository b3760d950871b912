package dev.kmsenvelope.compatibility;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmsenvelope.compatibility.report.HeldKey;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;

/** A TLS server that can read its keystore file again without a restart. */
interface ReloadingServer extends TlsServer {

    /** What this library's tests say of every server that can. */
    String WHAT = "new key and certificate in the file, reloaded without a restart, TLS 1.2 and 1.3";

    /** Starts one with a keystore file, on the loopback interface, for one version of TLS. */
    @FunctionalInterface
    interface Starter {
        ReloadingServer start(Path file, String protocol) throws Exception;
    }

    /** Has it read its keystore file. */
    void reload() throws Exception;

    /** It shows the certificate that the file had until it is told to reload, and then the one that the file has. */
    static void renewWhileServing(TestKeys keys, String name, Starter starter) throws Exception {
        for (String protocol : TlsClient.PROTOCOLS) {
            Path file = keys.scratch(name).resolve(protocol + ".kms");
            Files.copy(keys.file(HeldKey.FILE_EC), file);
            X509Certificate old = TestKeys.certificate(file);
            ReloadingServer server = starter.start(file, protocol);
            try {
                X509Certificate renewed = renew(file);
                assertThat(TlsClient.request(server.port(), protocol, old)).contains(Texts.TEXT);
                server.reload();
                assertThat(TlsClient.request(server.port(), protocol, renewed)).contains(Texts.TEXT);
            } finally {
                server.stop();
            }
        }
    }

    private static X509Certificate renew(Path file) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(256);
        KeyPair pair = generator.generateKeyPair();
        X509Certificate certificate = TestCertificates.selfSigned(pair);
        KeyStore keyStore = TestKeys.load(file);
        keyStore.setKeyEntry(TestKeys.TLS_ALIAS, pair.getPrivate(), null, new Certificate[] {certificate});
        try (OutputStream out = Files.newOutputStream(file)) {
            keyStore.store(out, null);
        }
        return certificate;
    }
}
