package dev.kmsenvelope.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InspectTest {

    @TempDir
    private Path directory;

    private Cli cli;
    private byte[] message;

    @BeforeEach
    void makeMessage() throws IOException {
        cli = new Cli(directory).withKey();
        message = Files.readAllBytes(cli.message(
                "data.enc",
                new byte[200_000],
                "--context",
                "tenant=a",
                "--context",
                "evil=\u001b]0;x\u0007\u202e\\\u009b"));
    }

    private JsonObject json(byte[] input, int code) {
        Cli.Result result = Cli.bare(input, "inspect", "--json");
        assertThat(result.code()).isEqualTo(code);
        return JsonParser.parseString(result.text()).getAsJsonObject();
    }

    @Test
    void jsonHasAllFields() {
        JsonObject report = json(message, 0);
        assertThat(report.keySet())
                .containsExactly(
                        "format",
                        "version",
                        "verified",
                        "suite",
                        "messageId",
                        "contentType",
                        "frameLength",
                        "encryptionContext",
                        "encryptedDataKeys",
                        "headerLength",
                        "body");
        assertThat(report.get("verified").getAsBoolean()).isFalse();
        assertThat(report.getAsJsonObject("suite").get("id").getAsString()).isEqualTo("0478");
        assertThat(report.get("messageId").getAsString()).matches("[0-9a-f]{64}");
        assertThat(report.get("frameLength").getAsInt()).isEqualTo(65536);
        JsonObject context = report.getAsJsonObject("encryptionContext");
        assertThat(context.get("tenant").getAsString()).isEqualTo("a");
        assertThat(context.get("evil").getAsString()).isEqualTo("\u001b]0;x\u0007\u202e\\\u009b");
        JsonObject key = report.getAsJsonArray("encryptedDataKeys").get(0).getAsJsonObject();
        assertThat(key.get("keyName").getAsString()).endsWith("/1");
        JsonObject body = report.getAsJsonObject("body");
        assertThat(body.get("structure").getAsString()).isEqualTo("complete");
        assertThat(body.get("frames").getAsLong()).isEqualTo(4);
        assertThat(body.get("plaintextLength").getAsLong()).isEqualTo(200_000);
    }

    @Test
    void messagesOfVersion1AndSignedOnesAreShown() throws IOException {
        cli.configure("esdk.commitment-policy = forbid-encrypt-allow-decrypt", "esdk.suite = 0378");
        byte[] signed = Files.readAllBytes(cli.message("old.enc", new byte[200_000]));
        JsonObject report = json(signed, 0);
        assertThat(report.get("version").getAsInt()).isEqualTo(1);
        JsonObject suite = report.getAsJsonObject("suite");
        assertThat(suite.get("id").getAsString()).isEqualTo("0378");
        assertThat(suite.get("committing").getAsBoolean()).isFalse();
        assertThat(suite.get("signed").getAsBoolean()).isTrue();
        assertThat(report.get("messageId").getAsString()).matches("[0-9a-f]{32}");
        assertThat(report.getAsJsonObject("body").get("plaintextLength").getAsLong())
                .isEqualTo(200_000);
        byte[] body = Arrays.copyOfRange(signed, report.get("headerLength").getAsInt(), signed.length);
        assertThat(body).startsWith(0, 0, 0, 1);
        assertThat(structure(Arrays.copyOf(signed, signed.length - 1))).isEqualTo("truncated");
        assertThat(Cli.bare(signed, "inspect").ok().text()).contains("version 1; not verified", "0378");
    }

    @Test
    void whatATerminalWouldActOnIsEscaped() {
        for (String[] arguments : new String[][] {{"inspect"}, {"inspect", "--json"}}) {
            String text = Cli.bare(message, arguments).ok().text();
            assertThat(text.replace("\n", "")).doesNotMatch("(?s).*[\\p{Cntrl}\\u0080-\\u009f\\u202e].*");
            assertThat(text).contains("\\u001b]0;x\\u0007\\u202e\\\\\\u009b");
        }
    }

    @Test
    void brokenStructuresAreTold() {
        assertThat(structure(Arrays.copyOf(message, message.length - 1))).isEqualTo("truncated");
        assertThat(structure(Arrays.copyOf(message, 70_000))).isEqualTo("truncated");
        assertThat(structure(Arrays.copyOf(message, message.length + 2))).isEqualTo("trailing");
        int headerLength = json(message, 0).get("headerLength").getAsInt();
        byte[] changed = message.clone();
        changed[headerLength + 3] ^= 2;
        assertThat(structure(changed)).isEqualTo("malformed");
        assertThat(structure(Arrays.copyOf(message, headerLength))).isEqualTo("truncated");
        Cli.bare(Arrays.copyOf(message, headerLength - 1), "inspect").failed(3, "ends within its header");
    }

    private String structure(byte[] input) {
        return json(input, 3).getAsJsonObject("body").get("structure").getAsString();
    }

    @Test
    void noKeyIsNeeded() throws IOException {
        Files.delete(directory.resolve("keys").resolve("keys.p7m"));
        Cli.Result result = Cli.bare(
                        new byte[0], "inspect", cli.file("data.enc").toString())
                .ok();
        assertThat(result.text()).contains("not verified", "0478", "tenant = a", "complete, 4 parts, 200000 bytes");
        assertThat(result.err()).isEmpty();
    }
}
