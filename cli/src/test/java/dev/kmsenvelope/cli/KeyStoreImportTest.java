package dev.kmsenvelope.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.keystore.KmsLoadStoreParameter;
import dev.kmsenvelope.keystore.file.DataKeyEntry;
import dev.kmsenvelope.keystore.file.PrivateKeyEntry;
import dev.kmsenvelope.keystore.file.StoreContent;
import dev.kmsenvelope.provider.KmsEnvelopeProvider;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.Provider;
import java.security.Security;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPrivateKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.openssl.PKCS8Generator;
import org.bouncycastle.openssl.jcajce.JcaMiscPEMGenerator;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.openssl.jcajce.JceOpenSSLPKCS8EncryptorBuilder;
import org.bouncycastle.openssl.jcajce.JcePEMEncryptorBuilder;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code keystore import} from what the JDK and BouncyCastle write. */
class KeyStoreImportTest {

    private static final Provider SUN = Security.getProvider("SUN");
    private static final Provider BOUNCY_CASTLE = new BouncyCastleProvider();

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

    private Cli.Result take(byte[] source, String... options) throws IOException {
        return takeWith(password, source, options);
    }

    private Cli.Result takeWith(Path secret, byte[] source, String... options) throws IOException {
        List<String> arguments = new ArrayList<>(List.of(
                "keystore",
                "import",
                file.toString(),
                cli.write("source", source).toString(),
                "--source-password-file",
                secret.toString()));
        arguments.addAll(List.of(options));
        Cli.Result result = cli.run(arguments.toArray(String[]::new));
        assertThat(result.err()).doesNotContain(Stores.PASSWORD);
        assertThat(result.out()).isEmpty();
        return result;
    }

    private StoreContent content() throws IOException {
        return Stores.content(cli, file, Stores.DEFAULT);
    }

    private KeyStore loaded() throws Exception {
        KeyStore store = KeyStore.getInstance("KMS", new KmsEnvelopeProvider());
        store.load(new KmsLoadStoreParameter(Configuration.read(cli.settings().toString()), file));
        return store;
    }

    private void unchanged() throws IOException {
        assertThat(Files.readAllBytes(file)).isEqualTo(before);
    }

    @ParameterizedTest
    @CsvSource({"PKCS12,false", "PKCS12,true", "JKS,false", "JKS,true", "BCFKS,false", "BCFKS,true"})
    void privateKeysAndCertificatesComeAlong(String type, boolean named) throws Exception {
        KeyPair ca = Stores.rsa();
        KeyPair pair = Stores.pair("EC", "SunEC");
        X509Certificate root = Stores.certificate("ca", ca, "ca", ca, "SHA256withRSA");
        X509Certificate own = Stores.certificate("site", pair, "ca", ca, "SHA256withRSA");
        KeyStore source = Stores.empty(type, type.equals("BCFKS") ? BOUNCY_CASTLE : SUN);
        Stores.put(source, "site", pair, own, root);
        source.setCertificateEntry("ca", root);
        take(Stores.bytes(source), named ? new String[] {"--source-type", type} : new String[0])
                .ok();
        KeyStore store = loaded();
        assertThat(((ECPrivateKey) store.getKey("site", null)).getS())
                .isEqualTo(((ECPrivateKey) pair.getPrivate()).getS()); // its encoding may have the public key too
        assertThat(store.getCertificateChain("site")).containsExactly(own, root);
        assertThat(store.getCertificate("ca")).isEqualTo(root);
        cli.run("keystore", "verify", file.toString()).ok();
        assertThat(Files.readString(file))
                .doesNotContain(
                        Base64.getEncoder().encodeToString(pair.getPrivate().getEncoded()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"PKCS12", "BCFKS"})
    void secretKeysBecomeDataKeys(String type) throws Exception {
        byte[] raw = new byte[32];
        Arrays.fill(raw, (byte) 7);
        KeyStore source = Stores.empty(type, type.equals("BCFKS") ? BOUNCY_CASTLE : SUN);
        Stores.put(source, "tokens", new SecretKeySpec(raw, "AES"));
        Stores.put(source, "mac", new SecretKeySpec(raw, "HmacSHA256"));
        take(Stores.bytes(source), "--extractable").ok();
        assertThat(loaded().getKey("tokens", null).getEncoded()).isEqualTo(raw);
        assertThat(loaded().getKey("mac", null).getEncoded()).isEqualTo(raw);
        assertThat(((DataKeyEntry) content().find("mac").orElseThrow()).usage().transformation())
                .isEqualTo("HmacSHA256");
        take(Stores.bytes(source), "--force", "--alias", "tokens", "--usage", "AES/KWP/NoPadding")
                .ok();
        assertThat(loaded().getKey("tokens", null).getEncoded()).isNull();
        assertThat(Files.readString(file)).doesNotContain(Base64.getEncoder().encodeToString(raw));
    }

    @Test
    void otherSecretKeysAreRefusedAndNothingIsTaken() throws Exception {
        KeyStore source = Stores.empty("PKCS12", SUN);
        Stores.put(source, "a", new SecretKeySpec(new byte[32], "AES"));
        Stores.put(source, "old", new SecretKeySpec(new byte[24], "DESede"));
        take(Stores.bytes(source)).failed(ExitCode.USAGE, "'old'", "--alias");
        unchanged();
        take(Stores.bytes(source), "--alias", "a").ok();
        take(Stores.bytes(source), "--alias", "b").failed(ExitCode.USAGE, "no entry 'b'");
    }

    @Test
    void existingAliasesAreRefusedUnlessForced() throws Exception {
        KeyStore source = Stores.empty("PKCS12", SUN);
        Stores.put(source, "a", new SecretKeySpec(new byte[32], "AES"));
        Stores.put(source, "b", new SecretKeySpec(new byte[16], "AES"));
        cli.run("keystore", "add-key", file.toString(), "b").ok();
        before = Files.readAllBytes(file);
        take(Stores.bytes(source)).failed(ExitCode.USAGE, "'b'", "--force");
        unchanged();
        take(Stores.bytes(source), "--force").ok();
        assertThat(((DataKeyEntry) content().find("b").orElseThrow()).length()).isEqualTo(16);
    }

    @ParameterizedTest
    @ValueSource(strings = {"PKCS12", "JKS", "BCFKS"})
    void aWrongPasswordAndADamagedSourceAreOneLine(String type) throws Exception {
        KeyPair pair = Stores.rsa();
        KeyStore source = Stores.empty(type, type.equals("BCFKS") ? BOUNCY_CASTLE : SUN);
        Stores.put(source, "site", pair, Stores.certificate("site", pair, "site", pair, "SHA256withRSA"));
        byte[] bytes = Stores.bytes(source);
        Path wrong = cli.write("wrong", "not the password".getBytes(StandardCharsets.UTF_8));
        takeWith(wrong, bytes).failed(ExitCode.MESSAGE, "does not open as " + type);
        bytes[bytes.length - 1] ^= 1;
        take(bytes, "--source-type", type).failed(ExitCode.MESSAGE, "does not open as " + type);
        take(new byte[] {1, 2, 3}).failed(ExitCode.MESSAGE, "--source-type");
        unchanged();
    }

    @Test
    void keysMayHaveAPasswordOfTheirOwn() throws Exception {
        KeyPair pair = Stores.rsa();
        KeyStore source = Stores.empty("JKS", SUN);
        source.setKeyEntry("site", pair.getPrivate(), "another".toCharArray(), new X509Certificate[] {
            Stores.certificate("site", pair, "site", pair, "SHA256withRSA")
        });
        take(Stores.bytes(source)).failed(ExitCode.MESSAGE, "another password", "--source-key-password-file");
        unchanged();
        Path ofKey = cli.write("another", "another".getBytes(StandardCharsets.UTF_8));
        take(Stores.bytes(source), "--source-key-password-file", ofKey.toString())
                .ok();
        assertThat(loaded().getKey("site", null)).isEqualTo(pair.getPrivate());
    }

    @ParameterizedTest
    @CsvSource({
        "RSA,SunRsaSign,SHA256withRSA",
        "EC,SunEC,SHA256withECDSA",
        "Ed25519,SunEC,Ed25519",
        "DSA,SUN,SHA256withDSA"
    })
    void pemOfAKeyAndItsChainInAnyOrder(String algorithm, String provider) throws Exception {
        KeyPair ca = Stores.rsa();
        KeyPair pair = Stores.pair(algorithm, provider);
        X509Certificate root = Stores.certificate("ca", ca, "ca", ca, "SHA256withRSA");
        X509Certificate own = Stores.certificate("site", pair, "ca", ca, "SHA256withRSA");
        byte[] pem = Stores.pem(root, new JcaPKCS8Generator(pair.getPrivate(), null), own);
        take(pem).failed(ExitCode.USAGE, "--alias");
        take(pem, "--alias", "site").ok();
        assertThat(loaded().getKey("site", null)).isEqualTo(pair.getPrivate());
        assertThat(loaded().getCertificateChain("site")).containsExactly(own, root);
        assertThat(cli.run("keystore", "verify", file.toString()).ok().text()).contains("its certificate is for it");
    }

    @Test
    void pemWithAnEncryptedKey() throws Exception {
        KeyPair pair = Stores.rsa();
        X509Certificate own = Stores.certificate("site", pair, "site", pair, "SHA256withRSA");
        byte[] modern = Stores.pem(
                new JcaPKCS8Generator(
                        pair.getPrivate(),
                        new JceOpenSSLPKCS8EncryptorBuilder(PKCS8Generator.AES_256_CBC)
                                .setProvider(BOUNCY_CASTLE)
                                .setPassword(Stores.PASSWORD.toCharArray())
                                .build()),
                own);
        byte[] old = Stores.pem(
                new JcaMiscPEMGenerator(
                        pair.getPrivate(),
                        new JcePEMEncryptorBuilder("AES-256-CBC")
                                .setProvider(BOUNCY_CASTLE)
                                .build(Stores.PASSWORD.toCharArray())),
                own);
        assertThat(new String(modern, StandardCharsets.US_ASCII)).contains("BEGIN ENCRYPTED PRIVATE KEY");
        assertThat(new String(old, StandardCharsets.US_ASCII)).contains("Proc-Type: 4,ENCRYPTED");
        Path wrong = cli.write("wrong", "not the password".getBytes(StandardCharsets.UTF_8));
        for (byte[] pem : List.of(modern, old)) {
            takeWith(wrong, pem, "--alias", "site").failed(ExitCode.MESSAGE, "another one");
            unchanged();
        }
        take(modern, "--alias", "modern").ok();
        take(old, "--alias", "old").ok();
        assertThat(loaded().getKey("modern", null)).isEqualTo(pair.getPrivate());
        assertThat(loaded().getKey("old", null)).isEqualTo(pair.getPrivate());
    }

    @Test
    void pemOfAKeyInTheFormOfOpenSsl() throws Exception {
        for (String algorithm : List.of("RSA", "EC")) {
            KeyPair pair =
                    KeyPairGenerator.getInstance(algorithm, BOUNCY_CASTLE).generateKeyPair();
            byte[] pem = Stores.pem(
                    pair.getPrivate(),
                    Stores.certificate(
                            "site", pair, "site", pair, "SHA256with" + (algorithm.equals("EC") ? "ECDSA" : "RSA")));
            assertThat(new String(pem, StandardCharsets.US_ASCII)).contains("BEGIN " + algorithm + " PRIVATE KEY");
            take(pem, "--alias", algorithm).ok();
            assertThat(loaded().getKey(algorithm, null).getAlgorithm()).isEqualTo(algorithm);
        }
        cli.run("keystore", "verify", file.toString()).ok();
    }

    @Test
    void pemOfCertificatesAlone() throws Exception {
        KeyPair ca = Stores.rsa();
        X509Certificate one = Stores.certificate("one", ca, "one", ca, "SHA256withRSA");
        X509Certificate two = Stores.certificate("two", ca, "two", ca, "SHA256withRSA");
        take(Stores.pem(one, two), "--alias", "partner").ok();
        assertThat(loaded().getCertificate("partner")).isEqualTo(one);
        assertThat(loaded().getCertificate("partner-2")).isEqualTo(two);
    }

    @Test
    void badPemIsRefused() throws Exception {
        KeyPair pair = Stores.rsa();
        KeyPair other = Stores.rsa();
        X509Certificate foreign = Stores.certificate("site", other, "site", other, "SHA256withRSA");
        take(Stores.pem(pair.getPrivate()), "--alias", "a").failed(ExitCode.MESSAGE, "no certificate");
        take(Stores.pem(pair.getPrivate(), foreign), "--alias", "a").failed(ExitCode.MESSAGE, "no certificate");
        take(Stores.pem(pair.getPrivate(), other.getPrivate(), foreign), "--alias", "a")
                .failed(ExitCode.MESSAGE, "several private keys");
        byte[] noise =
                "-----BEGIN CERTIFICATE-----\nAQID\n-----END CERTIFICATE-----\n".getBytes(StandardCharsets.US_ASCII);
        take(noise, "--alias", "a").failed(ExitCode.MESSAGE, "no PEM of a key or certificate");
        take("-----BEGIN NOTHING".getBytes(StandardCharsets.US_ASCII), "--alias", "a")
                .failed(ExitCode.MESSAGE, "source");
        unchanged();
    }

    @Test
    void aCertificateOfAnotherKeyIsRefused() throws Exception {
        KeyPair pair = Stores.rsa();
        KeyPair other = Stores.rsa();
        KeyStore source = Stores.empty("JKS", SUN);
        Stores.put(source, "site", pair, Stores.certificate("site", other, "site", other, "SHA256withRSA"));
        take(Stores.bytes(source)).failed(ExitCode.MESSAGE, "'site'", "another key");
        unchanged();
    }

    @Test
    void anotherKeyMayWrapThem() throws Exception {
        cli.run("key", "create", "alias/other").ok();
        KeyPair pair = Stores.rsa();
        byte[] pem = Stores.pem(pair.getPrivate(), Stores.certificate("site", pair, "site", pair, "SHA256withRSA"));
        take(pem, "--alias", "here").ok();
        take(pem, "--alias", "there", "--key", "alias/other").ok();
        assertThat(((PrivateKeyEntry) content().find("there").orElseThrow()).key())
                .isNotEqualTo(((PrivateKeyEntry) content().find("here").orElseThrow()).key());
        assertThat(loaded().getKey("there", null)).isEqualTo(pair.getPrivate());
    }
}
