package dev.kmsenvelope.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every failure has its exit code, one line, and leaves the files as they were. */
class FailuresTest {

    private static final int LENGTH = 200_000;

    @TempDir
    private Path directory;

    private Cli cli;
    private String message;
    private List<String> before;

    @BeforeEach
    void makeMessage() throws IOException {
        cli = new Cli(directory).withKey();
        message = cli.message("data.enc", new byte[LENGTH]).toString();
        before = cli.listing();
    }

    private void nothingChanged() throws IOException {
        assertThat(cli.listing()).isEqualTo(before);
    }

    @Test
    void tooLittleMemoryIsAMatterOfSettings() {
        Throwable failure = new OutOfMemoryError("Java heap space");
        assertThat(Failures.code(failure)).isEqualTo(ExitCode.USAGE);
        assertThat(Failures.text(failure))
                .startsWith("out of memory")
                .contains("-Xmx", "decrypt.hold", "decrypt.spool");
    }

    @Test
    void wrongCommandLines() throws IOException {
        cli.run("encrypt", message).failed(2, "--key");
        cli.run("encrypt", "--key", "a b", message).failed(2, "--key", "without spaces");
        cli.run("encrypt", "--key", Cli.KEY, "--kex", message).failed(2, "--kex");
        cli.run("encrypt", "--key", Cli.KEY, "--context", "novalue", message).failed(2, "NAME=VALUE");
        cli.run("encrypt", "--key", Cli.KEY, "--context", "a=1", "--context", "a=2", message)
                .failed(2, "twice");
        cli.run("encrypt", "--key", Cli.KEY, "--context", "a=", message).failed(2, "--context");
        cli.run("encrypt", "--key", Cli.KEY, "--context", "aws-crypto-x=1", message)
                .failed(2, "reserved");
        cli.run("encrypt", "--key", Cli.KEY, "--aad", "x", "--aad-file", "y", message)
                .failed(2, "--aad");
        cli.run("encrypt", "--key", Cli.KEY, "--frame-length", "0", message).failed(2, "--frame-length");
        cli.run("encrypt", "--key", Cli.KEY, message, "another").failed(2, "another");
        cli.run("decrypt", cli.write("plain", new byte[1]).toString()).failed(2, "-o");
        cli.run("frobnicate").failed(2, "frobnicate");
        cli.run("key", "create", "orders").failed(2, "alias/orders");
        cli.run("key", "create", "alias/a.b").failed(2, "alias/a.b", "1 to 250");
        Cli.bare(new byte[0]).failed(2, "subcommand");
    }

    @ParameterizedTest
    @ValueSource(strings = {"m\uFFFDller", "m\uD800ller", "m\uDC00"})
    void whatCannotBeDecodedIsRefused(String text) throws IOException {
        for (String[] command : new String[][] {{"encrypt", "--key", Cli.KEY}, {"decrypt"}}) {
            for (String[] option :
                    new String[][] {{"--aad", text}, {"--context", "a=" + text}, {"--context", text + "=a"}}) {
                List<String> all = new ArrayList<>(List.of(command));
                all.addAll(List.of(option));
                all.add(message);
                cli.run(all.toArray(String[]::new)).failed(2, option[0], "cannot be decoded", "UTF-8 locale");
            }
        }
        cli.run("encrypt", "--key", Cli.KEY, "--aad", text).failed(2, "--aad-file");
        nothingChanged();
        cli.run(new byte[1], "encrypt", "--key", Cli.KEY, "--aad", "m\u00fcller \uD83D\uDD11")
                .ok();
    }

    @Test
    void wrongSettings() throws IOException {
        cli.configure("locl.directory = x");
        cli.run("key", "list").failed(2, "locl.directory", "local.directory");
        cli.configure("backend = cloud");
        cli.run("encrypt", "--key", Cli.KEY, message).failed(2, "cloud", "local");
        cli.configure("frame-length = many");
        cli.run("decrypt", message).failed(2, "frame-length");
        cli.configure("engine = Nobody");
        cli.run("doctor").failed(2, "engine");
        cli.run("key", "list", "--config", cli.file("absent").toString()).failed(2, "absent", "no such file");
        cli.configure("key." + Cli.KEY + ".context.a = 1");
        cli.run("encrypt", "--key", Cli.KEY, "--context", "a=2", message).failed(2, "contradicts");
        nothingChanged();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 50, 221, 222, 300, 66_000, 200_353})
    void truncatedMessages(int length) throws IOException {
        byte[] all = Files.readAllBytes(Path.of(message));
        assertThat(length).isLessThan(all.length);
        byte[] cut = Arrays.copyOf(all, length);
        cli.write("cut.enc", cut);
        before = cli.listing();
        cli.run("decrypt", cli.file("cut.enc").toString()).failed(3);
        cli.run(cut, "decrypt", "-o", cli.file("out").toString(), "--key", Cli.KEY)
                .failed(3);
        cli.run(cut, "decrypt", "--key", Cli.KEY).failed(3);
        nothingChanged();
    }

    @Test
    void changedMessages() throws IOException {
        byte[] all = Files.readAllBytes(Path.of(message));
        for (int at : new int[] {0, 1, 3, 40, 100, 150, 200, 230, 70_000, all.length - 1}) {
            byte[] changed = all.clone();
            changed[at] ^= 0x40;
            cli.write("changed.enc", changed);
            before = cli.listing();
            cli.run("decrypt", cli.file("changed.enc").toString()).failed(3, cli.file("changed.enc") + ": ");
            cli.run("decrypt", "--key", Cli.KEY, cli.file("changed.enc").toString())
                    .failed(3);
            nothingChanged();
        }
        byte[] longer = Arrays.copyOf(all, all.length + 1);
        cli.run(longer, "decrypt", "-o", cli.file("out").toString()).failed(3);
        cli.run(new byte[100], "decrypt").failed(3, "not an AWS Encryption SDK message");
        cli.run(new byte[100], "inspect").failed(3, "kms-envelope: not an AWS Encryption SDK message, nor one of Tink");
        cli.run("inspect", cli.write("none", new byte[100]).toString()).failed(3, cli.file("none") + ": not an AWS");
    }

    @Test
    void wrongKeys() throws IOException {
        String other = cli.run("key", "create").ok().text().strip();
        cli.run("decrypt", "--key", other, message).failed(3, other);
        cli.run("decrypt", "--key", "alias/absent", message).failed(4, "alias/absent");
        cli.run("encrypt", "--key", "alias/absent", message).failed(4, "alias/absent");
        cli.run("encrypt", "--key", "orders", message).failed(4, "no key orders", "did you mean alias/orders?");
        cli.run("decrypt", "--key", "orders", message).failed(4, "no key orders", "did you mean alias/orders?");
        cli.run("encrypt", "--key", "order", message).failed(4, "no key order ");
        cli.run("key", "disable", Cli.KEY).ok();
        cli.run("encrypt", "--key", Cli.KEY, message).failed(4, "disabled");
        cli.run("decrypt", message).failed(4, "disabled");
        cli.configure("local.directory = " + directory.resolve("elsewhere"));
        Files.write(
                cli.settings(),
                List.of("local.directory = " + directory.resolve("elsewhere").toString()));
        cli.run("decrypt", message).failed(3, "no key of the local key service");
        nothingChanged();
    }

    @Test
    void wrongKeyFiles() throws IOException {
        Path keyFile = directory.resolve("keys").resolve("keys.p7m");
        byte[] good = Files.readAllBytes(keyFile);
        for (byte[] bad : List.of(new byte[0], new byte[100], Arrays.copyOf(good, good.length - 1))) {
            Files.write(keyFile, bad);
            cli.run("encrypt", "--key", Cli.KEY, message).failed(4, "keys.p7m");
            cli.run("decrypt", message).failed(4, "keys.p7m");
            cli.run("doctor").failed(4, "keys.p7m");
        }
        Files.write(keyFile, good);
        cli.configure("local.passphrase-file = " + directory.resolve("absent"));
        cli.run("decrypt", message).failed(2, "absent: no such file");
        Files.delete(keyFile);
        cli.configure();
        cli.run("encrypt", "--key", Cli.KEY, message).failed(4);
        nothingChanged();
    }

    @Test
    void wrongFiles() throws IOException {
        cli.run("encrypt", "--key", Cli.KEY, cli.file("absent").toString()).failed(5, "absent: no such file");
        cli.run("encrypt", "--key", Cli.KEY, cli.file(".").toString()).failed(5, "is a directory");
        cli.run("encrypt", "--key", Cli.KEY, "-o", cli.file(".").toString()).failed(5, "is a directory");
        cli.run("decrypt", "-o", cli.file("no/such").toString(), message).failed(5, "no such file or directory");
        cli.run("decrypt", "--aad-file", cli.file("absent").toString(), message).failed(5, "absent");
        cli.run("inspect", cli.file("absent").toString()).failed(5, "absent");
        cli.run("encrypt", "--key", Cli.KEY, "-o", message + "/x.enc").failed(5, message + ": not a directory");
        cli.run("encrypt", "--key", Cli.KEY, "-o", message, message).failed(2, "the output is the input");
        cli.run("encrypt", "--key", Cli.KEY, "-f", "-o", message, message).failed(2, "the output is the input");
        nothingChanged();
    }

    @Test
    void nothingIsReplacedUnlessForced() throws IOException {
        byte[] content = {1, 2, 3};
        cli.write("data", content);
        cli.run("decrypt", message).failed(5, "data exists already; --force");
        cli.run("encrypt", "--key", Cli.KEY, "-o", message).failed(5, "exists already");
        assertThat(cli.read("data")).isEqualTo(content);

        byte[] changed = Files.readAllBytes(Path.of(message));
        changed[changed.length - 1] ^= 1;
        cli.write("changed.enc", changed);
        before = cli.listing();
        cli.run(
                        "decrypt",
                        "--force",
                        "-o",
                        cli.file("data").toString(),
                        cli.file("changed.enc").toString())
                .failed(3);
        assertThat(cli.read("data")).isEqualTo(content);
        nothingChanged();

        cli.run("decrypt", "--force", message).ok();
        assertThat(cli.read("data")).hasSize(LENGTH);
    }

    @Test
    void aTraceIsGivenAtWhateverLevelItIsAskedFor() {
        String absent = cli.file("absent").toString();
        for (String[] command :
                new String[][] {{"-v", "inspect", absent}, {"inspect", "-v", absent}, {"-v", "inspect", "-v", absent}
                }) {
            assertThat(Cli.bare(new byte[0], command).err()).contains("\tat dev.kmsenvelope");
        }
        Cli.bare(new byte[0], "inspect", absent).failed(5, "absent");
    }

    @Test
    void aTraceIsGivenOnDemandOnly() {
        Cli.Result result =
                cli.run("decrypt", "--verbose", "-o", "-", cli.file("absent").toString());
        assertThat(result.code()).isEqualTo(5);
        assertThat(result.err()).startsWith("kms-envelope: ").contains("NoSuchFileException", "\tat dev.kmsenvelope");
    }

    @Test
    void untrustedTextInErrorsCannotSteerTheTerminal() {
        String name = cli.file("a\u001b[31m\nb.enc").toString();
        cli.run("inspect", name).failed(5, "a\\u001b[31m b.enc");
        assertThat(cli.run("inspect", "--verbose", name).err())
                .contains("NoSuchFileException", "a\\u001b[31m")
                .doesNotContain("\u001b");
    }
}
