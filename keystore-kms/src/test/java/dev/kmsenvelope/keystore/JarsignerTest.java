package dev.kmsenvelope.keystore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.keystore.JdkTool.Result;
import dev.kmsenvelope.kms.KeyAdministration;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.kms.KeyUsage;
import dev.kmsenvelope.spi.Backends;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The JDK's jarsigner, as a process: with keys that stay in the key service, and with wrapped ones of a keystore file. */
class JarsignerTest {

    @TempDir
    private static Path home;

    private static Path file;

    @BeforeAll
    static void makeKeys() throws Exception {
        try (KeyAdministration keys = Backends.openAdministration(Fixture.settings(home))) {
            keys.createKey(KeySpec.RSA_2048, KeyUsage.SIGN_VERIFY, KeyId.of("alias/rsa"));
            keys.createKey(KeySpec.ECC_NIST_P256, KeyUsage.SIGN_VERIFY, KeyId.of("alias/p256"));
        }
        file = home.resolve("store.kms");
        KeyStore keyStore = Fixture.load(home);
        KeyPair rsa = Pairs.rsa();
        keyStore.setKeyEntry("rsa", rsa.getPrivate(), null, new Certificate[] {Pairs.certificate(rsa, "rsa")});
        KeyPair ec = Pairs.ec();
        keyStore.setKeyEntry("ec", ec.getPrivate(), null, new Certificate[] {Pairs.certificate(ec, "ec")});
        keyStore.setEntry("pointer", keyStore.getEntry("alias/rsa", null), null);
        keyStore.store(new KmsLoadStoreParameter(Configuration.of(Map.of()), file));
    }

    private static Path jar(String name) throws Exception {
        Path jar = home.resolve(name + ".jar");
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().putValue("Manifest-Version", "1.0");
        try (OutputStream out = Files.newOutputStream(jar);
                JarOutputStream entries = new JarOutputStream(out, manifest)) {
            entries.putNextEntry(new JarEntry("text"));
            entries.write(Fixture.TEXT);
            entries.closeEntry();
        }
        return jar;
    }

    @ParameterizedTest
    @CsvSource({
        "NONE, alias/rsa, SHA256withRSA",
        "NONE, alias/p256, SHA256withECDSA",
        "FILE, rsa, SHA256withRSA",
        "FILE, ec, SHA256withECDSA",
        "FILE, pointer, SHA384withRSA"
    })
    void signsAndVerifies(String where, String alias, String algorithm) throws Exception {
        String keyStore = where.equals("NONE") ? where : file.toString();
        Path jar = jar(alias.replace('/', '-') + "-" + where);

        JdkTool.jarsigner(home, keyStore).run("-sigalg", algorithm, "-sigfile", "SIGNED", jar.toString(), alias);

        Result verified = JdkTool.jarsigner(home, keyStore).run("-verify", "-verbose", "-certs", jar.toString());
        assertThat(verified.out()).contains("jar verified").contains(algorithm);
    }

    /** JDK 25 chooses this hash by itself. */
    @Test
    void aHashThatDoesNotGoWithTheCurveIsRefusedWithTheOptionToGive() throws Exception {
        Result result = JdkTool.jarsigner(home, "NONE")
                .fail("-sigalg", "SHA384withECDSA", jar("hash").toString(), "alias/p256");

        assertThat(result.out()).contains("-sigalg SHA256withECDSA");
    }

    @Test
    void anAliasThatIsNotThereIsSaid() throws Exception {
        Result result =
                JdkTool.jarsigner(home, file.toString()).fail(jar("none").toString(), "none");

        assertThat(result.out()).contains("Certificate chain not found for: none");
    }
}
