package dev.kmsenvelope.keystore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmsenvelope.kms.KmsConfigurationException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Key;
import java.security.KeyStore;
import java.security.KeyStore.PasswordProtection;
import java.security.KeyStore.SecretKeyEntry;
import java.util.Collections;
import javax.crypto.AEADBadTagException;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The application's own AES keys, in a PKCS12 file, through a KMS KeyStore. */
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
