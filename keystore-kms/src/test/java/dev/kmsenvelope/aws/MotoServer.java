package dev.kmsenvelope.aws;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.kmsenvelope.config.Configuration;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A {@code moto_server} of our own, where it is installed. It keeps everything in memory and takes any credentials. */
public final class MotoServer implements AutoCloseable {

    static final String REGION = "eu-west-1";

    private static final int PATIENCE_SECONDS = 60;

    private final Process process;
    private final int port;

    private MotoServer(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /** Starts one; skips the test where there is none. */
    public static MotoServer start() throws IOException, InterruptedException {
        assumeTrue(
                Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                        .anyMatch(directory -> Files.isExecutable(Path.of(directory, "moto_server"))),
                "moto_server is not installed");
        int port = freePort();
        Process process = new ProcessBuilder("moto_server", "-H", "127.0.0.1", "-p", Integer.toString(port))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        MotoServer server = new MotoServer(process, port);
        try {
            server.await();
        } catch (IOException | InterruptedException | RuntimeException e) {
            server.close();
            throw e;
        }
        return server;
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private void await() throws IOException, InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (System.nanoTime() < end) {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
                return;
            } catch (IOException e) {
                if (!process.isAlive()) {
                    throw new IOException("moto_server ended with " + process.exitValue(), e);
                }
                Thread.sleep(100);
            }
        }
        throw new IOException("moto_server did not come up within " + PATIENCE_SECONDS + " seconds");
    }

    String endpoint() {
        return "http://127.0.0.1:" + port;
    }

    public Configuration settings() {
        return Configuration.of(
                Map.of("backend", "aws", "aws.region", REGION, "aws.endpoint", endpoint(), "aws.timeout", "60s"));
    }

    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroy);
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
