package dev.kmsenvelope.compatibility;

import dev.kmsenvelope.compatibility.report.Area;
import dev.kmsenvelope.compatibility.report.Check;
import dev.kmsenvelope.compatibility.report.HeldKey;
import dev.kmsenvelope.compatibility.report.Program;
import dev.kmsenvelope.compatibility.report.Trial;
import java.nio.file.Path;
import java.util.Optional;
import javax.net.ssl.SSLHandshakeException;
import org.apache.catalina.Context;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;
import org.apache.coyote.http11.AbstractHttp11Protocol;
import org.apache.tomcat.util.net.SSLHostConfig;
import org.apache.tomcat.util.net.SSLHostConfigCertificate;

/** Embedded Tomcat. Without an alias it takes the first key of the keystore, and that is not one for TLS here. */
@Program(area = Area.TLS, name = "Apache Tomcat, embedded", of = Tomcat.class)
class TomcatTest {

    private static final String SETTING = "`certificateKeyAlias`, where the first key is not the one for TLS";

    @Check(
            what = "server, TLS 1.2 and 1.3, a key that is not for TLS before the one that is",
            key = {HeldKey.SERVICE_RSA, HeldKey.SERVICE_EC})
    void server(Trial trial, TestKeys keys, HeldKey key) throws Exception {
        serveOneOfTwo(trial, keys, keys.file(key));
    }

    @Check(what = "server, TLS 1.2 and 1.3, a key that is not for TLS before the one that is", key = HeldKey.FILE_EC)
    void serverWithADataKeyFirst(Trial trial, TestKeys keys) throws Exception {
        serveOneOfTwo(trial, keys, keys.fileWithDataKeyFirst());
    }

    @Check(what = "server, TLS 1.2 and 1.3, the keystore's only key", key = HeldKey.SERVICE_EC)
    void serverWithOneKey(Trial trial, TestKeys keys) throws Exception {
        trial.works(() -> serve(keys, keys.fileWithOneKey(), Optional.empty()));
    }

    @Check(
            what = "server, TLS 1.2 and 1.3",
            key = {HeldKey.FILE_RSA, HeldKey.FILE_EC})
    void serverWithTheFirstKey(Trial trial, TestKeys keys, HeldKey key) throws Exception {
        trial.works(() -> serve(keys, keys.file(key), Optional.empty()));
    }

    @Check(what = ReloadingServer.WHAT, key = HeldKey.FILE_EC)
    void reloading(Trial trial, TestKeys keys) throws Exception {
        Path scratch = keys.scratch("tomcat");
        trial.works(() -> ReloadingServer.renewWhileServing(
                keys, "tomcat", (file, protocol) -> start(file, Optional.empty(), protocol, scratch)));
    }

    private static void serveOneOfTwo(Trial trial, TestKeys keys, Path file) throws Exception {
        trial.worksWith(
                SETTING,
                SSLHandshakeException.class,
                () -> serve(keys, file, Optional.empty()),
                () -> serve(keys, file, Optional.of(TestKeys.TLS_ALIAS)));
    }

    private static void serve(TestKeys keys, Path file, Optional<String> alias) throws Exception {
        Path scratch = keys.scratch("tomcat");
        TlsClient.exchange(TestKeys.certificate(file), protocol -> start(file, alias, protocol, scratch));
    }

    static ReloadingServer start(Path file, Optional<String> alias, String protocol, Path scratch) throws Exception {
        SSLHostConfig host = new SSLHostConfig();
        host.setProtocols(protocol);
        SSLHostConfigCertificate certificate =
                new SSLHostConfigCertificate(host, SSLHostConfigCertificate.Type.UNDEFINED);
        certificate.setCertificateKeystoreType("KMS");
        certificate.setCertificateKeystoreFile(file.toString());
        certificate.setCertificateKeystorePassword(TestKeys.PASSWORD);
        alias.ifPresent(certificate::setCertificateKeyAlias);
        host.addCertificate(certificate);

        Connector connector = new Connector();
        connector.setPort(0);
        connector.setProperty("address", "127.0.0.1");
        connector.setProperty("SSLEnabled", "true");
        connector.setScheme("https");
        connector.setSecure(true);
        connector.setThrowOnFailure(true);
        connector.addSslHostConfig(host);

        Tomcat tomcat = new Tomcat();
        tomcat.setBaseDir(scratch.toString());
        tomcat.setConnector(connector);
        Context context = tomcat.addContext("", scratch.toString());
        Tomcat.addServlet(context, "greeting", new GreetingServlet());
        context.addServletMapping("/", "greeting");
        tomcat.start();
        return new ReloadingServer() {
            @Override
            public void reload() {
                ((AbstractHttp11Protocol<?>) connector.getProtocolHandler()).reloadSslHostConfigs();
            }

            @Override
            public int port() {
                return connector.getLocalPort();
            }

            @Override
            public void stop() throws Exception {
                tomcat.stop();
                tomcat.destroy();
            }
        };
    }
}
