package dev.kmsenvelope.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.interfaces.ECPublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeyCommandsTest {

    private static final byte[] PLAINTEXT = {1, 2, 3};

    @TempDir
    private Path directory;

    private Cli cli;

    @BeforeEach
    void makeCli() throws IOException {
        cli = new Cli(directory);
    }

    private JsonObject describe(String key) {
        return JsonParser.parseString(
                        cli.run("key", "describe", "--json", key).ok().text())
                .getAsJsonObject();
    }

    private String state(String key) {
        return describe(key).get("state").getAsString();
    }

    @Test
    void withoutKeysTheListSaysHowToCreateOne() {
        Cli.Result text = cli.run("key", "list").ok();
        assertThat(text.out()).isEmpty();
        assertThat(text.err()).contains("kms-envelope key create alias/");
        assertThat(cli.run("key", "list", "--json").ok().text().strip()).isEqualTo("[]");
    }

    @Test
    void aKeyLives() throws IOException {
        String id = cli.run("key", "create", Cli.KEY).ok().text().strip();
        cli.run("key", "create", Cli.KEY).failed(4, Cli.KEY + " exists already", "key alias --update " + Cli.KEY);
        JsonObject created = describe(Cli.KEY);
        assertThat(created.get("id").getAsString()).isEqualTo(id);
        assertThat(created.getAsJsonArray("versions")).hasSize(1);
        assertThat(cli.run("key", "list").ok().text()).contains(id, "ENABLED", Cli.KEY);
        assertThat(cli.run("key", "describe", id).ok().text()).contains(id, "ENABLED", Cli.KEY, "Version 1");

        assertThat(cli.run("key", "rotate", Cli.KEY).ok().err()).contains("version 2");
        assertThat(describe(id).getAsJsonArray("versions")).hasSize(2);

        cli.run("key", "disable", Cli.KEY).ok();
        assertThat(state(id)).isEqualTo("DISABLED");
        cli.run("key", "rotate", Cli.KEY).failed(4, "disabled");
        cli.run("key", "enable", Cli.KEY).ok();
        assertThat(state(id)).isEqualTo("ENABLED");

        cli.run("key", "delete", "--cancel", Cli.KEY).failed(4, Cli.KEY + " is not scheduled for deletion");
        cli.run("key", "delete", "--cancel", "alias/absent").failed(4, "alias/absent");
        assertThat(state(id)).isEqualTo("ENABLED");
        cli.run("key", "delete", Cli.KEY).failed(2, "--days");
        cli.run("key", "delete", "--days", "6", Cli.KEY).failed(2, "7 to 30");
        cli.run("key", "delete", "--days", "31", Cli.KEY).failed(2, "7 to 30");
        cli.run("key", "delete", "--days", "7", "--cancel", Cli.KEY).failed(2);
        Instant deletion = Instant.parse(
                cli.run("key", "delete", "--days", "7", Cli.KEY).ok().text().strip());
        assertThat(deletion)
                .isBetween(Instant.now().plus(Duration.ofDays(6)), Instant.now().plus(Duration.ofDays(7)));
        assertThat(state(id)).isEqualTo("PENDING_DELETION");
        cli.run(PLAINTEXT, "encrypt", "--key", Cli.KEY).failed(4, "delet");
        cli.run("key", "enable", Cli.KEY).failed(4);
        cli.run("key", "delete", "--cancel", Cli.KEY).ok();
        assertThat(state(id)).isEqualTo("DISABLED");
    }

    @Test
    void aliasesMove() {
        String first = cli.run("key", "create", Cli.KEY).ok().text().strip();
        String second = cli.run("key", "create").ok().text().strip();
        cli.run("key", "alias", "alias/second", second).ok();
        cli.run("key", "alias", "alias/second", first).failed(4, "--update alias/second");
        cli.run("key", "alias", "--update", "alias/second", first).ok();
        assertThat(describe("alias/second").get("id").getAsString()).isEqualTo(first);
        JsonArray aliases = describe(first).getAsJsonArray("aliases");
        assertThat(aliases).hasSize(2);
        cli.run("key", "alias", "--delete", "alias/second").ok();
        cli.run("key", "describe", "alias/second").failed(4, "alias/second");
        cli.run("key", "alias", "--update", "alias/third", first).failed(4, "alias/third");
        cli.run("key", "alias", "alias/third").failed(2, "name the key");
        cli.run("key", "alias", "--delete", "alias/third", first).failed(2, "alone");
        cli.run("key", "alias", "third", first).failed(2, "alias/third");
    }

    @Test
    void keysOfEveryKindAreMadeShownAndGiveTheirPublicHalf() throws Exception {
        String id = cli.run("key", "create", "--spec", "ECC_NIST_P256", "--usage", "KEY_AGREEMENT", "alias/ecdh")
                .ok()
                .text()
                .strip();
        assertThat(describe("alias/ecdh").get("usage").getAsString()).isEqualTo("KEY_AGREEMENT");
        assertThat(describe("alias/ecdh").has("rotation")).isFalse();
        cli.run("key", "create", "--spec", "ED25519").failed(2, "--spec");
        cli.run("key", "create", "--spec", "OTHER").failed(2, "OTHER");
        cli.run("key", "create", "--spec", "HMAC_256", "--usage", "SIGN_VERIFY")
                .failed(2, "a key of kind HMAC_256 is for GENERATE_VERIFY_MAC, not for SIGN_VERIFY");
        cli.run("key", "create", "--spec", "ML_DSA_44", "alias/ecdh").failed(4, "exists already");
        cli.withKey();
        assertThat(cli.run("key", "list").ok().text().lines().toList().get(1))
                .matches(id + "  ECC_NIST_P256      KEY_AGREEMENT    ENABLED  .* 1        alias/ecdh");
        assertThat(cli.run("key", "describe", id).ok().text()).contains("Kind        ECC_NIST_P256", "KEY_AGREEMENT");

        String pem = cli.run("key", "public-key", "alias/ecdh").ok().text();
        assertThat(pem).startsWith("-----BEGIN PUBLIC KEY-----\n").endsWith("\n-----END PUBLIC KEY-----\n");
        byte[] der = Base64.getMimeDecoder().decode(pem.replaceAll("-----[A-Z ]+-----", ""));
        assertThat(KeyFactory.getInstance("EC").generatePublic(new X509EncodedKeySpec(der)))
                .isInstanceOf(ECPublicKey.class);
        String file = cli.file("public.pem").toString();
        cli.run("key", "public-key", "alias/ecdh", "-o", file).ok();
        assertThat(cli.read("public.pem")).asString(StandardCharsets.US_ASCII).isEqualTo(pem);
        cli.run("key", "public-key", "alias/ecdh", "-o", file).failed(5, "exists already");
        cli.run("key", "public-key", Cli.KEY).failed(4, Cli.KEY, "no public key");
        cli.run(PLAINTEXT, "encrypt", "--key", "alias/ecdh").failed(4, "alias/ecdh", "ECC_NIST_P256");
        cli.run("key", "rotate", "alias/ecdh").failed(4, "alias/ecdh", "not rotated");
    }

    @Test
    void rotationIsControlled() {
        cli.withKey();
        assertThat(cli.run("key", "rotation", Cli.KEY).ok().text().strip()).isEqualTo("Rotation    not by age");
        Instant due = Instant.parse(describe(Cli.KEY).get("created").getAsString())
                .plus(Duration.ofDays(365))
                .truncatedTo(ChronoUnit.SECONDS);
        assertThat(cli.run("key", "rotation", Cli.KEY, "--every", "365d")
                        .ok()
                        .text()
                        .strip())
                .isEqualTo("Rotation    every 365 days, due " + due);
        assertThat(cli.run("key", "describe", Cli.KEY).ok().text()).contains("every 365 days, due " + due);
        assertThat(describe(Cli.KEY)
                        .getAsJsonObject("rotation")
                        .get("periodDays")
                        .getAsInt())
                .isEqualTo(365);
        cli.run("key", "rotate", Cli.KEY).ok();
        assertThat(cli.run("key", "rotation", Cli.KEY, "--every", "90").ok().text())
                .contains("every 90 days")
                .containsPattern("Rotated     [0-9TZ:-]+, on demand");
        for (String wrong : new String[] {"89d", "2561d", "0", "-1", "1y", "9999999", ""}) {
            cli.run("key", "rotation", Cli.KEY, "--every=" + wrong).failed(2, "90d to 2560d");
        }
        cli.run("key", "rotation", Cli.KEY, "--every", "90d", "--off").failed(2);
        JsonObject off = JsonParser.parseString(cli.run("key", "rotation", "--off", "--json", Cli.KEY)
                        .ok()
                        .text())
                .getAsJsonObject();
        assertThat(off.get("periodDays").getAsInt()).isZero();
        assertThat(off.has("next")).isFalse();
        assertThat(off.getAsJsonArray("history")
                        .get(0)
                        .getAsJsonObject()
                        .get("cause")
                        .getAsString())
                .isEqualTo("ON_DEMAND");
        cli.run("key", "rotation", "alias/absent").failed(4, "alias/absent");
        cli.run("key", "create", "--spec", "HMAC_256", "alias/mac").ok();
        cli.run("key", "rotation", "alias/mac", "--every", "365d").failed(4, "alias/mac", "HMAC_256");
    }

    @Test
    void aBackupBringsKeysBack() throws IOException {
        cli.withKey();
        byte[] message = cli.run(PLAINTEXT, "encrypt", "--key", Cli.KEY).ok().out();
        String passphrase = passphraseFile("passphrase", "correct horse battery staple");
        String backup = cli.file("backup").toString();
        cli.run("key", "backup", backup, "--new-passphrase-file", passphrase).ok();
        cli.run("key", "backup", backup, "--new-passphrase-file", passphrase).failed(5, "exists already");
        cli.run("key", "backup", cli.file("other").toString()).failed(2, "--new-passphrase-file");
        cli.run("key", "restore", backup, "--backup-passphrase-file", passphrase)
                .failed(4, "exists", "--replace");
        cli.run("key", "restore", backup + ".absent", "--backup-passphrase-file", passphrase)
                .failed(5, "no such file");

        cli.run("key", "restore", "--replace", backup, "--backup-passphrase-file", passphraseFile("wrong", "not this"))
                .failed(4);
        cli.run("key", "rotate", Cli.KEY).ok();
        cli.run("key", "restore", "--replace", backup, "--backup-passphrase-file", passphrase)
                .ok();
        assertThat(cli.run(message, "decrypt").ok().out()).isEqualTo(PLAINTEXT);
    }

    @Test
    void thePassphraseChanges() throws IOException {
        cli.withKey();
        byte[] message = cli.run(PLAINTEXT, "encrypt", "--key", Cli.KEY).ok().out();
        String passphrase = passphraseFile("passphrase", "correct horse battery staple");
        cli.run("key", "passphrase").failed(2, "--new-passphrase-file");
        cli.run("key", "passphrase", "--new-passphrase-file", passphrase).ok();
        cli.run(message, "decrypt").failed(4);
        cli.configure("local.passphrase-file = " + passphrase);
        assertThat(cli.run(message, "decrypt").ok().out()).isEqualTo(PLAINTEXT);
        cli.run("key", "passphrase", "--generated").ok();
        cli.configure();
        assertThat(cli.run(message, "decrypt").ok().out()).isEqualTo(PLAINTEXT);
    }

    private String passphraseFile(String name, String passphrase) throws IOException {
        Path file = Files.write(directory.resolve(name), List.of(passphrase));
        Files.setPosixFilePermissions(file, java.nio.file.attribute.PosixFilePermissions.fromString("rw-------"));
        return file.toString();
    }
}
