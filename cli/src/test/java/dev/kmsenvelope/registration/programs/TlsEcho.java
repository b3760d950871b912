package dev.kmsenvelope.registration.programs;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/** Two sockets of the JDK's that speak TLS with a self-signed certificate, twice, so that the second one resumes. */
final class TlsEcho {

    private static final byte[] TEXT = "hello".getBytes(StandardCharsets.US_ASCII);

    private TlsEcho() {}

    static String run(Path keyStoreFile, char[] password) throws Exception {
        SSLContext context = context(keyStoreFile, password);
        String first = handshake(context);
        return first + "," + handshake(context) + "," + context.getProvider().getName();
    }

    private static SSLContext context(Path keyStoreFile, char[] password) throws GeneralSecurityException, IOException {
        KeyStore keyStore = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(keyStoreFile)) {
            keyStore.load(in, password);
        }
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(keyStore, password);
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(keyStore);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }

    private static String handshake(SSLContext context) throws Exception {
        InetAddress local = InetAddress.getLoopbackAddress();
        try (SSLServerSocket server =
                (SSLServerSocket) context.getServerSocketFactory().createServerSocket(0, 1, local)) {
            Thread echo = new Thread(() -> echo(server), "echo");
            echo.start();
            try (SSLSocket client = (SSLSocket) context.getSocketFactory().createSocket(local, server.getLocalPort())) {
                client.getOutputStream().write(TEXT);
                byte[] answer = client.getInputStream().readNBytes(TEXT.length);
                SSLSession session = client.getSession();
                echo.join();
                return session.getProtocol() + "/" + session.getCipherSuite() + "/"
                        + new String(answer, StandardCharsets.US_ASCII);
            }
        }
    }

    private static void echo(SSLServerSocket server) {
        try (SSLSocket socket = (SSLSocket) server.accept()) {
            socket.getOutputStream().write(socket.getInputStream().readNBytes(TEXT.length));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
