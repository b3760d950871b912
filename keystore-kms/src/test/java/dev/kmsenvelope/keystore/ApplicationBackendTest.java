package dev.kmsenvelope.keystore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmsenvelope.kms.KeyAccessDeniedException;
import dev.kmsenvelope.kms.KmsConfigurationException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Key;
import java.security.KeyStore;
import java.security.KeyStore.PasswordProtection;
import java.security.KeyStore.SecretKeyEntry;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import javax.crypto.AEADBadTagException;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The application's own keys, in a PKCS12 file, through a KMS KeyStore. */
class ApplicationBackendTest {

    @TempDir
    private Path directory;

    private String configuration;

    @BeforeEach
    void makeKeyStore() throws Exception {
        char[] password = "changeit".toCharArray();
        KeyStore pkcs12 = KeyStore.getInstance("PKCS12");
        pkcs12.load(null, null);
        byte[] other = new byte[32];
        other[0] = 1;
        pkcs12.setEntry(
                "master", new SecretKeyEntry(new SecretKeySpec(new byte[32], "AES")), new PasswordProtection(password));
        pkcs12.setEntry("other", new SecretKeyEntry(new SecretKeySpec(other, "AES")), new PasswordProtection(password));
        try (OutputStream out = Files.newOutputStream(directory.resolve("keys.p12"))) {
            pkcs12.store(out, password);
        }
        Files.writeString(directory.resolve("password"), "changeit\n");
        configuration = "backend = application\napplication.keystore = " + directory.resolve("keys.p12") + "\n";
    }

    private String passwordFile() {
        return "application.password-file = " + directory.resolve("password");
    }

    @Test
    void itsKeysEncryptAndDecrypt() throws Exception {
        KeyStore keyStore = Fixture.load(configuration + passwordFile());

        assertThat(Collections.list(keyStore.aliases())).containsExactly("alias/master", "alias/other");
        Key key = keyStore.getKey("alias/master", null);
        byte[] sealed = Fixture.seal(key);
        assertThat(Fixture.open(key, sealed)).isEqualTo(Fixture.TEXT);
        assertThat(Fixture.open(keyStore.getKey("master", null), sealed)).isEqualTo(Fixture.TEXT);
        assertThatThrownBy(() -> Fixture.open(keyStore.getKey("alias/other", null), sealed))
                .isInstanceOf(AEADBadTagException.class);
    }

    @Test
    void whatItEncryptedOpensWithTheSameKeyLoadedAgain() throws Exception {
        byte[] sealed =
                Fixture.seal(Fixture.load(configuration + passwordFile()).getKey("alias/master", null));
        KeyStore again = Fixture.load(configuration + "decrypt.hold = 1MiB\n" + passwordFile());

        assertThat(Fixture.open(again.getKey("alias/master", null), sealed)).isEqualTo(Fixture.TEXT);
    }

    @Test
    @DisplayName("RULES 15: a process that has only a certificate writes, and cannot read back")
    void aProcessCanBeSetUpToEncryptOnly() throws Exception {
        keytool("-genkeypair -alias recovery -keyalg RSA -keysize 2048 -dname CN=recovery -validity 36500 -keystore"
                + " private.p12 -storetype PKCS12 -storepass changeit");
        keytool("-exportcert -rfc -alias recovery -file recovery.pem -keystore private.p12 -storepass changeit");
        keytool("-importcert -noprompt -alias recovery -file recovery.pem -keystore public.p12 -storetype PKCS12"
                + " -storepass changeit");
        Key writer = load("public.p12").getKey("alias/recovery", null);
        Key reader = load("private.p12").getKey("alias/recovery", null);

        assertThat(writer.getAlgorithm()).isEqualTo("AES");
        assertThat(writer.getEncoded()).isNull();
        byte[] sealed = Fixture.seal(writer);
        assertThat(Fixture.open(reader, sealed)).isEqualTo(Fixture.TEXT);
        assertThatThrownBy(() -> Fixture.open(writer, sealed))
                .isInstanceOf(KeyAccessDeniedException.class)
                .hasMessageContaining("public key only");
    }

    private KeyStore load(String file) throws Exception {
        return Fixture.load(
                "backend = application\napplication.keystore = " + directory.resolve(file) + "\n" + passwordFile());
    }

    private void keytool(String arguments) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.addAll(List.of(arguments.split(" ")));
        Path output = directory.resolve("keytool.out");
        int exit = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start()
                .waitFor();
        assertThat(exit).as(Files.readString(output)).isZero();
    }

    @Test
    void aMissingKeyStoreOrPasswordOrAWrongOneIsAnErrorOfLoad() throws Exception {
        assertLoadFails(configuration);
        Files.writeString(directory.resolve("password"), "wrong\n");
        assertLoadFails(configuration + passwordFile());
        Files.delete(directory.resolve("password"));
        assertLoadFails(configuration + passwordFile());
        assertLoadFails("backend = application");
        Files.delete(directory.resolve("keys.p12"));
        assertLoadFails(configuration);
    }

    private static void assertLoadFails(String configuration) {
        assertThatThrownBy(() -> Fixture.load(configuration))
                .isInstanceOf(IOException.class)
                .hasCauseInstanceOf(KmsConfigurationException.class);
    }
}
