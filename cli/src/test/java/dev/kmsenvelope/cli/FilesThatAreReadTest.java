package dev.kmsenvelope.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FilesThatAreReadTest {

    private static final String REFUSED = "the output is the input";

    @TempDir
    private Path directory;

    private Cli cli;
    private String message = "";
    private String aad = "";

    @BeforeEach
    void makeFiles() throws IOException {
        cli = new Cli(directory).withKey();
        aad = cli.write("aad", new byte[] {7}).toString();
        message = cli.message("data.enc", new byte[9], "--aad-file", aad).toString();
    }

    @Test
    @DisplayName("encrypt and decrypt do not replace the associated data, under whatever name")
    void associatedData() throws IOException {
        String link = Files.createSymbolicLink(cli.file("link"), Path.of("aad")).toString();
        String hard = Files.createLink(cli.file("hard"), cli.file("aad")).toString();
        for (String name : new String[] {aad, link, hard}) {
            cli.run("decrypt", message, "--aad-file", aad, "-f", "-o", name).failed(ExitCode.USAGE, REFUSED);
            cli.run(new byte[9], "decrypt", "--aad-file", aad, "-f", "-o", name).failed(ExitCode.USAGE, REFUSED);
            cli.run("encrypt", message, "-k", Cli.KEY, "--aad-file", name, "-f", "-o", aad)
                    .failed(ExitCode.USAGE, REFUSED);
            cli.run(new byte[9], "encrypt", "-k", Cli.KEY, "--aad-file", name, "-f", "-o", aad)
                    .failed(ExitCode.USAGE, REFUSED);
        }
        assertThat(cli.read("aad")).containsExactly(7);
        cli.run("decrypt", message, "--aad-file", aad, "-o", cli.file("plain").toString())
                .ok();
    }

    @Test
    @DisplayName("A name that no option says is compared too: FILE.enc of encrypt, FILE of decrypt")
    void defaultNames() throws IOException {
        String plain = cli.write("plain", new byte[9]).toString();
        cli.run("encrypt", plain, "-f", "-k", Cli.KEY, "--aad-file", plain + ".enc")
                .failed(ExitCode.IO, "no such file");
        cli.write("plain.enc", new byte[] {7});
        cli.run("encrypt", plain, "-f", "-k", Cli.KEY, "--aad-file", plain + ".enc")
                .failed(ExitCode.USAGE, REFUSED);
        cli.run(
                        "decrypt",
                        message,
                        "-f",
                        "--aad-file",
                        cli.write("data", new byte[] {7}).toString())
                .failed(ExitCode.USAGE, REFUSED);
        assertThat(cli.read("plain.enc")).containsExactly(7);
        assertThat(cli.read("data")).containsExactly(7);
    }

    @Test
    @DisplayName("convert replaces neither the keyset of the new stream nor its associated data, old or new")
    void convert() throws IOException {
        String keyset = cli.file("keyset").toString();
        String[] make = {"--tink-template", "AES128_GCM_HKDF_4KB"};
        convert("-o", cli.file("stream").toString(), "--from-aad-file", aad, "--tink-keyset", keyset, make[0], make[1])
                .ok();
        byte[] before = cli.read("keyset");
        convert("-f", "-o", keyset, "--from-aad-file", aad, "--tink-keyset", keyset)
                .failed(ExitCode.USAGE, REFUSED);
        convert("-f", "-o", aad, "--from-aad", "\u0007", "--aad-file", aad).failed(ExitCode.USAGE, REFUSED);
        convert("-f", "-o", aad, "--from-aad-file", aad).failed(ExitCode.USAGE, REFUSED);
        String other = cli.file("other").toString();
        convert("-o", other, "--from-aad-file", aad, "--tink-keyset", keyset, make[0], make[1])
                .failed(ExitCode.USAGE, "already");
        assertThat(cli.read("keyset")).isEqualTo(before);
        assertThat(cli.read("aad")).containsExactly(7);
        convert("-o", other, "--from-aad-file", aad, "--tink-keyset", keyset).ok();
    }

    @Test
    @DisplayName("Neither the settings are replaced, nor a file that they name")
    void settings() throws IOException {
        String passphrase = cli.write("passphrase", "a passphrase of some length".getBytes(StandardCharsets.UTF_8))
                .toString();
        cli.configure("local.passphrase-file = " + passphrase);
        byte[] before = Files.readAllBytes(cli.settings());
        for (String name : new String[] {passphrase, cli.settings().toString()}) {
            cli.run("decrypt", message, "--aad-file", aad, "-f", "-o", name).failed(ExitCode.USAGE, REFUSED);
            cli.run(new byte[9], "encrypt", "-k", Cli.KEY, "-f", "-o", name).failed(ExitCode.USAGE, REFUSED);
            convert("-f", "-o", name, "--from-aad-file", aad).failed(ExitCode.USAGE, REFUSED);
        }
        assertThat(Files.readAllBytes(cli.settings())).isEqualTo(before);
        assertThat(cli.read("passphrase")).hasSize(27);
    }

    private Cli.Result convert(String... options) {
        String[] start = {"convert", message, "--to", "tink", "-k", Cli.KEY};
        String[] all = new String[start.length + options.length];
        System.arraycopy(start, 0, all, 0, start.length);
        System.arraycopy(options, 0, all, start.length, options.length);
        return cli.run(all);
    }
}
