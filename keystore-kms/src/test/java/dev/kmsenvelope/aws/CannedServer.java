package dev.kmsenvelope.aws;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.kmsenvelope.config.Configuration;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** Answers every request in the same way, as it was told last. */
final class CannedServer implements AutoCloseable {

    static final String REQUEST_ID = "0a1b2c3d-0000-4000-8000-feedfacecafe";

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final AtomicInteger count = new AtomicInteger();
    private volatile Answer answer = exchange -> exchange.close();

    /** How to answer. */
    interface Answer {
        void give(HttpExchange exchange) throws IOException;
    }

    CannedServer() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", exchange -> {
            count.incrementAndGet();
            String target = exchange.getRequestHeaders().getFirst("X-Amz-Target");
            requests.add(target + " " + new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            try {
                answer.give(exchange);
            } finally {
                exchange.close();
            }
        });
        server.start();
    }

    void answer(Answer next) {
        answer = next;
    }

    void answer(int status, String body) {
        answer = exchange -> send(exchange, status, body);
    }

    void fail(int status, String code) {
        answer(status, "{\"__type\":\"" + code + "\",\"message\":\"the service's secret text\"}");
    }

    static void send(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().add("Content-Type", "application/x-amz-json-1.1");
        exchange.getResponseHeaders().add("x-amzn-RequestId", REQUEST_ID);
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    /** The operation and body of each request. */
    List<String> requests() {
        return requests;
    }

    int count() {
        return count.get();
    }

    void forget() {
        requests.clear();
        count.set(0);
    }

    AwsSettings settings(String... more) {
        Map<String, String> values = new java.util.HashMap<>(Map.of(
                "aws.region",
                "eu-west-1",
                "aws.endpoint",
                "http://127.0.0.1:" + server.getAddress().getPort(),
                "aws.timeout",
                "60s",
                "aws.retries",
                "0"));
        for (int i = 0; i < more.length; i += 2) {
            values.put(more[i], more[i + 1]);
        }
        return AwsSettings.of(Configuration.of(values));
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
