package dev.kmsenvelope.registration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.kmsenvelope.registration.ChildJvm.Result;
import dev.kmsenvelope.registration.programs.RoundTrip;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The AWS backend in a JVM of its own: out of the one jar, and out of the thin jars on the module path. */
class AwsIT {

    private static final String NAME = "KmsEnvelope";
    private static final String ARN = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    private static final String PLAINTEXT = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    private static final int RUNS = 20;

    @TempDir
    private Path directory;

    private final List<String> operations = new CopyOnWriteArrayList<>();
    private HttpServer server;
    private Path security;

    /** As much of AWS KMS as one key needs that has the same data key for everybody. */
    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
        Path configuration = Files.writeString(
                directory.resolve("aws.properties"),
                "backend = aws\naws.region = eu-west-1\naws.endpoint = http://127.0.0.1:"
                        + server.getAddress().getPort() + "\naws.timeout = 60s\n");
        security = SecurityProperties.last(directory.resolve("file.security"), NAME + " " + configuration);
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private void answer(HttpExchange exchange) throws IOException {
        String operation = exchange.getRequestHeaders().getFirst("X-Amz-Target").replaceFirst(".*\\.", "");
        operations.add(operation);
        exchange.getRequestBody().readAllBytes();
        String body = switch (operation) {
            case "DescribeKey" ->
                "{\"KeyMetadata\":{\"Arn\":\"" + ARN + "\",\"KeySpec\":\"SYMMETRIC_DEFAULT\","
                        + "\"KeyUsage\":\"ENCRYPT_DECRYPT\",\"KeyState\":\"Enabled\",\"CreationDate\":1700000000}}";
            case "ListAliases" -> "{\"Aliases\":[{\"AliasName\":\"alias/demo\"}],\"Truncated\":false}";
            default ->
                "{\"KeyId\":\"" + ARN + "\",\"CiphertextBlob\":\"AQIDBA==\",\"Plaintext\":\"" + PLAINTEXT + "\"}";
        };
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(200, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    private ChildJvm jvm(ChildJvm child) {
        return child.properties(security)
                .with("-Daws.accessKeyId=test", "-Daws.secretAccessKey=test", "-Dslf4j.internal.verbosity=ERROR");
    }

    @Test
    void outOfTheOneJar() throws Exception {
        assertRoundTrip(jvm(ChildJvm.java()).with(RoundTrip.class.getName()).run("alias/demo"));
    }

    @Test
    void onTheModulePath() throws Exception {
        ChildJvm modules = ChildJvm.bare()
                .with("--module-path", ThinJars.modulePath(), "--add-modules", "dev.kmsenvelope.keystore")
                .with("-cp", ChildJvm.PROGRAMS.toString());
        assertRoundTrip(jvm(modules).with(RoundTrip.class.getName()).run("alias/demo"));
    }

    private void assertRoundTrip(Result result) {
        Map<String, String> values = result.succeeded().values();
        assertThat(values)
                .as(result.toString())
                .contains(entry("handle.provider", NAME), entry("handle.opened", "attack at dawn"));
        assertThat(operations).contains("DescribeKey", "GenerateDataKey", "Decrypt");
    }

    /** Nothing of the SDK is loaded by opening the KeyStore, and nothing is asked. */
    @Test
    void openingLoadsNothingOfTheSdk() throws Exception {
        Path log = directory.resolve("classes.log");
        Result result = jvm(ChildJvm.java())
                .with("-Xlog:class+load:file=" + log, "-Dno.key=true", RoundTrip.class.getName())
                .run()
                .succeeded();

        assertThat(result.values()).contains(entry("loaded", "KMS"));
        assertThat(operations).isEmpty();
        assertThat(Files.readString(log))
                .contains("dev.kmsenvelope.aws.AwsKeyService")
                .doesNotContain("software.amazon.awssdk", "org.slf4j", "com.github.benmanes.caffeine.cache.Caffeine ");
    }

    @Test
    void medians() throws Exception {
        assumeTrue(
                Boolean.getBoolean("kmsenvelope.test.startup"),
                "a measurement, not a test; run it with -Dkmsenvelope.test.startup=true");
        Path home = LocalKeys.create(directory.resolve("home"), "alias/demo");
        Path local = SecurityProperties.last(directory.resolve("local.security"), NAME);
        List<Long> aws = new ArrayList<>();
        List<Long> embedded = new ArrayList<>();
        for (int i = 0; i < RUNS; i++) {
            aws.add(milliseconds(jvm(ChildJvm.java()).with(RoundTrip.class.getName(), "alias/demo")));
            embedded.add(milliseconds(
                    ChildJvm.java().properties(local).home(home).with(RoundTrip.class.getName(), "alias/demo")));
        }
        System.out.printf(
                "start-up on %s, a round trip in a fresh JVM, median of %d runs (fastest): aws %d ms (%d), local %d ms (%d);"
                        + " jar %d bytes%n",
                System.getProperty("java.version"),
                RUNS,
                median(aws),
                aws.get(0),
                median(embedded),
                embedded.get(0),
                Files.size(ChildJvm.JAR));
    }

    private static long milliseconds(ChildJvm child) throws IOException, InterruptedException {
        long start = System.nanoTime();
        child.run().succeeded();
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
    }

    private static long median(List<Long> values) {
        Collections.sort(values);
        return (values.get(values.size() / 2 - 1) + values.get(values.size() / 2)) / 2;
    }
}
