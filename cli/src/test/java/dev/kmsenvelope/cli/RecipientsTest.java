package dev.kmsenvelope.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonParser;
import dev.kmsenvelope.format.AlgorithmSuite;
import dev.kmsenvelope.format.MessageHeader;
import dev.kmsenvelope.format.RawAesKeyInfo;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.EncryptionContext;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files for several keys, and which keys may open a file whose key was not named. */
class RecipientsTest {

    private static final byte[] TEXT = "quarterly figures".getBytes(StandardCharsets.UTF_8);
    private static final String FAR = "eu:alias/far";

    @TempDir
    private Path directory;

    private Cli cli;

    @BeforeEach
    void makeKeys() throws IOException {
        cli = new Cli(directory).withKey();
        Path far = directory.resolve("far.properties");
        Files.writeString(far, "local.directory = " + directory.resolve("eu") + "\n");
        cli.run("key", "create", "alias/far", "--config", far.toString()).ok();
        cli.run("key", "create", "alias/second").ok();
        configure();
    }

    private void configure(String... more) throws IOException {
        List<String> lines = new ArrayList<>(
                List.of("service.eu.backend = local", "service.eu.local.directory = " + directory.resolve("eu")));
        lines.addAll(List.of(more));
        cli.configure(lines.toArray(String[]::new));
    }

    private byte[] open(Path message, String... options) {
        List<String> arguments = new ArrayList<>(List.of("decrypt", "-o", "-", message.toString()));
        arguments.addAll(List.of(options));
        return cli.run(arguments.toArray(String[]::new)).ok().out();
    }

    @Test
    @DisplayName("--recipient: each key alone opens, and inspect shows them all")
    void recipients() throws Exception {
        Path message = cli.message("data.enc", TEXT, "--recipient", FAR, "-r", "alias/second");
        for (String key : List.of(Cli.KEY, FAR, "alias/second")) {
            assertThat(open(message, "--key", key)).as(key).isEqualTo(TEXT);
        }
        assertThat(open(message)).isEqualTo(TEXT);
        String report = cli.run("inspect", message.toString()).ok().text();
        assertThat(report).contains("1 of 3: provider kms-envelope-local", "2 of 3", "3 of 3", "/1");
        assertThat(JsonParser.parseString(cli.run("inspect", "--json", message.toString())
                                .ok()
                                .text())
                        .getAsJsonObject()
                        .getAsJsonArray("encryptedDataKeys"))
                .hasSize(3)
                .allSatisfy(
                        key -> assertThat(key.getAsJsonObject().get("keyName").getAsString())
                                .endsWith("/1"));
    }

    @Test
    @DisplayName(
            "Without --key, a message for a further service opens, also when the main one is broken or its key disabled")
    void anyService() throws IOException {
        Path message = cli.message("data.enc", TEXT, "--recipient", FAR);
        Path onlyFar = cli.file("far.enc");
        cli.run(TEXT, "encrypt", "--key", FAR, "-o", onlyFar.toString(), "-").ok();
        assertThat(open(onlyFar)).isEqualTo(TEXT);
        cli.run("key", "disable", Cli.KEY).ok();
        assertThat(open(message)).isEqualTo(TEXT);
        Files.writeString(directory.resolve("keys").resolve("keys.p7m"), "garbage");
        assertThat(open(onlyFar)).isEqualTo(TEXT);
        assertThat(open(message)).isEqualTo(TEXT);
    }

    @Test
    @DisplayName("A broken further service keeps only its own messages closed")
    void brokenFurtherService() throws IOException {
        Path message = cli.message("data.enc", TEXT, "--recipient", FAR);
        configure("service.usb.backend = application", "service.usb.application.keystore = " + directory.resolve("no"));
        assertThat(open(message)).isEqualTo(TEXT);
        cli.run("encrypt", "--key", Cli.KEY, "--recipient", "usb:x", message.toString())
                .failed(2, "service.usb.*");
        assertThat(cli.listing()).containsExactly("data.enc");
    }

    @Test
    @DisplayName("What the settings say about recipients holds for the commands")
    void configuredRecipients() throws IOException {
        configure("key." + Cli.KEY + ".recipients = " + FAR);
        Path message = cli.message("data.enc", TEXT);
        cli.run("key", "disable", Cli.KEY).ok();
        assertThat(open(message)).isEqualTo(TEXT);
        assertThat(open(message, "--key", Cli.KEY)).as("by its recipient").isEqualTo(TEXT);
        configure("key." + Cli.KEY + ".recipients = " + FAR, "key.eu\\:alias/far.usage = encrypt");
        cli.run("decrypt", "-o", "-", message.toString(), "--key", Cli.KEY).failed(4, "disabled");
        cli.run("decrypt", "-o", "-", message.toString(), "--key", FAR).failed(4, "may not decrypt");
    }

    @Test
    void wrongNames() throws IOException {
        Path file = cli.write("data", TEXT);
        cli.run("encrypt", "--key", Cli.KEY, "--recipient", "ue:alias/far", file.toString())
                .failed(2, "'ue'", "'eu'");
        cli.run("encrypt", "--key", "us:alias/far", file.toString()).failed(2, "'us'");
        cli.run("encrypt", "--key", Cli.KEY, "--recipient", "eu:alias/none", file.toString())
                .failed(4, "alias/none");
        cli.run("encrypt", "--key", Cli.KEY, "--recipient", "eu:far", file.toString())
                .failed(4, "did you mean alias/far?");
        cli.run("decrypt", "--discover", "12", file + ".enc").failed(2, "12 digits");
        cli.run("decrypt", "--discover", "111122223333", "--discover-partition", "x", file + ".enc")
                .failed(2, "partition");
        assertThat(cli.listing()).containsExactly("data");
    }

    /** As the application's own AES keys could be called too: what counts is that the service does not list it. */
    private Path messageThatNames(String key) throws IOException {
        byte[] header = MessageHeader.framed(
                        AlgorithmSuite.AES_256_GCM_HKDF_SHA512_COMMIT_KEY,
                        new byte[32],
                        EncryptionContext.empty(),
                        List.of(new EncryptedDataKey(
                                "kms-envelope-local", new RawAesKeyInfo(key, new byte[12]).serialize(), new byte[48])),
                        16,
                        new byte[32])
                .withoutTag();
        return cli.write("foreign.enc", Arrays.copyOf(header, header.length + 16 + 100));
    }

    @Test
    @DisplayName("Another form of a key's name is no way around its settings; another alias is another name")
    void formsOfNames() throws Exception {
        String id = JsonParser.parseString(
                        cli.run("key", "describe", "--json", Cli.KEY).ok().text())
                .getAsJsonObject()
                .get("id")
                .getAsString();
        cli.run("key", "alias", "alias/other", id).ok();
        String message = cli.message("data.enc", TEXT).toString();
        configure("key." + Cli.KEY + ".usage = encrypt");
        cli.run("decrypt", "-o", "-", message, "--key", Cli.KEY).failed(4, "may not decrypt");
        cli.run("decrypt", "-o", "-", message, "--key", id).failed(2, "key." + Cli.KEY + ".*");
        cli.run("encrypt", "--key", "alias/second", "-r", id, "-o", "-", message)
                .failed(2, "key." + Cli.KEY + ".*");
        cli.run("reencrypt", "-q", "--from", id, "--key", "alias/second", message)
                .failed(2, "key." + Cli.KEY + ".*");
        assertThat(open(Path.of(message), "--key", "alias/other")).isEqualTo(TEXT);

        configure("key." + id + ".usage = encrypt");
        cli.run("decrypt", "-o", "-", message, "--key", Cli.KEY).failed(2, "key." + id + ".*");
        configure("key." + id + ".usage = encrypt", "key." + Cli.KEY + ".usage = decrypt");
        assertThat(open(Path.of(message), "--key", Cli.KEY)).isEqualTo(TEXT);
    }

    @Test
    @DisplayName("RULES 14: a key that the message names but no service lists and no setting names is not tried")
    void unlisted() throws IOException {
        Path message = messageThatNames("00000000-0000-0000-0000-000000000000/1");
        cli.run("decrypt", "-o", "-", message.toString())
                .failed(3, "for no key of the local key service nor of a further");
        cli.run("decrypt", "-o", "-", message.toString(), "--discover", "111122223333")
                .failed(3, "for no key");
    }
}
