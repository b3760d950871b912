package dev.kmsenvelope.compatibility;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/** The JDK's TLS client, which trusts one certificate and makes full handshakes only. */
final class TlsClient {

    static final List<String> PROTOCOLS = List.of("TLSv1.2", "TLSv1.3");

    private static final String REQUEST = "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    private static final int PATIENCE_MILLISECONDS = 180_000;

    private TlsClient() {}

    /** Starts the server once for each version of TLS and asks it for its text. */
    static void exchange(X509Certificate trusted, TlsServer.Starter starter) throws Exception {
        for (String protocol : PROTOCOLS) {
            TlsServer server = starter.start(protocol);
            try {
                assertThat(request(server.port(), protocol, trusted)).contains(Texts.TEXT);
            } finally {
                server.stop();
            }
        }
    }

    /** The answer of a server, over one version of TLS; it must show the trusted certificate itself. */
    static String request(int port, String protocol, X509Certificate trusted)
            throws GeneralSecurityException, IOException {
        try (SSLSocket socket =
                (SSLSocket) context(trusted).getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(PATIENCE_MILLISECONDS);
            socket.setEnabledProtocols(new String[] {protocol});
            socket.startHandshake();
            assertThat(socket.getSession().getProtocol()).isEqualTo(protocol);
            assertThat(socket.getSession().getPeerCertificates()[0]).isEqualTo(trusted);
            socket.getOutputStream().write(REQUEST.getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** A new one has no sessions that it could resume. */
    static SSLContext context(X509Certificate trusted) throws GeneralSecurityException, IOException {
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trustStore(trusted));
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }

    static KeyStore trustStore(X509Certificate trusted) throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setCertificateEntry("trusted", trusted);
        return store;
    }
}
