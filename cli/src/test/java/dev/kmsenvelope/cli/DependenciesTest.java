package dev.kmsenvelope.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.kmsenvelope.format.AlgorithmSuite;
import dev.kmsenvelope.format.HeaderLimits;
import dev.kmsenvelope.format.MessageHeader;
import dev.kmsenvelope.kms.EncryptedDataKey;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DependenciesTest {

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

    private JsonObject report(String... arguments) {
        String[] all = Arrays.copyOf(new String[] {"dependencies", "--json"}, arguments.length + 2);
        System.arraycopy(arguments, 0, all, 2, arguments.length);
        return JsonParser.parseString(cli.run(all).text()).getAsJsonObject();
    }

    private static JsonObject row(JsonObject report, int index) {
        return report.getAsJsonArray("dependencies").get(index).getAsJsonObject();
    }

    /** The message with one more encrypted data key, which no service verifies in a report. */
    private static byte[] withRecipient(byte[] message, EncryptedDataKey more) throws Exception {
        ByteArrayInputStream in = new ByteArrayInputStream(message);
        MessageHeader header = MessageHeader.read(in, HeaderLimits.DEFAULT);
        List<EncryptedDataKey> keys = new ArrayList<>(header.encryptedDataKeys());
        keys.add(more);
        byte[] old = header.withoutTag();
        byte[] start = MessageHeader.framed(
                        AlgorithmSuite.AES_256_GCM_HKDF_SHA512_COMMIT_KEY,
                        header.messageId(),
                        header.context(),
                        keys,
                        header.frameLength(),
                        Arrays.copyOfRange(old, old.length - 32, old.length))
                .withoutTag();
        byte[] all = Arrays.copyOf(start, start.length + 16 + in.available());
        in.readNBytes(all, start.length + 16, in.available());
        return all;
    }

    @Test
    void versionsAreToldApartBeforeAndAfterARotation() throws Exception {
        Path one = cli.message("one", TEXT);
        cli.message("two", TEXT);
        Files.setLastModifiedTime(one, FileTime.from(Instant.parse("2020-02-02T02:02:02Z")));
        cli.write("text", TEXT);
        cli.run("key", "rotate", Cli.KEY).ok();
        cli.message("three", TEXT);

        JsonObject before = report(folder);
        assertThat(before.get("messages").getAsInt()).isEqualTo(3);
        assertThat(before.get("noMessages").getAsInt()).isEqualTo(1);
        JsonObject old = row(before, 0);
        assertThat(old.get("service").getAsString()).isEqualTo("local");
        assertThat(old.get("version").getAsString()).isEqualTo("1");
        assertThat(old.get("newest").getAsBoolean()).isFalse();
        assertThat(old.get("onlyKeyOf").getAsInt()).isEqualTo(2);
        assertThat(old.get("oneOfSeveralKeysOf").getAsInt()).isZero();
        assertThat(old.get("bytes").getAsLong()).isEqualTo(Files.size(one) * 2);
        assertThat(old.get("oldest").getAsString()).isEqualTo("2020-02-02T02:02:02Z");
        assertThat(old.get("state").getAsString()).isEqualTo("ENABLED");
        assertThat(old.getAsJsonArray("aliases").get(0).getAsString()).isEqualTo(Cli.KEY);
        assertThat(row(before, 1).get("newest").getAsBoolean()).isTrue();
        assertThat(row(before, 1).get("onlyKeyOf").getAsInt()).isEqualTo(1);

        cli.run("reencrypt", folder).ok();
        JsonArray after = report(folder).getAsJsonArray("dependencies");
        assertThat(after).hasSize(1);
        assertThat(after.get(0).getAsJsonObject().get("version").getAsString()).isEqualTo("2");
        assertThat(after.get(0).getAsJsonObject().get("onlyKeyOf").getAsInt()).isEqualTo(3);
    }

    @Test
    void theTableIsForPeople() throws Exception {
        cli.message("one", TEXT);
        Cli.Result result = cli.run("dependencies", folder).ok();
        assertThat(result.text().lines()).hasSize(2);
        assertThat(result.text()).contains("SERVICE", "ONLY", "SHARED", "1 newest", "ENABLED", Cli.KEY);
        List<String> lines = result.text().lines().toList();
        assertThat(lines.get(0).indexOf("ALIASES"))
                .as("columns are as wide as what stands in them")
                .isEqualTo(lines.get(1).indexOf(Cli.KEY));
        assertThat(lines.get(0).indexOf("STATE")).isEqualTo(lines.get(1).indexOf("ENABLED"));
        assertThat(result.err())
                .isEqualTo("kms-envelope: 1 messages, 0 other files, 0 links or special files, 0 failed\n");
    }

    @Test
    void severalRecipientsAreCountedApart() throws Exception {
        byte[] message = Files.readAllBytes(cli.message("one", TEXT));
        EncryptedDataKey aws = new EncryptedDataKey(
                "aws-kms", "arn:aws:kms:eu-west-1:111122223333:key/a".getBytes(StandardCharsets.UTF_8), new byte[10]);
        cli.write("two", withRecipient(message, aws));
        JsonObject report = report(folder);
        assertThat(row(report, 0).get("service").getAsString()).isEqualTo("aws-kms");
        assertThat(row(report, 0).get("key").getAsString()).isEqualTo("arn:aws:kms:eu-west-1:111122223333:key/a");
        assertThat(row(report, 0).get("known").getAsBoolean()).isFalse();
        assertThat(row(report, 0).get("version").getAsString()).isEqualTo("unknown");
        assertThat(row(report, 0).get("state").getAsString()).isEqualTo("other service");
        assertThat(row(report, 0).get("onlyKeyOf").getAsInt()).isZero();
        assertThat(row(report, 0).get("oneOfSeveralKeysOf").getAsInt()).isEqualTo(1);
        assertThat(row(report, 1).get("onlyKeyOf").getAsInt()).isEqualTo(1);
        assertThat(row(report, 1).get("oneOfSeveralKeysOf").getAsInt()).isEqualTo(1);
    }

    @Test
    void keysThatOpenNothingAreWarnedOf() throws Exception {
        cli.message("one", TEXT);
        cli.run("key", "disable", Cli.KEY).ok();
        Cli.Result disabled = cli.run("dependencies", folder).ok();
        assertThat(disabled.text()).contains("DISABLED");
        assertThat(disabled.err()).contains("warning: 1 files depend on the key", "alone, which is DISABLED");
        assertThat(row(report(folder), 0).get("usable").getAsBoolean()).isFalse();

        Cli other = new Cli(Files.createDirectory(directory.resolve("elsewhere"))).withKey();
        Files.write(cli.file("two"), Files.readAllBytes(other.message("m", TEXT)));
        Cli.Result missing = cli.run("dependencies", cli.file("two").toString()).ok();
        assertThat(missing.text()).contains("MISSING");
        assertThat(missing.err()).contains("alone, which does not exist");
    }

    @Test
    void versionsThatAreNotToldAreUnknown() throws Exception {
        ApplicationKeys.make(directory);
        cli.configure(ApplicationKeys.settings(directory));
        cli.run(TEXT, "encrypt", "--key", "alias/orders", "-o", cli.file("m").toString())
                .ok();
        for (String[] options : new String[][] {{folder}, {"--ask", folder}}) {
            JsonObject row = row(report(options), 0);
            assertThat(row.get("version").getAsString()).isEqualTo("unknown");
            assertThat(row.has("newest")).isFalse();
            assertThat(row.get("state").getAsString()).isEqualTo("ENABLED");
        }
    }

    @Test
    void nothingIsDecryptedOrVerified() throws Exception {
        byte[] message = Files.readAllBytes(cli.message("one", TEXT));
        message[message.length - 1] ^= 1;
        cli.write("one", Arrays.copyOf(message, message.length - 1));
        assertThat(report(folder).get("messages").getAsInt()).isEqualTo(1);
    }

    @Test
    void whatCannotBeReadIsAFailure() throws Exception {
        cli.write("broken", new byte[] {2, 4, 0x78, 0});
        cli.write("one", new byte[] {1, (byte) 0x80, 3, 0x78});
        cli.message("two", TEXT);
        Cli.Result result = cli.run("dependencies", folder, cli.file("none").toString());
        assertThat(result.code()).isEqualTo(ExitCode.IO);
        assertThat(result.err()).contains("none: no such file", "broken: ", "one: ", "1 messages", "3 failed");
        assertThat(result.text()).contains("ENABLED");
        cli.write("text", TEXT);
        assertThat(cli.run("dependencies", cli.file("text").toString()).code()).isEqualTo(ExitCode.MESSAGE);
    }
}
