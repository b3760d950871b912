package dev.kmsenvelope.compatibility;

import dev.kmsenvelope.compatibility.report.Area;
import dev.kmsenvelope.compatibility.report.Check;
import dev.kmsenvelope.compatibility.report.HeldKey;
import dev.kmsenvelope.compatibility.report.Program;
import dev.kmsenvelope.compatibility.report.Trial;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManagerFactory;

/** The JDK's own TLS, with the key managers that it has by default. */
@Program(area = Area.TLS, name = "JDK: JSSE", of = SSLContext.class)
class JsseTest {

    @Check(
            what = "server, TLS 1.2 and 1.3",
            key = {HeldKey.SERVICE_RSA, HeldKey.SERVICE_EC, HeldKey.FILE_RSA, HeldKey.FILE_EC})
    void server(Trial trial, TestKeys keys, HeldKey key) throws Exception {
        trial.works(() -> serve(keys, key));
    }

    @Check(
            what = "client certificate, TLS 1.2 and 1.3",
            key = {HeldKey.SERVICE_RSA, HeldKey.SERVICE_EC, HeldKey.FILE_RSA, HeldKey.FILE_EC})
    void client(Trial trial, TestKeys keys, HeldKey key) throws Exception {
        trial.works(() -> authenticateBoth(keys, key));
    }

    private static void serve(TestKeys keys, HeldKey key) throws Exception {
        for (String protocol : TlsClient.PROTOCOLS) {
            SSLEngine client = TlsClient.context(keys.certificate(key)).createSSLEngine();
            exchange(client, context(keys, key).createSSLEngine(), protocol, false);
        }
    }

    private static void authenticateBoth(TestKeys keys, HeldKey key) throws Exception {
        for (String protocol : TlsClient.PROTOCOLS) {
            SSLContext both = context(keys, key);
            exchange(both.createSSLEngine(), context(keys, key).createSSLEngine(), protocol, true);
        }
    }

    private static void exchange(SSLEngine client, SSLEngine server, String protocol, boolean clientCertificate)
            throws Exception {
        client.setUseClientMode(true);
        server.setUseClientMode(false);
        server.setNeedClientAuth(clientCertificate);
        client.setEnabledProtocols(new String[] {protocol});
        EngineExchange.run(client, server, protocol);
    }

    private static SSLContext context(TestKeys keys, HeldKey key) throws Exception {
        KeyStore keyStore = TestKeys.load(keys.file(key));
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(keyStore, TestKeys.PASSWORD.toCharArray());
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(TlsClient.trustStore((X509Certificate) keyStore.getCertificate(TestKeys.TLS_ALIAS)));
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }
}
