package dev.kmsenvelope.keystore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.keystore.JdkTool.Result;
import dev.kmsenvelope.provider.KmsStoredKey;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Key;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.KeyStore.Entry;
import java.security.KeyStore.PasswordProtection;
import java.security.KeyStore.PrivateKeyEntry;
import java.security.KeyStore.SecretKeyEntry;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The JDK's keytool with a keystore file, as a process; what it made is used here then. */
class KeytoolFileTest {

    @TempDir
    private Path home;

    private Path file;

    @BeforeEach
    void name() {
        file = home.resolve("store.kms");
    }

    private JdkTool keytool() {
        return JdkTool.keytool(home, file);
    }

    private KeyStore load() throws Exception {
        KeyStore keyStore = Fixture.unloaded();
        keyStore.load(new KmsLoadStoreParameter(Fixture.settings(home), file));
        return keyStore;
    }

    private static void assertSigns(KeyStore keyStore, String alias, String algorithm) throws Exception {
        PrivateKeyEntry entry = (PrivateKeyEntry) keyStore.getEntry(alias, null);
        Signature signature = Signature.getInstance(algorithm);
        signature.initSign(entry.getPrivateKey());
        signature.update(Fixture.TEXT);
        Signature verification = Signature.getInstance(algorithm);
        verification.initVerify(entry.getCertificate());
        verification.update(Fixture.TEXT);
        assertThat(verification.verify(signature.sign())).isTrue();
    }

    private static byte[] seal(Key key, byte[] iv) throws Exception {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding", Fixture.PROVIDER);
        cipher.init(Cipher.ENCRYPT_MODE, key, new GCMParameterSpec(128, iv));
        return cipher.doFinal(Fixture.TEXT);
    }

    @Test
    void makesListsRenamesAndDeletesSecretKeys() throws Exception {
        keytool().run("-genseckey", "-alias", "tokens", "-keyalg", "AES", "-keysize", "256", "-keypass", "changeit");
        keytool()
                .run("-genseckey", "-alias", "mac", "-keyalg", "HmacSHA256", "-keysize", "256", "-keypass", "changeit");
        assertThat(Files.readString(file)).startsWith("kms-envelope-keystore 1\n");
        Key tokens = load().getKey("tokens", null);
        assertThat(tokens).isInstanceOf(KmsStoredKey.class);
        byte[] sealed = seal(tokens, new byte[12]);

        Result listed = keytool().run("-list");
        assertThat(listed.out()).contains("Keystore type: KMS", "contains 2 entries");
        assertThat(listed.lines().filter(line -> line.contains("SecretKeyEntry")))
                .as(listed.toString())
                .hasSize(2);
        Result verbose = keytool().run("-list", "-v");
        assertThat(verbose.lines()).contains("Alias name: mac", "Alias name: tokens");
        assertThat(verbose.lines().filter("Entry type: SecretKeyEntry"::equals)).hasSize(2);

        keytool().run("-changealias", "-alias", "tokens", "-destalias", "renamed");
        keytool().run("-delete", "-alias", "mac");

        KeyStore keyStore = load();
        assertThat(Collections.list(keyStore.aliases())).containsExactly("renamed");
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding", Fixture.PROVIDER);
        cipher.init(Cipher.DECRYPT_MODE, keyStore.getKey("renamed", null), new GCMParameterSpec(128, new byte[12]));
        assertThat(cipher.doFinal(sealed)).isEqualTo(Fixture.TEXT);
        assertThat(keytool().fail("-delete", "-alias", "RENAMED").out()).contains("does not exist");
    }

    @Test
    void makesKeyPairsAndCertificatesForThem() throws Exception {
        String[] rsa = {"-genkeypair", "-alias", "tls", "-keyalg", "RSA", "-keysize", "2048", "-dname", "CN=tls"};
        String[] ec = {"-genkeypair", "-alias", "ca", "-keyalg", "EC", "-groupname", "secp256r1", "-dname", "CN=ca"};
        keytool().with(rsa).run("-keypass", "changeit");
        keytool().with(ec).run("-keypass", "changeit", "-ext", "bc:c");
        Path request = home.resolve("tls.csr");
        Path reply = home.resolve("tls.pem");
        Path authority = home.resolve("ca.pem");

        keytool().run("-certreq", "-alias", "tls", "-file", request.toString());
        keytool().run("-gencert", "-alias", "ca", "-infile", request.toString(), "-outfile", reply.toString(), "-rfc");
        keytool().run("-importcert", "-noprompt", "-alias", "tls", "-file", reply.toString());
        keytool().run("-exportcert", "-rfc", "-alias", "ca", "-file", authority.toString());
        keytool().run("-importcert", "-noprompt", "-alias", "trusted", "-file", authority.toString());

        KeyStore keyStore = load();
        assertThat(keyStore.getCertificateChain("tls")).hasSize(2);
        assertThat(((X509Certificate) keyStore.getCertificate("tls")).getIssuerX500Principal())
                .isEqualTo(((X509Certificate) keyStore.getCertificate("ca")).getSubjectX500Principal());
        assertSigns(keyStore, "tls", "SHA256withRSA");
        assertSigns(keyStore, "ca", "SHA256withECDSA");
        assertThat(keyStore.isCertificateEntry("trusted")).isTrue();
        try (InputStream in = Files.newInputStream(authority)) {
            assertThat(CertificateFactory.getInstance("X.509").generateCertificate(in))
                    .isEqualTo(keyStore.getCertificate("trusted"));
        }

        keytool().run("-changealias", "-alias", "tls", "-destalias", "site");
        Result listed = keytool().run("-list", "-v");
        assertThat(listed.lines().filter("Entry type: PrivateKeyEntry"::equals))
                .as(listed.toString())
                .hasSize(2);
        assertThat(listed.lines()).contains("Alias name: site", "Entry type: trustedCertEntry");
        assertSigns(load(), "site", "SHA256withRSA");
        assertThat(load().containsAlias("tls")).isFalse();
    }

    @Test
    void takesAPkcs12FileOver() throws Exception {
        Path pkcs12 = home.resolve("old.p12");
        KeyPair pair = Pairs.rsa();
        SecretKey mac = new SecretKeySpec("0123456789abcdef".getBytes(StandardCharsets.US_ASCII), "HmacSHA256");
        SecretKey aes = new SecretKeySpec(new byte[16], "AES");
        KeyStore old = KeyStore.getInstance("PKCS12");
        old.load(null, null);
        char[] password = "old password".toCharArray();
        old.setKeyEntry("site", pair.getPrivate(), password, new Certificate[] {Pairs.certificate(pair, "site")});
        old.setKeyEntry("aes", aes, password, null);
        old.setKeyEntry("mac", mac, password, null);
        old.setCertificateEntry("other", Pairs.certificate(Pairs.ec(), "other"));
        try (OutputStream out = Files.newOutputStream(pkcs12)) {
            old.store(out, password);
        }

        Result result = keytool()
                .run(
                        "-importkeystore",
                        "-noprompt",
                        "-srckeystore",
                        pkcs12.toString(),
                        "-srcstoretype",
                        "PKCS12",
                        "-srcstorepass",
                        "old password");

        assertThat(result.out()).contains("4 entries successfully imported");
        KeyStore keyStore = load();
        assertThat(keyStore.getKey("site", null)).isEqualTo(pair.getPrivate());
        assertThat(keyStore.getCertificate("site")).isEqualTo(old.getCertificate("site"));
        assertThat(keyStore.getCertificate("other")).isEqualTo(old.getCertificate("other"));
        Mac ours = Mac.getInstance("HmacSHA256", Fixture.PROVIDER);
        ours.init(keyStore.getKey("mac", null));
        Mac theirs = Mac.getInstance("HmacSHA256", "SunJCE");
        theirs.init(mac);
        assertThat(ours.doFinal(Fixture.TEXT)).isEqualTo(theirs.doFinal(Fixture.TEXT));
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding", "SunJCE");
        cipher.init(Cipher.DECRYPT_MODE, aes, new GCMParameterSpec(128, new byte[12]));
        assertThat(cipher.doFinal(seal(keyStore.getKey("aes", null), new byte[12])))
                .isEqualTo(Fixture.TEXT);
    }

    private JdkTool giveBack(Path pkcs12) {
        return JdkTool.keytool(home)
                .with("-importkeystore", "-noprompt", "-srckeystore", file.toString(), "-srcstoretype", "KMS")
                .with("-srcstorepass", "ignored", "-destkeystore", pkcs12.toString(), "-deststoretype", "PKCS12")
                .with("-deststorepass", "new password");
    }

    /** keytool gives each entry that it takes one and the same password, and a certificate can have none. */
    @Test
    void givesBackToAPkcs12FileWhatIsNotOpaque() throws Exception {
        KeyPair pair = Pairs.rsa();
        SecretKey aes = new SecretKeySpec(new byte[16], "AES");
        KeyStore keyStore = Fixture.load(home);
        keyStore.setKeyEntry("site", pair.getPrivate(), null, new Certificate[] {Pairs.certificate(pair, "site")});
        Set<Entry.Attribute> extractable = Set.of(
                new KmsEntryAttribute(KmsEntryAttribute.EXTRACTABLE, "true"),
                new KmsEntryAttribute(KmsEntryAttribute.USAGE, "AES/CTR/NoPadding"));
        keyStore.setEntry("aes", new SecretKeyEntry(aes, extractable), null);
        keyStore.setCertificateEntry("other", Pairs.certificate(Pairs.ec(), "other"));
        keyStore.setKeyEntry("opaque", new SecretKeySpec(new byte[32], "AES"), null, null);
        keyStore.store(new KmsLoadStoreParameter(Configuration.of(Map.of()), file));
        Path pkcs12 = home.resolve("back.p12");

        Result keys = giveBack(pkcs12).run("-destkeypass", "new password");
        Result certificates = giveBack(pkcs12).run();

        assertThat(keys.out()).contains("2 entries successfully imported");
        assertThat(keys.out()).contains("Entry for alias opaque not imported", "Entry for alias other not imported");
        assertThat(certificates.out()).contains("1 entries successfully imported");
        KeyStore back = KeyStore.getInstance("PKCS12");
        char[] password = "new password".toCharArray();
        try (InputStream in = Files.newInputStream(pkcs12)) {
            back.load(in, password);
        }
        assertThat(Collections.list(back.aliases())).containsExactlyInAnyOrder("site", "aes", "other");
        assertThat(back.getKey("site", password)).isEqualTo(pair.getPrivate());
        assertThat(back.getCertificate("site")).isEqualTo(keyStore.getCertificate("site"));
        assertThat(back.getKey("aes", password)).isEqualTo(aes);
        assertThat(back.getCertificate("other")).isEqualTo(keyStore.getCertificate("other"));
        assertThat(KmsEntryAttribute.find(
                        back.getEntry("aes", new PasswordProtection(password)), KmsEntryAttribute.USAGE))
                .contains("AES/CTR/NoPadding");
    }

    @Test
    void takesAnyPasswordAndChangesNothingWithANewOne() throws Exception {
        KeyStore keyStore = Fixture.load(home);
        keyStore.setKeyEntry("tokens", new SecretKeySpec(new byte[32], "AES"), null, null);
        keyStore.store(new KmsLoadStoreParameter(Configuration.of(Map.of()), file));
        byte[] before = Files.readAllBytes(file);

        keytool().run("-storepasswd", "-new", "another one");
        assertThat(Files.readAllBytes(file)).isEqualTo(before);
        assertThat(keytool().run("-list").out()).contains("contains 1 entry");
    }

    @Test
    void aDamagedFileIsSaidAndStaysAsItIs() throws Exception {
        KeyStore keyStore = Fixture.load(home);
        keyStore.setKeyEntry("tokens", new SecretKeySpec(new byte[32], "AES"), null, null);
        keyStore.store(new KmsLoadStoreParameter(Configuration.of(Map.of()), file));
        String damaged = Files.readString(file).replace("\"tokens\"", "\"token5\"");
        Files.writeString(file, damaged);

        Result result = keytool().fail("-delete", "-alias", "token5");

        assertThat(result.out()).contains("seal");
        assertThat(Files.readString(file)).isEqualTo(damaged);
    }

    @Test
    void withoutAFileTheEntriesHaveNoPlaceAndItSaysSo() throws Exception {
        Result result = JdkTool.keytool(home, Path.of("NONE"))
                .fail("-genseckey", "-alias", "x", "-keyalg", "AES", "-keysize", "256", "-keypass", "changeit");

        assertThat(result.out()).contains("-keystore FILE").contains("kms-envelope key");
    }
}
