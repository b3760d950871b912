package dev.kmsenvelope.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmsenvelope.keystore.file.DataKeyEntry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.Security;
import java.util.Arrays;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code keystore} says of what people get wrong, and what it exits with. */
class KeyStoreMistakesTest {

    @TempDir
    private Path directory;

    private Cli cli;
    private Path file;
    private Path password;
    private byte[] before;

    @BeforeEach
    void makeFile() throws IOException {
        cli = new Cli(directory);
        file = cli.file("app.kms");
        cli.run("keystore", "create", file.toString()).ok();
        password = cli.write("password", (Stores.PASSWORD + "\n").getBytes(StandardCharsets.UTF_8));
        before = Files.readAllBytes(file);
    }

    private Cli.Result take(Path source, Path secret, String... more) {
        String[] all = Arrays.copyOf(
                new String[] {
                    "keystore",
                    "import",
                    file.toString(),
                    source.toString(),
                    "--source-password-file",
                    secret.toString()
                },
                6 + more.length);
        System.arraycopy(more, 0, all, 6, more.length);
        return cli.run(all);
    }

    private Path source(KeyStore store) throws Exception {
        return cli.write("source", Stores.bytes(store));
    }

    private void unchanged() throws IOException {
        assertThat(Files.readAllBytes(file)).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(strings = {"PKCS12", "JKS"})
    void anAliasInAnotherCaseIsNotTakenUnderThatName(String type) throws Exception {
        KeyPair pair = Stores.rsa();
        KeyStore store = Stores.empty(type, Security.getProvider("SUN"));
        Stores.put(store, "rsa", pair, Stores.certificate("site", pair, "site", pair, "SHA256withRSA"));

        take(source(store), password, "--alias", "RSA").failed(ExitCode.USAGE, "no entry 'RSA'", "there is 'rsa'");

        unchanged();
        take(source(store), password, "--alias", "rsa").ok();
        assertThat(Stores.content(cli, file, Stores.DEFAULT).find("rsa")).isPresent();
    }

    @Test
    void jceksIsRead() throws Exception {
        KeyPair pair = Stores.rsa();
        KeyStore store = Stores.empty("JCEKS", Security.getProvider("SunJCE"));
        Stores.put(store, "site", pair, Stores.certificate("site", pair, "site", pair, "SHA256withRSA"));
        Stores.put(store, "tokens", new SecretKeySpec(new byte[16], "AES"));

        take(source(store), password).ok();

        assertThat(Stores.content(cli, file, Stores.DEFAULT).find("site")).isPresent();
        assertThat(Stores.content(cli, file, Stores.DEFAULT).find("tokens"))
                .get()
                .isInstanceOf(DataKeyEntry.class);
        Path wrong = cli.write("wrong", "not the password".getBytes(StandardCharsets.UTF_8));
        take(source(store), wrong).failed(ExitCode.MESSAGE, "does not open as JCEKS");
    }

    @Test
    void aKmsFileAsSourceIsToldHowItsEntriesAreCopied() throws Exception {
        Path other = cli.file("other.kms");
        cli.run("keystore", "create", other.toString()).ok();

        take(other, password).failed(ExitCode.USAGE, "type KMS already", "keytool -importkeystore");

        unchanged();
    }

    @Test
    void aDamagedSourceIsABadSource() throws Exception {
        KeyPair pair = Stores.rsa();
        KeyStore store = Stores.empty("PKCS12", Security.getProvider("SUN"));
        Stores.put(store, "site", pair, Stores.certificate("site", pair, "site", pair, "SHA256withRSA"));
        byte[] whole = Stores.bytes(store);
        for (int length : new int[] {0, 1, 2, 4, 100, whole.length / 2, whole.length - 1}) {
            take(cli.write("source", Arrays.copyOf(whole, length)), password).failed(ExitCode.MESSAGE, "source");
        }
        take(cli.write("source", "random \u00ff text".getBytes(StandardCharsets.UTF_8)), password)
                .failed(ExitCode.MESSAGE, "PKCS12, JKS, JCEKS, BCFKS and PEM");
        unchanged();
    }

    @Test
    void whatCannotBeReadIsNamed() throws Exception {
        KeyStore store = Stores.empty("PKCS12", Security.getProvider("SUN"));
        Stores.put(store, "tokens", new SecretKeySpec(new byte[16], "AES"));
        Path source = source(store);
        Path folder = Files.createDirectory(cli.file("folder"));
        Path none = cli.file("none");

        take(none, password).failed(ExitCode.IO, "none: no such file");
        take(folder, password).failed(ExitCode.IO, "folder: is a directory");
        take(source, none).failed(ExitCode.IO, "none: no such file");
        take(source, folder).failed(ExitCode.IO, "folder");
        take(source, password, "--source-key-password-file", none.toString()).failed(ExitCode.IO, "none: no such file");
        take(source, cli.write("empty", new byte[0])).failed(ExitCode.USAGE, "the password file", "empty");
        cli.run("keystore", "list", folder.toString()).failed(ExitCode.IO, "folder: is a directory");
        cli.run("keystore", "create", none.resolve("x.kms").toString())
                .failed(ExitCode.IO, "no such file or directory");
        cli.run("keystore", "list", "").failed(ExitCode.USAGE, "name of the keystore file is empty");
        cli.run("keystore", "create", "").failed(ExitCode.USAGE, "name of the keystore file is empty");
        unchanged();
    }

    @Test
    void aFileOfAnotherKindIsNamed() throws Exception {
        KeyPair pair = Stores.rsa();
        KeyStore store = Stores.empty("JKS", Security.getProvider("SUN"));
        Stores.put(store, "site", pair, Stores.certificate("site", pair, "site", pair, "SHA256withRSA"));

        cli.run("keystore", "list", source(store).toString()).failed(ExitCode.MESSAGE, "no keystore file", "type JKS");
    }
}
