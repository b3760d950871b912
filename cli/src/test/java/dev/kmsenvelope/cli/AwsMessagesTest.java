package dev.kmsenvelope.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.kmsenvelope.testing.kms.SdkClients;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.kms.KmsClient;
import software.amazon.awssdk.services.kms.model.DecryptResponse;

/** Files under keys of AWS KMS: several recipients in two Regions, discovery, and what is done after a rotation. */
class AwsMessagesTest {

    private static final String ALIAS = "alias/orders";
    private static final String FAR = "us:alias/far";
    private static final byte[] TEXT = "quarterly figures".getBytes(StandardCharsets.UTF_8);

    @TempDir
    private Path directory;

    private AwsCli cli;
    private String arn;
    private String farArn;

    @BeforeEach
    void start() throws IOException {
        cli = new AwsCli(directory);
        arn = cli.create(ALIAS);
        farArn = cli.createFar("alias/far");
        cli.log().clear();
    }

    @AfterEach
    void close() {
        cli.close();
    }

    private JsonObject reencrypt(String... options) {
        String[] all = new String[options.length + 2];
        all[0] = "reencrypt";
        System.arraycopy(options, 0, all, 1, options.length);
        all[options.length + 1] = cli.file("").toString();
        return cli.json(all).getAsJsonObject();
    }

    private static void assertCounts(JsonObject summary, int moved, int current) {
        assertThat(summary.get("moved").getAsInt()).as(summary.toString()).isEqualTo(moved);
        assertThat(summary.get("current").getAsInt()).as(summary.toString()).isEqualTo(current);
        assertThat(summary.get("failed").getAsInt()).as(summary.toString()).isZero();
    }

    @Test
    @DisplayName(
            "A recipient of a further service: each key alone opens, by its Region; --key is as strict as a handle")
    void recipients() throws Exception {
        Path message = cli.message("m", TEXT, "--key", ALIAS, "--recipient", FAR);
        assertThat(cli.operations()).containsOnlyOnce("GenerateDataKey").containsOnlyOnce("Encrypt");
        for (String key : new String[] {ALIAS, arn, FAR, "us:" + farArn}) {
            assertThat(cli.open(message, "--key", key)).as(key).isEqualTo(TEXT);
        }
        assertThat(cli.open(message)).isEqualTo(TEXT);
        assertThat(cli.open(message, "--config", cli.farSettings().toString())).isEqualTo(TEXT);
        assertThat(cli.run("inspect", message.toString()).ok().text()).contains(arn, farArn);
        Path alone = cli.message("alone", TEXT, "--key", ALIAS);
        cli.log().clear();
        cli.run("decrypt", "--key", FAR, alone.toString(), "-o", "-").failed(ExitCode.MESSAGE);
        assertThat(cli.operations()).doesNotContain("Decrypt");
        cli.run(TEXT, "encrypt", "--key", ALIAS, "--recipient", "su:alias/far").failed(ExitCode.USAGE, "su:alias/far");
    }

    @Test
    @DisplayName("RULES 19: with one Region's key disabled the other one opens; with both, it is the service's failure")
    void outage() throws Exception {
        cli.configure("key." + ALIAS + ".recipients = " + FAR);
        Path message = cli.message("m", TEXT, "--key", ALIAS);
        cli.run("key", "disable", ALIAS).ok();
        assertThat(cli.open(message, "--key", ALIAS)).isEqualTo(TEXT);
        cli.run("key", "disable", "alias/far", "--config", cli.farSettings().toString())
                .ok();
        cli.run("decrypt", "--key", ALIAS, message.toString(), "-o", "-").failed(ExitCode.KEY_SERVICE, "disabled");
    }

    @Test
    @DisplayName("RULES 14: a key that is not listed opens with its account only, or by its name")
    void discovery() throws Exception {
        Path message = cli.message("m", TEXT, "--key", "us:alias/far");
        Path near = Files.writeString(
                directory.resolve("near.properties"),
                "backend = aws\naws.region = " + AwsCli.REGION + "\naws.endpoint = "
                        + cli.server().endpoint() + "\n");
        String[] config = {"--config", near.toString()};
        cli.log().clear();
        cli.run("decrypt", message.toString(), "-o", "-", config[0], config[1])
                .failed(ExitCode.MESSAGE, "--discover", farArn);
        cli.run("decrypt", "--discover", "444455556666", message.toString(), "-o", "-", config[0], config[1])
                .failed(ExitCode.MESSAGE, "--discover");
        cli.run(
                        "decrypt",
                        "--discover",
                        AwsCli.ACCOUNT,
                        "--discover-partition",
                        "aws-cn",
                        message.toString(),
                        "-o",
                        "-",
                        config[0],
                        config[1])
                .failed(ExitCode.MESSAGE);
        assertThat(cli.operations()).doesNotContain("Decrypt");
        assertThat(cli.open(message, "--discover", AwsCli.ACCOUNT, config[0], config[1]))
                .isEqualTo(TEXT);
        assertThat(cli.open(message, "--key", farArn, config[0], config[1])).isEqualTo(TEXT);
    }

    @Test
    @DisplayName("After RotateKeyOnDemand, reencrypt moves what depends on the old material and skips what is current")
    void rotation() throws Exception {
        Path one = cli.message("one", TEXT, "--key", ALIAS, "--context", "tenant=a");
        cli.message("two", TEXT, "--key", ALIAS);
        cli.run("key", "rotate", ALIAS).ok();
        byte[] current = Files.readAllBytes(cli.message("three", TEXT, "--key", ALIAS));
        byte[] before = Files.readAllBytes(one);
        assertThat(dependencies("--ask")).hasSize(2);
        assertThat(onlyKeyOf(false)).isEqualTo(2);
        assertThat(onlyKeyOf(true)).isEqualTo(1);

        assertCounts(reencrypt("--dry-run"), 2, 1);
        assertThat(Files.readAllBytes(one)).isEqualTo(before);
        cli.log().clear();
        assertCounts(reencrypt(), 2, 1);
        assertThat(cli.log().count("GenerateDataKey")).isEqualTo(2);
        assertThat(Files.readAllBytes(cli.file("three"))).isEqualTo(current);
        assertThat(cli.open(one, "--key", ALIAS, "--context", "tenant=a")).isEqualTo(TEXT);
        assertThat(dependencies("--ask")).hasSize(1);
        assertThat(onlyKeyOf(true)).isEqualTo(3);
        assertCounts(reencrypt(), 0, 3);
        cli.run("key", "rotate", ALIAS).ok();
        assertCounts(reencrypt(), 3, 0);
    }

    private JsonArray dependencies(String... options) {
        String[] all = new String[options.length + 2];
        all[0] = "dependencies";
        System.arraycopy(options, 0, all, 1, options.length);
        all[options.length + 1] = cli.file("").toString();
        return cli.json(all).getAsJsonObject().getAsJsonArray("dependencies");
    }

    private int onlyKeyOf(boolean newest) {
        return dependencies("--ask").asList().stream()
                .map(row -> row.getAsJsonObject())
                .filter(row -> row.get("newest").getAsBoolean() == newest)
                .mapToInt(row -> row.get("onlyKeyOf").getAsInt())
                .sum();
    }

    @Test
    @DisplayName("dependencies reads headers only, unless it may ask; the versions of AWS KMS are unknown then")
    void report() throws Exception {
        cli.message("one", TEXT, "--key", ALIAS, "--recipient", FAR);
        cli.message("two", TEXT, "--key", ALIAS);
        cli.log().clear();
        JsonArray rows = dependencies();
        assertThat(cli.operations()).doesNotContain("Decrypt").contains("DescribeKey");
        assertThat(rows).hasSize(2);
        JsonObject near = row(rows, arn);
        assertThat(near.get("onlyKeyOf").getAsInt()).isEqualTo(1);
        assertThat(near.get("oneOfSeveralKeysOf").getAsInt()).isEqualTo(1);
        assertThat(near.get("version").getAsString()).isEqualTo("unknown");
        assertThat(row(rows, farArn).get("oneOfSeveralKeysOf").getAsInt()).isEqualTo(1);
        cli.run("key", "disable", ALIAS).ok();
        assertThat(cli.run("dependencies", cli.file("").toString()).ok().err()).contains(arn);
    }

    private static JsonObject row(JsonArray rows, String key) {
        return rows.asList().stream()
                .map(row -> row.getAsJsonObject())
                .filter(row -> row.get("key").getAsString().equals(key))
                .findFirst()
                .orElseThrow(() -> new AssertionError(key + " is not in " + rows));
    }

    @Test
    @DisplayName("Moving to a key of another service, and to the recipients that are configured for it")
    void anotherService() throws Exception {
        Path message = cli.message("m", TEXT, "--key", ALIAS);
        assertCounts(reencrypt("--from", ALIAS, "--key", FAR), 1, 0);
        cli.run("decrypt", "--key", ALIAS, message.toString(), "-o", "-").failed(ExitCode.MESSAGE);
        assertThat(cli.open(message, "--key", FAR)).isEqualTo(TEXT);
        cli.configure("key." + ALIAS + ".recipients = " + FAR);
        assertCounts(reencrypt("--key", ALIAS), 1, 0);
        assertThat(cli.open(message, "--key", ALIAS)).isEqualTo(TEXT);
        assertThat(cli.open(message, "--config", cli.farSettings().toString())).isEqualTo(TEXT);
        assertCounts(reencrypt("--key", ALIAS), 0, 1);
        cli.configure();
        cli.run("reencrypt", "--key", ALIAS, cli.file("m").toString()).failedOf(ExitCode.MESSAGE, "1 more key");
        cli.run("key", "rotate", "alias/far", "--config", cli.farSettings().toString())
                .ok();
        cli.configure("key." + ALIAS + ".recipients = " + FAR);
        assertCounts(reencrypt("--key", ALIAS), 1, 0);
    }

    @Test
    @DisplayName("An alias that was pointed elsewhere: decrypt-keys keeps old messages readable, and they can be moved")
    void repointed() throws Exception {
        Path message = cli.message("m", TEXT, "--key", ALIAS);
        String next = cli.create();
        cli.run("key", "alias", "--update", ALIAS, next).ok();
        cli.run("decrypt", "--key", ALIAS, message.toString(), "-o", "-").failed(ExitCode.MESSAGE);
        cli.configure("key." + ALIAS + ".decrypt-keys = " + arn);
        assertThat(cli.open(message, "--key", ALIAS)).isEqualTo(TEXT);
        assertCounts(reencrypt("--key", ALIAS), 1, 0);
        cli.configure();
        assertThat(cli.open(message, "--key", ALIAS)).isEqualTo(TEXT);
    }

    @Test
    @DisplayName("rewrap: one ReEncrypt, no Decrypt; another key and context; not across services")
    void rewrap() throws Exception {
        String next = cli.create("alias/next");
        Path file = cli.file("key");
        try (KmsClient client = SdkClients.client(cli.server(), "AKIDOTHER", AwsCli.REGION)) {
            Files.write(
                    file,
                    client.encrypt(request -> request.keyId(ALIAS).plaintext(SdkBytes.fromByteArray(TEXT)))
                            .ciphertextBlob()
                            .asByteArray());
            String old = open(client, file).keyMaterialId();
            cli.run("key", "rotate", ALIAS).ok();
            cli.log().clear();
            cli.run("rewrap", "--key", ALIAS, file.toString()).ok();
            assertThat(cli.operations()).containsOnlyOnce("ReEncrypt").doesNotContain("Decrypt", "Encrypt");
            assertThat(open(client, file).keyMaterialId()).isNotEqualTo(old);
            cli.run("rewrap", "--key", ALIAS, "--to", "alias/next", "--to-context", "tenant=b", file.toString())
                    .ok();
            DecryptResponse moved = client.decrypt(
                    request -> request.ciphertextBlob(bytes(file)).encryptionContext(java.util.Map.of("tenant", "b")));
            assertThat(moved.keyId()).isEqualTo(next);
            assertThat(moved.plaintext().asByteArray()).isEqualTo(TEXT);
        }
        byte[] before = Files.readAllBytes(file);
        cli.run("rewrap", "--key", ALIAS, file.toString()).failed(ExitCode.MESSAGE, "cannot be unwrapped");
        assertThat(cli.run("rewrap", "--key", "alias/next", "--context", "tenant=b", "--to", FAR, file.toString())
                        .code())
                .isNotZero();
        assertThat(Files.readAllBytes(file)).isEqualTo(before);
    }

    private static SdkBytes bytes(Path file) {
        try {
            return SdkBytes.fromByteArray(Files.readAllBytes(file));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static DecryptResponse open(KmsClient client, Path file) {
        return client.decrypt(request -> request.ciphertextBlob(bytes(file)));
    }
}
