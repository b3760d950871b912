package dev.kmsenvelope.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.keystore.KmsLoadStoreParameter;
import dev.kmsenvelope.keystore.file.CertificateEntry;
import dev.kmsenvelope.keystore.file.DataKeyEntry;
import dev.kmsenvelope.keystore.file.KeyPointer;
import dev.kmsenvelope.keystore.file.PrivateKeyEntry;
import dev.kmsenvelope.keystore.file.StoreContent;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.provider.KmsEnvelopeProvider;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Key;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code keystore create, list, add-key, verify, rewrap} and {@code export-cert} with keys of the local backend. */
class KeyStoreCommandsTest {

    @TempDir
    private Path directory;

    private Cli cli;
    private Path file;

    @BeforeEach
    void makeFile() throws IOException {
        cli = new Cli(directory);
        file = cli.file("app.kms");
        keystore("create").ok();
    }

    private Cli.Result keystore(String command, String... more) {
        List<String> arguments = new java.util.ArrayList<>(List.of("keystore", command, file.toString()));
        arguments.addAll(List.of(more));
        return cli.run(arguments.toArray(String[]::new));
    }

    private StoreContent content() throws IOException {
        return Stores.content(cli, file, Stores.DEFAULT);
    }

    private KeyPair addPrivateKey(String alias) throws Exception {
        KeyPair pair = Stores.rsa();
        cli.write(
                alias + ".pem",
                Stores.pem(pair.getPrivate(), Stores.certificate("site", pair, "site", pair, "SHA256withRSA")));
        keystore("import", cli.file(alias + ".pem").toString(), "--alias", alias)
                .ok();
        return pair;
    }

    @Test
    void aNewFileIsEmptyAndSealed() throws IOException {
        assertThat(content().entries()).isEmpty();
        assertThat(content().generation()).isEqualTo(1);
        assertThat(Files.readString(file)).startsWith("kms-envelope-keystore 1\n");
        assertThat(keystore("list").ok().err()).contains("no entries yet");
        assertThat(keystore("verify").ok().err()).contains("the seal is good", "entries: 0");
        assertThat(cli.listing()).containsExactly("app.kms", "app.kms.lock");
    }

    @Test
    void anExistingFileIsNotOverwritten() throws IOException {
        byte[] before = Files.readAllBytes(file);
        keystore("create").failed(ExitCode.IO, "exists already");
        assertThat(Files.readAllBytes(file)).isEqualTo(before);
        Path other = cli.write("notes.txt", "mine".getBytes(StandardCharsets.UTF_8));
        cli.run("keystore", "create", other.toString()).failed(ExitCode.IO, "exists already");
        assertThat(other).hasContent("mine");
    }

    @Test
    void whatIsNoKeyStoreFileIsToldFromMissingOnes() throws IOException {
        cli.write("foreign", "not a keystore".getBytes(StandardCharsets.UTF_8));
        for (String command : List.of("list", "verify", "rewrap")) {
            cli.run("keystore", command, cli.file("foreign").toString()).failed(ExitCode.MESSAGE, "no keystore file");
            cli.run("keystore", command, cli.file("none").toString()).failed(ExitCode.IO, "no such file");
        }
    }

    @Test
    void aChangedFileIsRefusedByEveryCommand() throws IOException {
        keystore("add-key", "tokens").ok();
        byte[] changed = Files.readString(file).replace("tokens", "tokenz").getBytes(StandardCharsets.UTF_8);
        Files.write(file, changed);
        keystore("list").failed(ExitCode.MESSAGE, "was changed");
        keystore("verify").failed(ExitCode.MESSAGE, "was changed");
        keystore("rewrap").failed(ExitCode.MESSAGE, "was changed");
        keystore("add-key", "more").failed(ExitCode.MESSAGE, "was changed");
        keystore("export-cert", "tokenz").failed(ExitCode.MESSAGE, "was changed");
        assertThat(Files.readAllBytes(file)).isEqualTo(changed);
    }

    @Test
    void theFileOfAnotherKeyIsRefused() throws IOException {
        cli.run("key", "create", "alias/other").ok();
        cli.configure("keystore.key = alias/other");
        keystore("list").failed(ExitCode.MESSAGE, "alias/other");
    }

    @Test
    void anAddedKeyEncryptsThroughTheKeyStore() throws Exception {
        Cli.Result added = keystore("add-key", "tokens").ok();
        assertThat(added.out()).isEmpty();
        KeyStore store = KeyStore.getInstance("KMS", new KmsEnvelopeProvider());
        store.load(new KmsLoadStoreParameter(Configuration.read(cli.settings().toString()), file));
        Key key = store.getKey("tokens", null);
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding", new KmsEnvelopeProvider());
        cipher.init(Cipher.ENCRYPT_MODE, key);
        byte[] text = cipher.doFinal("hello".getBytes(StandardCharsets.UTF_8));
        byte[] iv = cipher.getIV();
        keystore("add-key", "tokens", "--rotate").ok();
        store.load(new KmsLoadStoreParameter(Configuration.read(cli.settings().toString()), file));
        cipher.init(Cipher.DECRYPT_MODE, store.getKey("tokens@1", null), new GCMParameterSpec(128, iv));
        assertThat(cipher.doFinal(text)).isEqualTo("hello".getBytes(StandardCharsets.UTF_8));
        assertThat(key.getEncoded()).isNull();
    }

    @Test
    void optionsSayWhatAKeyIs() throws IOException {
        keystore("add-key", "mac", "--usage", "hmacsha512").ok();
        keystore("add-key", "wrap", "--usage", "AES/KW/NoPadding", "--bits", "192", "--extractable")
                .ok();
        cli.run("key", "create", "alias/other").ok();
        keystore("add-key", "apart", "--key", "alias/other").ok();
        JsonObject json =
                JsonParser.parseString(keystore("list", "--json").ok().text()).getAsJsonObject();
        assertThat(json.get("generation").getAsInt()).isEqualTo(4);
        assertThat(json.getAsJsonArray("entries").asList())
                .map(each -> each.getAsJsonObject())
                .map(each -> each.get("alias").getAsString() + " "
                        + each.get("usage").getAsString() + " "
                        + each.get("bits").getAsInt() + " "
                        + each.get("extractable").getAsBoolean())
                .containsExactly(
                        "mac HmacSHA512 512 false",
                        "wrap AES/KW/NoPadding 192 true",
                        "apart AES/GCM/NoPadding 256 false");
        assertThat(((DataKeyEntry) content().find("apart").orElseThrow()).key())
                .isNotEqualTo(((DataKeyEntry) content().find("mac").orElseThrow()).key());
    }

    @Test
    void badKeysAreErrorsOfTheCommandLineAndChangeNothing() throws IOException {
        keystore("add-key", "tokens").ok();
        byte[] before = Files.readAllBytes(file);
        keystore("add-key", "tokens").failed(ExitCode.USAGE, "already", "--rotate");
        keystore("add-key", "none", "--rotate").failed(ExitCode.USAGE, "no entry 'none'");
        keystore("add-key", "tokens", "--rotate", "--bits", "128").failed(ExitCode.USAGE, "--rotate");
        keystore("add-key", "x", "--bits", "100").failed(ExitCode.USAGE, "multiple of 8");
        keystore("add-key", "x", "--bits", "64")
                .failed(ExitCode.USAGE, "AES/GCM/NoPadding has 128, 192 or 256 bits, not 64");
        keystore("add-key", "x", "--usage", "AES/ECB/NoPadding").failed(ExitCode.USAGE, "AES/GCM/NoPadding");
        keystore("add-key", "x@1").failed(ExitCode.USAGE, "'@'");
        keystore("add-key", "x", "--key", "alias/none").failed(ExitCode.KEY_SERVICE, "alias/none");
        assertThat(Files.readAllBytes(file)).isEqualTo(before);
    }

    @Test
    void theTableNamesEachKindAndNoSecret() throws Exception {
        keystore("add-key", "tokens").ok();
        addPrivateKey("site");
        Stores.change(cli, file, in -> in.with(new KeyPointer("live", Instant.now(), KeyId.of("alias/live"))));
        Cli.Result list = keystore("list").ok();
        assertThat(list.text().lines()).hasSize(4);
        assertThat(list.text())
                .containsPattern("tokens +data-key +AES/GCM/NoPadding, 256 bits, version 1")
                .containsPattern("site +private-key +RSA")
                .containsPattern("live +key +- +alias/live");
        DataKeyEntry tokens = (DataKeyEntry) content().find("tokens").orElseThrow();
        String blob =
                java.util.Base64.getEncoder().encodeToString(tokens.newest().blob());
        assertThat(list.text()).doesNotContain(blob);
        assertThat(keystore("list", "--json").ok().text()).doesNotContain(blob);
    }

    @Test
    void verifyTriesEachEntryAndNamesTheBadOnes() throws Exception {
        keystore("add-key", "tokens").ok();
        keystore("add-key", "tokens", "--rotate").ok();
        addPrivateKey("site");
        assertThat(keystore("verify").ok().text())
                .containsPattern("tokens +good +unwraps, all 2 versions")
                .containsPattern("site +good +unwraps, and its certificate is for it");
        Stores.change(cli, file, in -> {
            DataKeyEntry good = (DataKeyEntry) in.find("tokens").orElseThrow();
            PrivateKeyEntry key = (PrivateKeyEntry) in.find("site").orElseThrow();
            return in.with(new DataKeyEntry(
                            "swapped",
                            good.created(),
                            good.key(),
                            Map.of(),
                            good.usage(),
                            good.length(),
                            false,
                            good.maxMessages(),
                            good.versions()))
                    .with(new PrivateKeyEntry(
                            "moved", key.created(), key.key(), Map.of(), key.algorithm(), key.message(), key.chain()))
                    .with(new KeyPointer("gone", Instant.now(), KeyId.of("alias/none")))
                    .with(new CertificateEntry("noise", Instant.now(), new byte[] {1, 2, 3}));
        });
        Cli.Result result = keystore("verify");
        assertThat(result.code()).isEqualTo(ExitCode.MESSAGE);
        assertThat(result.text())
                .containsPattern("tokens +good")
                .containsPattern("site +good")
                .containsPattern("swapped +bad +version 1 does not unwrap")
                .containsPattern("moved +bad +the private key")
                .containsPattern("gone +bad")
                .containsPattern("noise +bad");
        byte[] before = Files.readAllBytes(file);
        keystore("rewrap").failed(ExitCode.MESSAGE, "swapped");
        assertThat(Files.readAllBytes(file)).isEqualTo(before);
    }

    @Test
    void verifyFindsACertificateOfAnotherKey() throws Exception {
        addPrivateKey("site");
        KeyPair other = Stores.rsa();
        X509Certificate foreign = Stores.certificate("site", other, "site", other, "SHA256withRSA");
        byte[] encoded = foreign.getEncoded();
        Stores.change(
                cli,
                file,
                in -> in.with(((PrivateKeyEntry) in.find("site").orElseThrow()).withChain(List.of(encoded))));
        Cli.Result result = keystore("verify");
        assertThat(result.code()).isEqualTo(ExitCode.MESSAGE);
        assertThat(result.text()).containsPattern("site +bad +its first certificate is for another key");
    }

    @Test
    void aDisabledKeyLeavesItsEntriesUnknown() throws IOException {
        cli.run("key", "create", "alias/other").ok();
        keystore("add-key", "apart", "--key", "alias/other").ok();
        cli.run("key", "disable", "alias/other").ok();
        Cli.Result result = keystore("verify");
        assertThat(result.code()).isEqualTo(ExitCode.KEY_SERVICE);
        assertThat(result.text()).containsPattern("apart +unknown");
        keystore("list").ok();
    }

    /** As an entry that is wrapped under it is. */
    @Test
    void aPointerToAKeyThatIsSwitchedOffIsNotGood() throws IOException {
        cli.run("key", "create", "alias/live").ok();
        Stores.change(cli, file, in -> in.with(new KeyPointer("live", Instant.now(), KeyId.of("alias/live"))));
        assertThat(keystore("verify").ok().text()).containsPattern("live +good");
        cli.run("key", "disable", "alias/live").ok();

        Cli.Result result = keystore("verify");

        assertThat(result.code()).isEqualTo(ExitCode.KEY_SERVICE);
        assertThat(result.text()).containsPattern("live +unknown .*disabled");
        cli.run("key", "delete", "alias/live", "--days", "7").ok();
        Cli.Result deleting = keystore("verify");
        assertThat(deleting.code()).isEqualTo(ExitCode.KEY_SERVICE);
        assertThat(deleting.text()).containsPattern("live +unknown .*deleted");
    }

    @Test
    void rewrapMovesEverythingToAnotherKey() throws Exception {
        keystore("add-key", "tokens").ok();
        keystore("add-key", "tokens", "--rotate").ok();
        addPrivateKey("site");
        cli.run("key", "create", "alias/new").ok();
        assertThat(keystore("rewrap", "--key", "alias/new").ok().err())
                .contains("entries wrapped again: 2", "keystore.key = alias/new");
        keystore("list").failed(ExitCode.MESSAGE, "alias/kms-envelope-keystore");
        cli.run("key", "disable", "alias/kms-envelope-keystore").ok();
        cli.configure("keystore.key = alias/new");
        assertThat(keystore("verify").ok().text())
                .containsPattern("tokens +good +unwraps, all 2 versions")
                .containsPattern("site +good");
    }

    @Test
    void rewrapWithoutAKeyUsesTheNewestVersion() throws IOException {
        keystore("add-key", "tokens").ok();
        byte[] before =
                ((DataKeyEntry) content().find("tokens").orElseThrow()).newest().blob();
        cli.run("key", "rotate", "alias/kms-envelope-keystore").ok();
        keystore("rewrap").ok();
        StoreContent after = content();
        assertThat(after.generation()).isEqualTo(3);
        assertThat(((DataKeyEntry) after.find("tokens").orElseThrow()).newest().blob())
                .isNotEqualTo(before);
        keystore("verify").ok();
    }

    @Test
    void rewrapUnderAMissingKeyChangesNothing() throws IOException {
        keystore("add-key", "tokens").ok();
        byte[] before = Files.readAllBytes(file);
        keystore("rewrap", "--key", "alias/none").failed(ExitCode.KEY_SERVICE, "alias/none");
        assertThat(Files.readAllBytes(file)).isEqualTo(before);
    }

    @Test
    void aCertificateIsExportedAndNothingOverwritten() throws Exception {
        addPrivateKey("site");
        keystore("add-key", "tokens").ok();
        String pem = keystore("export-cert", "site").ok().text();
        assertThat(pem).startsWith("-----BEGIN CERTIFICATE-----\n").endsWith("-----END CERTIFICATE-----\n");
        assertThat(cli.file("site.pem"))
                .content(StandardCharsets.US_ASCII)
                .contains(pem.lines().toList().get(1));
        Path out = cli.write("out.pem", new byte[] {1});
        keystore("export-cert", "site", "-o", out.toString()).failed(ExitCode.IO, "exists already");
        assertThat(Files.readAllBytes(out)).containsExactly(1);
        keystore("export-cert", "site", "-f", "-o", out.toString()).ok();
        assertThat(out).hasContent(pem);
        keystore("export-cert", "site", "-f", "-o", file.toString()).failed(ExitCode.USAGE, "the output is the input");
        keystore("export-cert", "tokens").failed(ExitCode.USAGE, "data-key");
        keystore("export-cert", "none").failed(ExitCode.USAGE, "no entry");
    }
}
