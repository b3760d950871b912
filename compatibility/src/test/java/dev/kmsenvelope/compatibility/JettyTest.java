package dev.kmsenvelope.compatibility;

import dev.kmsenvelope.compatibility.report.Area;
import dev.kmsenvelope.compatibility.report.Check;
import dev.kmsenvelope.compatibility.report.HeldKey;
import dev.kmsenvelope.compatibility.report.Program;
import dev.kmsenvelope.compatibility.report.Trial;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.ssl.SslContextFactory;

/** Jetty, with a keystore path and type. */
@Program(area = Area.TLS, name = "Eclipse Jetty", of = Server.class)
class JettyTest {

    @Check(
            what = "server, TLS 1.2 and 1.3",
            key = {HeldKey.SERVICE_RSA, HeldKey.SERVICE_EC, HeldKey.FILE_RSA, HeldKey.FILE_EC})
    void server(Trial trial, TestKeys keys, HeldKey key) throws Exception {
        trial.works(() -> serve(keys, key));
    }

    @Check(what = ReloadingServer.WHAT, key = HeldKey.FILE_EC)
    void reloading(Trial trial, TestKeys keys) throws Exception {
        trial.works(() -> ReloadingServer.renewWhileServing(keys, "jetty", JettyTest::start));
    }

    private static void serve(TestKeys keys, HeldKey key) throws Exception {
        TlsClient.exchange(keys.certificate(key), protocol -> start(keys.file(key), protocol));
    }

    static ReloadingServer start(Path file, String protocol) throws Exception {
        SslContextFactory.Server tls = new SslContextFactory.Server();
        tls.setKeyStoreType("KMS");
        tls.setKeyStorePath(file.toString());
        tls.setKeyStorePassword(TestKeys.PASSWORD);
        tls.setIncludeProtocols(protocol);

        HttpConfiguration https = new HttpConfiguration();
        https.addCustomizer(new SecureRequestCustomizer(false)); // The certificate is not for localhost.
        Server server = new Server();
        ServerConnector connector = new ServerConnector(
                server, new SslConnectionFactory(tls, "http/1.1"), new HttpConnectionFactory(https));
        connector.setHost("127.0.0.1");
        connector.setPort(0);
        server.addConnector(connector);
        server.setHandler(new Greeting());
        server.start();
        return new ReloadingServer() {
            @Override
            public void reload() throws Exception {
                tls.reload(factory -> {});
            }

            @Override
            public int port() {
                return connector.getLocalPort();
            }

            @Override
            public void stop() throws Exception {
                server.stop();
            }
        };
    }

    private static final class Greeting extends Handler.Abstract {
        @Override
        public boolean handle(Request request, Response response, Callback callback) {
            response.write(true, ByteBuffer.wrap(Texts.bytes()), callback);
            return true;
        }
    }
}
