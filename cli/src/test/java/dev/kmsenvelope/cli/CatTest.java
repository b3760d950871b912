package dev.kmsenvelope.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CatTest {

    private static final int SIZE = 200_000;

    @TempDir
    private Path directory;

    private Cli cli;
    private byte[] plaintext;
    private String file;

    @BeforeEach
    void makeMessage() throws IOException {
        cli = new Cli(directory).withKey();
        plaintext = new byte[SIZE];
        new Random(7).nextBytes(plaintext);
        cli.message("data.enc", plaintext, "--frame-length", "4096");
        file = cli.file("data.enc").toString();
    }

    @ParameterizedTest
    @CsvSource({
        "0-0, 0, 1",
        "0-99, 0, 100",
        "4095-4096, 4095, 4097",
        "100000-, 100000, 200000",
        "-5, 199995, 200000",
        "-300000, 0, 200000",
        "199999-999999999999, 199999, 200000",
        "-0, 0, 0"
    })
    @DisplayName("A range is as in HTTP, and cut at the end of the plaintext")
    void ranges(String range, int from, int to) {
        assertThat(cli.run("cat", "--range", range, file).ok().out())
                .isEqualTo(Arrays.copyOfRange(plaintext, from, to));
        assertThat(cli.run("cat", "--key", Cli.KEY, "-r", range, file).ok().out())
                .isEqualTo(Arrays.copyOfRange(plaintext, from, to));
    }

    @Test
    void withoutARangeAllIsPrinted() {
        assertThat(cli.run("cat", file).ok().out()).isEqualTo(plaintext);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-", "5", "5-4", "a-b", "1-2-3", "99999999999999999999-", "200000-", "--5"})
    void whatIsNoRangeIsRefused(String range) {
        cli.run("cat", "--range=" + range, file).failed(ExitCode.USAGE, "--range");
    }

    @Test
    @DisplayName("A frame that was changed stops what needs it, and nothing else")
    void changedFrames() throws IOException {
        byte[] message = Files.readAllBytes(Path.of(file));
        message[message.length - 50_000] ^= 1;
        Files.write(Path.of(file), message);
        assertThat(cli.run("cat", "-r", "0-99", file).ok().out()).isEqualTo(Arrays.copyOf(plaintext, 100));
        assertThat(cli.run("cat", "-r", "-99", file).ok().out())
                .isEqualTo(Arrays.copyOfRange(plaintext, SIZE - 99, SIZE));
        Cli.Result all = cli.run("cat", file);
        assertThat(all.code()).isEqualTo(ExitCode.MESSAGE);
        assertThat(all.out().length).isLessThan(SIZE);
        assertThat(all.out()).isEqualTo(Arrays.copyOf(plaintext, all.out().length));
        assertThat(all.err()).contains("data.enc", "was changed");
    }

    @Test
    void aMessageThatBreaksOffIsRefusedWhateverIsAskedFor() throws IOException {
        byte[] message = Files.readAllBytes(Path.of(file));
        Files.write(Path.of(file), Arrays.copyOf(message, message.length - 100));
        Cli.Result result = cli.run("cat", "-r", "0-99", file).failed(ExitCode.MESSAGE, "data.enc");
        assertThat(result.out()).isEmpty();
    }

    @Test
    @DisplayName("What is no regular file is named, and is no message that is wrong")
    void otherKindsOfFiles() {
        Path nothing = Path.of("/dev/null");
        assumeTrue(Files.exists(nothing), "there is no /dev/null here");
        cli.run("cat", "--key", Cli.KEY, "-r", "0-9", nothing.toString())
                .failed(ExitCode.IO, "/dev/null", "is no regular file");
        cli.run("cat", "--key", Cli.KEY, directory.toString()).failed(ExitCode.IO, "is a directory");
    }

    @Test
    void contextAndAadAreRequired() throws IOException {
        byte[] text = "hello".getBytes(StandardCharsets.UTF_8);
        String bound = cli.message("bound.enc", text, "--context", "tenant=a", "--aad", "x")
                .toString();
        assertThat(cli.run("cat", "--context", "tenant=a", "--aad", "x", "-r", "1-3", bound)
                        .ok()
                        .text())
                .isEqualTo("ell");
        cli.run("cat", "--context", "tenant=b", "--aad", "x", bound).failed(ExitCode.MESSAGE, "context");
        cli.run("cat", "--context", "tenant=a", bound).failed(ExitCode.MESSAGE, "bound.enc");
    }

    @Test
    void filesThatAreNoMessagesAndDirectoriesAreToldApart() throws IOException {
        String other = cli.write("other", new byte[100]).toString();
        cli.run("cat", other).failed(ExitCode.MESSAGE, "other");
        cli.run("cat", cli.file("missing").toString()).failed(ExitCode.IO, "no such file");
        cli.run("cat", cli.file("").toString()).failed(ExitCode.IO, "directory");
    }
}
