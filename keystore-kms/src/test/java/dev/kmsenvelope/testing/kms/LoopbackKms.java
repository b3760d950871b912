package dev.kmsenvelope.testing.kms;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;

/**
 * A server on the loopback interface that speaks AWS KMS's JSON protocol and answers as AWS documents, with one account, any
 * Region, real cryptography, and keys in memory. See docs/TESTING.md. Thread-safe.
 */
public final class LoopbackKms implements AutoCloseable {

    private static final String TARGET = "TrentService.";
    private static final String CONTENT_TYPE = "application/x-amz-json-1.1";

    static {
        // Otherwise each answer on a kept connection waits 40 ms for the acknowledgement of its header.
        System.setProperty("sun.net.httpserver.nodelay", "true");
    }

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "loopback-kms");
        thread.setDaemon(true);
        return thread;
    });
    private final Faults faults = new Faults();
    private final AccessRules access = new AccessRules();
    private final RequestLog log = new RequestLog();
    private final Object oneAtATime = new Object();
    private final Map<String, Function<Call, JsonObject>> commands = new HashMap<>();
    private final ServerState state = new ServerState(access);
    private volatile Duration shift = Duration.ZERO;
    private Duration passed = Duration.ZERO;
    private Instant last = Instant.EPOCH;

    /** Starts a server on a free port. */
    public LoopbackKms() {
        this(0);
    }

    private LoopbackKms(int port) {
        commands.putAll(new KeyCommands(state).all());
        commands.putAll(new AliasCommands(state).all());
        commands.putAll(new RotationCommands(state).all());
        commands.putAll(new GrantCommands(state).all());
        commands.putAll(new DataKeyCommands(state).all());
        commands.putAll(new EncryptionCommands(state).all());
        commands.putAll(new SigningCommands(state).all());
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.createContext("/", this::handle);
        server.setExecutor(threads);
        server.start();
    }

    /**
     * Runs a server until it is stopped, and prints its endpoint.
     *
     * @param arguments the port to listen on, or nothing for a free one
     */
    public static void main(String... arguments) {
        LoopbackKms server = new LoopbackKms(arguments.length == 0 ? 0 : Integer.parseInt(arguments[0]));
        System.out.println(server.endpoint());
    }

    /** Where it listens. */
    public URI endpoint() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    /** What is to go wrong. */
    public Faults faults() {
        return faults;
    }

    /** Who may do what. */
    public AccessRules access() {
        return access;
    }

    /** What was asked. */
    public RequestLog log() {
        return log;
    }

    /** Lets time pass for keys, aliases and grants: rotations by age and deletions happen with the next request. */
    public void passTime(Duration time) {
        synchronized (oneAtATime) {
            passed = passed.plus(time);
        }
    }

    /**
     * Sets the clock that the dates of signatures are checked against: so much ahead of the caller's, or behind if negative.
     * The Date header of answers stays right, because the JDK writes it; so clients cannot correct themselves by it.
     */
    public void shiftClock(Duration ahead) {
        shift = ahead;
    }

    /** Closes all connections. */
    @Override
    public void close() {
        server.stop(0);
        faults.clear();
        threads.shutdownNow();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body = exchange.getRequestBody().readAllBytes();
            String requestId = UUID.randomUUID().toString();
            exchange.getResponseHeaders().set("x-amzn-RequestId", requestId);
            String target = Optional.ofNullable(exchange.getRequestHeaders().getFirst("X-Amz-Target"))
                    .orElse("");
            String operation = target.startsWith(TARGET) ? target.substring(TARGET.length()) : target;
            Optional<JsonObject> members = parse(body);
            log.add(operation, members.flatMap(LoopbackKms::keyId), exchange.getRequestHeaders(), requestId);
            faults.waitWhileHeld();
            Answer answer;
            Optional<Fault> fault = faults.next(operation);
            try {
                answer = fault.isPresent() && !fault.get().changesAnswer()
                        ? Answer.of(fault.get(), faults)
                        : new Answer(200, run(exchange, operation, members).toString());
            } catch (KmsError e) {
                answer = Answer.of(e);
            }
            if (fault.isPresent() && fault.get().changesAnswer()) {
                answer = answer.changed(fault.get());
            }
            send(exchange, answer);
        }
    }

    private static Optional<JsonObject> parse(byte[] body) {
        try {
            JsonElement json = JsonParser.parseString(new String(body, StandardCharsets.UTF_8));
            return json.isJsonObject() ? Optional.of(json.getAsJsonObject()) : Optional.empty();
        } catch (JsonParseException e) {
            return Optional.empty();
        }
    }

    private static Optional<String> keyId(JsonObject members) {
        JsonElement key = members.get("KeyId");
        return key != null && key.isJsonPrimitive() ? Optional.of(key.getAsString()) : Optional.empty();
    }

    private JsonObject run(HttpExchange exchange, String operation, Optional<JsonObject> members) {
        Function<Call, JsonObject> command = commands.get(operation);
        if (!exchange.getRequestMethod().equals("POST")
                || !exchange.getRequestURI().getPath().equals("/")
                || !CONTENT_TYPE.equals(exchange.getRequestHeaders().getFirst("Content-Type"))
                || command == null) {
            throw KmsError.of("UnknownOperationException", null);
        }
        synchronized (oneAtATime) {
            Instant now = now();
            Caller caller =
                    Caller.of(exchange.getRequestHeaders(), Instant.now().plus(shift));
            access.authenticate(caller);
            state.advance(now);
            return command.apply(new Call(
                    operation,
                    caller,
                    now,
                    members.orElseThrow(() -> KmsError.of("SerializationException", "The body is no JSON object."))));
        }
    }

    /** The time of a request: to the millisecond, as the protocol has it, and never the same twice. */
    private Instant now() {
        Instant now = Instant.now().plus(passed).truncatedTo(ChronoUnit.MILLIS);
        last = now.isAfter(last) ? now : last.plusMillis(1);
        return last;
    }

    private void send(HttpExchange exchange, Answer answer) throws IOException {
        if (answer.status() == Answer.NONE) {
            return; // Closing the exchange closes the connection.
        }
        exchange.getResponseHeaders().set("Content-Type", answer.isJson() ? CONTENT_TYPE : "text/html");
        if (!answer.isJson()) {
            exchange.getResponseHeaders().remove("x-amzn-RequestId"); // Something between answers, not the service.
        }

        byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(answer.status(), body.length == 0 ? -1 : body.length);
        OutputStream out = exchange.getResponseBody();
        out.write(body, 0, answer.isCut() ? body.length / 2 : body.length);
        out.flush();
    }
}
