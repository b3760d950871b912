package dev.kmsenvelope.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RoundTripTest {

    @TempDir
    private Path directory;

    private Cli cli;

    @BeforeEach
    void makeKey() throws IOException {
        cli = new Cli(directory).withKey();
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 65535, 65536, 65537, 131072, 1_000_003})
    void filesOfAnySizeComeBack(int length) throws IOException {
        byte[] plaintext = random(length);
        Path file = cli.write("data", plaintext);
        Cli.Result encrypted =
                cli.run("encrypt", "--key", Cli.KEY, file.toString()).ok();
        assertThat(encrypted.out()).isEmpty();
        assertThat(encrypted.err()).isEmpty();
        Files.delete(file);
        assertThat(cli.run("decrypt", file + ".enc").ok().err()).isEmpty();
        assertThat(cli.read("data")).isEqualTo(plaintext);
        assertThat(cli.listing()).containsExactly("data", "data.enc");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 200_000})
    void pipesOfAnySizeComeBack(int length) {
        byte[] plaintext = random(length);
        byte[] message = cli.run(plaintext, "encrypt", "--key", Cli.KEY).ok().out();
        assertThat(cli.run(message, "decrypt").ok().out()).isEqualTo(plaintext);
        assertThat(cli.run(message, "decrypt", "-").ok().out()).isEqualTo(plaintext);
        assertThat(cli.run(message, "decrypt", "-o", "-", "--key", Cli.KEY).ok().out())
                .isEqualTo(plaintext);
    }

    @Test
    void signedMessagesThatAreLongerThanMayBeHeldGoThroughAFile() throws IOException {
        byte[] plaintext = random(200_000);
        cli.configure("esdk.suite = 0578");
        byte[] message = cli.run(plaintext, "encrypt", "--key", Cli.KEY).ok().out();
        String held = "decrypt.hold = 1000";
        cli.configure(held);
        cli.run(message, "decrypt").failed(ExitCode.MESSAGE, "decrypt.spool");
        cli.configure(held, "decrypt.spool = 1MiB", "decrypt.spool-directory = " + escaped(directory));
        assertThat(cli.run(message, "decrypt").ok().out()).isEqualTo(plaintext);
        cli.configure(
                held, "decrypt.spool = 1MiB", "decrypt.spool-directory = " + escaped(directory.resolve("missing")));
        cli.run(message, "decrypt").failed(ExitCode.IO, "missing");
    }

    private static String escaped(Path path) {
        return path.toString().replace("\\", "\\\\");
    }

    @Test
    void onlyTheOwnerCanReadWhatWasDecrypted() throws IOException {
        cli.message("data.enc", random(10));
        cli.run("decrypt", cli.file("data.enc").toString()).ok();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(cli.file("data"))))
                .isEqualTo("rw-------");
    }

    @Test
    void theFrameLengthCanBeChosen() throws IOException {
        cli.message("data.enc", random(1000), "--frame-length", "100");
        assertThat(cli.run("inspect", cli.file("data.enc").toString()).ok().text())
                .contains("frames of 100 bytes", "10 parts, 1000 bytes");
    }

    @Test
    void contextAndAadAreBoundToTheMessage() throws IOException {
        byte[] plaintext = random(100);
        Path aad = cli.write("aad", "invoice 7".getBytes(StandardCharsets.UTF_8));
        String message = cli.message(
                        "data.enc", plaintext, "--context", "tenant=a", "--context", "kind=x=y", "--aad", "invoice 7")
                .toString();
        assertThat(cli.run("decrypt", message, "-o", "-", "--context", "kind=x=y", "--aad-file", aad.toString())
                        .ok()
                        .out())
                .isEqualTo(plaintext);
        cli.run("decrypt", message, "--context", "tenant=b", "--aad", "invoice 7")
                .failed(3, "encryption context");
        cli.run("decrypt", message, "--context", "other=a", "--aad", "invoice 7")
                .failed(3, "encryption context");
        cli.run("decrypt", message, "--aad", "invoice 8").failed(3, "AAD");
        cli.run("decrypt", message).failed(3, "AAD");
        assertThat(cli.listing()).containsExactly("aad", "data.enc");
    }

    @Test
    void oldMessagesOpenAfterRotationAndAfterTheAliasMoved() throws IOException {
        byte[] plaintext = random(100);
        String message = cli.message("data.enc", plaintext).toString();
        cli.run("key", "rotate", Cli.KEY).ok();
        String other = cli.run("key", "create").ok().text().strip();
        cli.run("key", "alias", "--update", Cli.KEY, other).ok();
        assertThat(cli.run("decrypt", "-o", "-", message).ok().out()).isEqualTo(plaintext);
        assertThat(cli.run("decrypt", "-o", "-", "--key", Cli.KEY, message).ok().out())
                .isEqualTo(plaintext);
        cli.run("decrypt", "-o", "-", "--key", other, message).failed(3, "not for the key");
    }

    @Test
    void whatIsConfiguredForAnAliasHoldsWithoutNamingIt() throws IOException {
        byte[] plaintext = random(100);
        String plain = cli.message("plain.enc", plaintext).toString();
        cli.configure("key." + Cli.KEY + ".context.tenant = a");
        String bound = cli.message("bound.enc", plaintext).toString();
        assertThat(cli.run("inspect", bound).ok().text()).contains("tenant = a");
        assertThat(cli.run("decrypt", "-o", "-", bound).ok().out()).isEqualTo(plaintext);
        cli.run("decrypt", "-o", "-", plain).failed(3, "encryption context");
        cli.configure("key." + Cli.KEY + ".usage = encrypt");
        cli.run("decrypt", "-o", "-", plain).failed(4, "may not decrypt");
    }
}
