package dev.kmsenvelope.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The group "key" with keys of AWS KMS. */
class AwsKeyCommandsTest {

    private static final String ALIAS = "alias/orders";

    @TempDir
    private Path directory;

    private AwsCli cli;

    @BeforeEach
    void start() throws IOException {
        cli = new AwsCli(directory);
    }

    @AfterEach
    void close() {
        cli.close();
    }

    private JsonObject describe(String key) {
        return cli.json("key", "describe", key).getAsJsonObject();
    }

    private String state(String key) {
        return describe(key).get("state").getAsString();
    }

    @Test
    void aKeyLives() {
        assertThat(cli.run("key", "list").ok().err()).contains("kms-envelope key create alias/");
        String arn = cli.create(ALIAS);
        assertThat(arn).matches("arn:aws:kms:eu-central-1:111122223333:key/[0-9a-f-]{36}");
        cli.run("key", "create", ALIAS).failed(ExitCode.KEY_SERVICE, ALIAS + " exists already");
        JsonArray list = cli.json("key", "list").getAsJsonArray();
        assertThat(list)
                .as("the refused one left no key behind that is enabled")
                .anySatisfy(key -> assertThat(key.getAsJsonObject().get("id").getAsString())
                        .isEqualTo(arn));
        assertThat(list.asList().stream()
                        .filter(key ->
                                key.getAsJsonObject().get("state").getAsString().equals("ENABLED")))
                .hasSize(1);
        assertThat(cli.run("key", "list").ok().text()).contains(arn, "ENABLED", ALIAS);
        for (String name : new String[] {arn, arn.substring(arn.indexOf('/') + 1), arn.replaceAll("key/.*", ALIAS)}) {
            assertThat(describe(name).get("id").getAsString()).isEqualTo(arn);
        }

        cli.run("key", "disable", ALIAS).ok();
        assertThat(state(ALIAS)).isEqualTo("DISABLED");
        cli.run(new byte[3], "encrypt", "--key", ALIAS).failed(ExitCode.KEY_SERVICE, "disabled", ALIAS);
        cli.run("key", "rotate", ALIAS).failed(ExitCode.KEY_SERVICE, "DISABLED");
        cli.run("key", "enable", ALIAS).ok();
        assertThat(state(ALIAS)).isEqualTo("ENABLED");

        cli.run("key", "delete", "--cancel", ALIAS).failed(ExitCode.KEY_SERVICE, "not scheduled");
        Instant deletion = Instant.parse(
                cli.run("key", "delete", "--days", "7", ALIAS).ok().text().strip());
        assertThat(deletion)
                .isBetween(Instant.now().plus(Duration.ofDays(6)), Instant.now().plus(Duration.ofDays(8)));
        assertThat(state(ALIAS)).isEqualTo("PENDING_DELETION");
        cli.run("key", "enable", ALIAS).failed(ExitCode.KEY_SERVICE);
        cli.run("key", "delete", "--cancel", ALIAS).ok();
        assertThat(state(ALIAS)).isEqualTo("DISABLED");
        cli.run("key", "delete", "--days", "7", ALIAS).ok();
        cli.server().passTime(Duration.ofDays(8));
        cli.run("key", "describe", arn).failed(ExitCode.KEY_SERVICE, "there is no such key");
        cli.run("key", "describe", ALIAS).failed(ExitCode.KEY_SERVICE, ALIAS);
    }

    @Test
    void keysAreRotated() {
        cli.create(ALIAS);
        String first = version(ALIAS);
        Cli.Result rotated = cli.run("key", "rotate", ALIAS).ok();
        assertThat(version(ALIAS)).isNotEqualTo(first);
        assertThat(rotated.err()).contains("version " + version(ALIAS));
        assertThat(cli.run("key", "rotation", ALIAS).ok().text()).contains("not by age", "on demand");
        assertThat(cli.run("key", "rotation", "--every", "90d", ALIAS).ok().text())
                .contains("every 90 days, due ");
        cli.run("key", "rotation", "--every", "89d", ALIAS).failed(ExitCode.USAGE, "90d to 2560d");
        cli.server().passTime(Duration.ofDays(91));
        JsonObject status = cli.json("key", "rotation", ALIAS).getAsJsonObject();
        assertThat(status.getAsJsonArray("history").asList().stream()
                        .map(entry -> entry.getAsJsonObject().get("cause").getAsString()))
                .containsExactly("ON_DEMAND", "AGE");
        assertThat(describe(ALIAS).getAsJsonObject("rotation").get("periodDays").getAsInt())
                .isEqualTo(90);
        assertThat(cli.run("key", "rotation", "--off", ALIAS).ok().text()).contains("not by age");
        cli.create("--spec", "HMAC_256", "alias/mac");
        cli.run("key", "rotate", "alias/mac").failed(ExitCode.KEY_SERVICE, "HMAC_256", "SYMMETRIC_DEFAULT");
        cli.run("key", "rotation", "--every", "90d", "alias/mac").failed(ExitCode.KEY_SERVICE, "HMAC_256");
        assertThat(cli.run("key", "rotation", "alias/mac").ok().text()).contains("not by age");
    }

    private String version(String key) {
        return describe(key)
                .getAsJsonArray("versions")
                .get(0)
                .getAsJsonObject()
                .get("id")
                .getAsString();
    }

    @Test
    void aliasesMove() {
        String first = cli.create(ALIAS);
        String second = cli.create();
        cli.run("key", "alias", "alias/second", second).ok();
        cli.run("key", "alias", "alias/second", first).failed(ExitCode.KEY_SERVICE, "--update alias/second");
        cli.run("key", "alias", "--update", "alias/second", ALIAS).ok();
        assertThat(describe("alias/second").get("id").getAsString()).isEqualTo(first);
        assertThat(describe(first).getAsJsonArray("aliases")).hasSize(2);
        cli.run("key", "alias", "--delete", "alias/second").ok();
        cli.run("key", "describe", "alias/second").failed(ExitCode.KEY_SERVICE, "alias/second");
        cli.run("key", "alias", "--update", "alias/third", first).failed(ExitCode.KEY_SERVICE, "alias/third");
        cli.run("key", "alias", "alias/aws/mine", first).failed(ExitCode.USAGE, "alias/aws/");
        cli.run("key", "alias", "alias/with space", first).failed(ExitCode.USAGE);
    }

    @Test
    void keyPairsGiveTheirPublicHalf() throws Exception {
        cli.create("--spec", "RSA_2048", "--usage", "ENCRYPT_DECRYPT", "alias/rsa");
        assertThat(describe("alias/rsa").get("usage").getAsString()).isEqualTo("ENCRYPT_DECRYPT");
        String pem = cli.run("key", "public-key", "alias/rsa").ok().text();
        byte[] der = Base64.getMimeDecoder().decode(pem.replaceAll("-----[A-Z ]+-----", ""));
        RSAPublicKey key = (RSAPublicKey) KeyFactory.getInstance("RSA").generatePublic(new X509EncodedKeySpec(der));
        assertThat(key.getModulus().bitLength()).isEqualTo(2048);
        cli.create(ALIAS);
        cli.run("key", "public-key", ALIAS).failed(ExitCode.KEY_SERVICE, ALIAS);
        cli.run("key", "public-key", "alias/none").failed(ExitCode.KEY_SERVICE, "alias/none");
    }
}
