package dev.kmsenvelope.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.kmsenvelope.format.HeaderLimits;
import dev.kmsenvelope.format.MessageHeader;
import dev.kmsenvelope.format.RawAesKeyInfo;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command reencrypt: which messages it moves where, and what it says. Its files are the subject of another test. */
class ReencryptTest {

    private static final byte[] TEXT = "attack at dawn".getBytes(StandardCharsets.UTF_8);

    @TempDir
    private Path directory;

    private Cli cli;
    private String folder;

    @BeforeEach
    void makeKey() throws IOException {
        cli = new Cli(directory).withKey();
        folder = cli.file("a").getParent().toString();
    }

    private void rotate() {
        cli.run("key", "rotate", Cli.KEY).ok();
    }

    private JsonObject json(String... arguments) {
        return JsonParser.parseString(cli.run(arguments).text()).getAsJsonObject();
    }

    private static String keyName(byte[] message) throws Exception {
        MessageHeader header = MessageHeader.read(new ByteArrayInputStream(message), HeaderLimits.DEFAULT);
        return RawAesKeyInfo.parse(header.encryptedDataKeys().get(0).providerInfo())
                .keyName();
    }

    private byte[] decrypted(String name, String... options) {
        String[] arguments =
                Arrays.copyOf(new String[] {"decrypt", "-o", "-", cli.file(name).toString()}, 4 + options.length);
        System.arraycopy(options, 0, arguments, 4, options.length);
        return cli.run(arguments).ok().out();
    }

    @Test
    void aRotationIsFollowedOnce() throws Exception {
        byte[] random = new byte[100_000];
        new Random(1).nextBytes(random);
        cli.message("one", TEXT);
        cli.message("two", new byte[0]);
        cli.message("three", random);
        assertThat(keyName(cli.read("one"))).endsWith("/1");
        assertThat(cli.run("reencrypt", folder).ok().err())
                .isEqualTo("kms-envelope: moved 0 (0 bytes), 3 already current, 0 failed\n");
        byte[] before = cli.read("one");
        rotate();

        Cli.Result result = cli.run("reencrypt", folder).ok();

        assertThat(result.out()).isEmpty();
        assertThat(result.err()).contains("moved 3 (", ", 0 already current, 0 failed");
        assertThat(cli.read("one")).hasSameSizeAs(before).isNotEqualTo(before);
        for (String name : cli.listing()) {
            assertThat(keyName(cli.read(name))).endsWith("/2");
        }
        assertThat(decrypted("one")).isEqualTo(TEXT);
        assertThat(decrypted("two")).isEmpty();
        assertThat(decrypted("three")).isEqualTo(random);
        assertThat(cli.listing()).containsExactly("one", "three", "two");
        byte[] after = cli.read("one");
        assertThat(json("reencrypt", "--json", folder).get("current").getAsInt())
                .isEqualTo(3);
        assertThat(cli.read("one")).isEqualTo(after);
    }

    @Test
    void anotherKeyCanBeTheDestination() throws Exception {
        cli.run("key", "create", "alias/next").ok();
        cli.message("one", TEXT);
        String old = keyName(cli.read("one"));
        cli.run("reencrypt", "--key", "alias/next", folder).ok();
        assertThat(keyName(cli.read("one"))).endsWith("/1").isNotEqualTo(old);
        assertThat(decrypted("one", "--key", "alias/next")).isEqualTo(TEXT);
        cli.run("decrypt", "--key", Cli.KEY, "-o", "-", cli.file("one").toString())
                .failed(ExitCode.MESSAGE, "not for the key");
        assertThat(cli.run("reencrypt", "-k", "alias/next", folder).ok().err()).contains("1 already current");
    }

    @Test
    void messagesOfOtherKeysAreLeftAloneWhenTheKeyIsNamed() throws Exception {
        cli.run("key", "create", "alias/next").ok();
        cli.run("key", "create", "alias/tenant").ok();
        cli.message("one", TEXT);
        cli.run(TEXT, "encrypt", "--key", "alias/tenant", "-o", cli.file("two").toString())
                .ok();
        byte[] theirs = cli.read("two");
        JsonObject summary = json("reencrypt", "--from", Cli.KEY, "--key", "alias/next", "--json", folder);
        assertThat(summary.get("moved").getAsInt()).isEqualTo(1);
        assertThat(summary.get("otherKey").getAsInt()).isEqualTo(1);
        assertThat(cli.read("two")).isEqualTo(theirs);
    }

    @Test
    void aConfiguredAliasLeadsToTheKeyThatItPointsToNow() throws Exception {
        cli.message("one", TEXT, "--context", "tenant=a");
        String old = keyName(cli.read("one"));
        cli.run("key", "create", "alias/next").ok();
        String next = cli.run("key", "describe", "--json", "alias/next").ok().text();
        String id = JsonParser.parseString(next).getAsJsonObject().get("id").getAsString();
        cli.run("key", "alias", "--update", Cli.KEY, id).ok();

        assertThat(cli.run("reencrypt", folder).ok().err()).contains("1 already current");
        assertThat(keyName(cli.read("one"))).isEqualTo(old);

        cli.configure("key." + Cli.KEY + ".context.tenant = a");
        assertThat(cli.run("reencrypt", folder).ok().err()).contains("moved 1 (");
        assertThat(keyName(cli.read("one"))).isEqualTo(id + "/1");
        assertThat(decrypted("one", "--key", "alias/next", "--context", "tenant=a"))
                .isEqualTo(TEXT);
    }

    @Test
    void contextAndAssociatedDataStay() throws Exception {
        cli.message("one", TEXT, "--context", "tenant=a", "--aad", "x");
        rotate();
        byte[] before = cli.read("one");
        cli.run("reencrypt", folder).failedOf(ExitCode.MESSAGE, "one: ", "(AAD)", "1 failed");
        cli.run("reencrypt", "--aad", "y", folder).failedOf(ExitCode.MESSAGE, "(AAD)");
        cli.run("reencrypt", "--aad", "x", "--context", "tenant=b", folder)
                .failedOf(ExitCode.MESSAGE, "encryption context");
        assertThat(cli.read("one")).isEqualTo(before);
        assertThat(cli.listing()).containsExactly("one");

        cli.run("reencrypt", "--aad", "x", "--context", "tenant=a", folder).ok();
        assertThat(keyName(cli.read("one"))).endsWith("/2");
        assertThat(decrypted("one", "--aad", "x", "--context", "tenant=a")).isEqualTo(TEXT);
    }

    @Test
    void messagesOfVersion1AreMovedWhereTheyMayBeRead() throws Exception {
        cli.configure("esdk.commitment-policy = forbid-encrypt-allow-decrypt");
        byte[] old = Files.readAllBytes(cli.message("a", TEXT));
        assertThat(old).startsWith(1, 0x80, 0x01, 0x78);
        rotate();
        cli.configure();
        assertThat(cli.run("reencrypt", folder).err()).contains("esdk.commitment-policy");
        assertThat(cli.read("a")).isEqualTo(old);

        cli.configure("esdk.commitment-policy = require-encrypt-allow-decrypt");
        cli.run("reencrypt", folder).ok();

        assertThat(cli.read("a")).startsWith(2, 0x04, 0x78);
        assertThat(decrypted("a")).isEqualTo(TEXT);
    }

    @Test
    void wrongMessagesStayAsTheyAreAndDoNotStopTheOthers() throws Exception {
        byte[] message = Files.readAllBytes(cli.message("b", TEXT));
        rotate();
        byte[] truncated = Arrays.copyOf(message, message.length - 1);
        byte[] changed = message.clone();
        changed[message.length - 1] ^= 1;
        byte[] headerOnly = Arrays.copyOf(message, 50);
        byte[] version1 = Arrays.copyOf(new byte[] {1, (byte) 0x80, 0x01, 0x78}, 100);
        cli.write("a-truncated", truncated);
        cli.write("c-changed", changed);
        cli.write("d-header", headerOnly);
        cli.write("e-version-1", version1);

        Cli.Result result = cli.run("reencrypt", folder);

        assertThat(result.code()).isEqualTo(ExitCode.MESSAGE);
        assertThat(result.err().lines()).hasSize(5);
        assertThat(result.err())
                .contains("a-truncated: the message ends before its last frame does")
                .contains("c-changed: ", "d-header: the message ends within its header", "e-version-1: ")
                .contains("this one has none", "moved 1 (", "4 failed");
        assertThat(cli.read("a-truncated")).isEqualTo(truncated);
        assertThat(cli.read("c-changed")).isEqualTo(changed);
        assertThat(cli.read("d-header")).isEqualTo(headerOnly);
        assertThat(keyName(cli.read("b"))).endsWith("/2");
        assertThat(cli.listing()).hasSize(5);

        JsonObject json = json("reencrypt", "--json", folder);
        assertThat(json.get("failed").getAsInt()).isEqualTo(4);
        assertThat(json.getAsJsonArray("failures")
                        .get(0)
                        .getAsJsonObject()
                        .get("file")
                        .getAsString())
                .endsWith("a-truncated");
    }

    @Test
    void itStopsAtTheFirstFailureIfAsked() throws Exception {
        byte[] message = Files.readAllBytes(cli.message("b", TEXT));
        rotate();
        cli.write("a", Arrays.copyOf(message, message.length - 1));
        cli.run("reencrypt", "--fail-fast", folder).failedOf(ExitCode.MESSAGE, "moved 0 (", "1 failed");
        assertThat(cli.read("b")).isEqualTo(message);
    }

    @Test
    void aMessageOfAnotherServiceIsAFailure() throws Exception {
        Path elsewhere = Files.createDirectory(directory.resolve("elsewhere"));
        Cli other = new Cli(elsewhere).withKey();
        byte[] message = Files.readAllBytes(other.message("m", TEXT));
        cli.write("m", message);
        cli.run("reencrypt", folder)
                .failedOf(ExitCode.MESSAGE, "m: the message is for no key of the local key service");
        assertThat(cli.read("m")).isEqualTo(message);
    }

    @Test
    void keysThatThereAreNotAreToldAtOnce() throws Exception {
        cli.message("m", TEXT);
        cli.run("reencrypt", "--key", "alias/none", folder).failed(ExitCode.KEY_SERVICE, "alias/none");
        cli.run("reencrypt", "--from", "orders", folder).failed(ExitCode.KEY_SERVICE, "did you mean alias/orders?");
        cli.run("reencrypt").failed(ExitCode.USAGE, "FILE|FOLDER");
        cli.run("reencrypt", "--before", "yesterday", folder).failed(ExitCode.USAGE, "--before");
        cli.run("reencrypt", "--all", "--before", "2026-01-01", folder).failed(ExitCode.USAGE, "exclude");
    }

    @Test
    void aDisabledKeyFailsEachOfItsMessagesAndSparesThem() throws Exception {
        byte[] message = Files.readAllBytes(cli.message("m", TEXT));
        rotate();
        cli.run("key", "disable", Cli.KEY).ok();
        cli.run("reencrypt", folder)
                .failedOf(ExitCode.KEY_SERVICE, "m: ", "DISABLED".toLowerCase(java.util.Locale.ROOT));
        assertThat(cli.read("m")).isEqualTo(message);
    }

    @Test
    void aDryRunListsAndChangesNothing() throws Exception {
        byte[] message = Files.readAllBytes(cli.message("m", TEXT));
        rotate();
        cli.message("new", TEXT);
        Cli.Result result = cli.run("reencrypt", "--dry-run", folder).ok();
        assertThat(result.text()).isEqualTo(cli.file("m") + System.lineSeparator());
        assertThat(result.err()).contains("would move 1 (" + message.length + " bytes), 1 already current, 0 failed");
        assertThat(cli.read("m")).isEqualTo(message);
        assertThat(json("reencrypt", "-n", "--json", folder).get("dryRun").getAsBoolean())
                .isTrue();
    }

    @Test
    void quietIsQuiet() throws Exception {
        cli.message("m", TEXT);
        rotate();
        Cli.Result result = cli.run("reencrypt", "--quiet", folder).ok();
        assertThat(result.err()).isEmpty();
        assertThat(result.out()).isEmpty();
    }

    @Test
    void anIvThatIsStoredElsewhereStillFits() throws Exception {
        byte[] before = Files.readAllBytes(cli.message("m", TEXT));
        rotate();
        cli.run("reencrypt", folder).ok();
        byte[] after = cli.read("m");
        assertThat(Arrays.copyOfRange(after, 19, 35)).isEqualTo(Arrays.copyOfRange(before, 19, 35));
        assertThat(Arrays.copyOfRange(after, 3, 19)).isNotEqualTo(Arrays.copyOfRange(before, 3, 19));
    }

    @Test
    void whereVersionsAreNotToldTheUserDecides() throws Exception {
        ApplicationKeys.make(directory);
        cli.configure(ApplicationKeys.settings(directory));
        cli.run(TEXT, "encrypt", "--key", "alias/orders", "-o", cli.file("m").toString())
                .ok();
        byte[] before = cli.read("m");
        Cli.Result left = cli.run("reencrypt", folder).ok();
        assertThat(left.err()).contains("1 of unknown key version, not moved", "--before DATE or --all moves them");
        Instant modified = Files.getLastModifiedTime(cli.file("m")).toInstant();
        cli.run("reencrypt", "--before", modified.minusSeconds(60).toString(), folder)
                .ok();
        assertThat(cli.read("m")).isEqualTo(before);

        cli.run("reencrypt", "--before", modified.plusSeconds(3600).toString(), folder)
                .ok();
        byte[] moved = cli.read("m");
        assertThat(moved).isNotEqualTo(before);
        cli.run("reencrypt", "--all", folder).ok();
        assertThat(cli.read("m")).isNotEqualTo(moved);
        assertThat(decrypted("m")).isEqualTo(TEXT);
    }
}
