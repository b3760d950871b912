package dev.kmsenvelope.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.keystore.KmsLoadStoreParameter;
import dev.kmsenvelope.provider.KmsEnvelopeProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Key;
import java.security.KeyPair;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A keystore file whose keys are in AWS KMS, from its making to its moving, with the requests that the server saw. */
class AwsKeyStoreTest {

    private static final byte[] TEXT = {1, 2, 3};

    @TempDir
    private Path directory;

    private AwsCli cli;
    private Path file;
    private String old;
    private String other;

    @BeforeEach
    void start() throws IOException {
        Assumptions.assumeTrue(
                System.getenv("AWS_ACCESS_KEY_ID") == null, "AWS_ACCESS_KEY_ID is set in this environment");
        cli = new AwsCli(directory);
        file = cli.file("app.kms");
        old = cli.create("alias/old");
        other = cli.create("alias/new");
        cli.configure("keystore.key = " + old);
        keystore("create").ok();
    }

    @AfterEach
    void close() {
        cli.close();
    }

    private Cli.Result keystore(String command, String... more) {
        List<String> arguments = new ArrayList<>(List.of("keystore", command, file.toString()));
        arguments.addAll(List.of(more));
        return cli.run(arguments.toArray(String[]::new));
    }

    private KeyStore loaded(String pinned) throws Exception {
        KeyStore store = KeyStore.getInstance("KMS", new KmsEnvelopeProvider());
        store.load(new KmsLoadStoreParameter(
                Configuration.of(Map.of("keystore.key", pinned)).orElse(cli.configuration()), file));
        return store;
    }

    private KeyPair fill() throws Exception {
        keystore("add-key", "tokens").ok();
        keystore("add-key", "tokens", "--rotate").ok();
        keystore("add-key", "mac", "--usage", "HmacSHA256", "--key", "alias/old")
                .ok();
        KeyPair pair = Stores.rsa();
        Path pem = Files.write(
                cli.file("site.pem"),
                Stores.pem(pair.getPrivate(), Stores.certificate("site", pair, "site", pair, "SHA256withRSA")));
        keystore("import", pem.toString(), "--alias", "site").ok();
        return pair;
    }

    @Test
    @DisplayName("rewrap --key moves a whole file: afterwards the old key is needed for nothing")
    void moved() throws Exception {
        KeyPair pair = fill();
        Key before = loaded(old).getKey("tokens@1", null);
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding", new KmsEnvelopeProvider());
        cipher.init(Cipher.ENCRYPT_MODE, before);
        byte[] sealed = cipher.doFinal(TEXT);
        cli.log().clear();

        keystore("rewrap", "--key", other).ok();

        assertThat(cli.operations().stream().filter("ReEncrypt"::equals))
                .as("two versions and the HMAC")
                .hasSize(3);
        keystore("list").failed(ExitCode.MESSAGE, "sealed under another key");
        cli.run("key", "disable", "alias/old").ok();
        cli.configure("keystore.key = " + other);
        assertThat(keystore("verify").ok().text())
                .containsPattern("tokens +good +unwraps, all 2 versions")
                .containsPattern("mac +good")
                .containsPattern("site +good");
        KeyStore store = loaded(other);
        assertThat(store.getKey("site", null)).isEqualTo(pair.getPrivate());
        cipher.init(Cipher.DECRYPT_MODE, store.getKey("tokens@1", null), new GCMParameterSpec(128, cipher.getIV()));
        assertThat(cipher.doFinal(sealed)).isEqualTo(TEXT);
        assertThat(Files.readString(file)).contains(other).doesNotContain(old);
    }

    @Test
    @DisplayName("rewrap under a key that this identity may not use leaves the file as it was")
    void denied() throws Exception {
        fill();
        byte[] before = Files.readAllBytes(file);
        cli.server()
                .access()
                .allowOnly(AwsCli.USER, "DescribeKey", "Decrypt", "GenerateDataKey", "Encrypt", "ReEncryptFrom");

        keystore("rewrap", "--key", other).failed(ExitCode.KEY_SERVICE, "kms:ReEncrypt");

        assertThat(Files.readAllBytes(file)).isEqualTo(before);
        assertThat(keystore("verify").ok().text()).containsPattern("tokens +good");
    }

    @Test
    @DisplayName("verify tells of a disabled key what it cannot know")
    void disabled() throws Exception {
        keystore("add-key", "apart", "--key", "alias/new").ok();
        cli.run("key", "disable", "alias/new").ok();

        Cli.Result result = keystore("verify");

        assertThat(result.code()).isEqualTo(ExitCode.KEY_SERVICE);
        assertThat(result.text()).containsPattern("apart +unknown");
    }
}
