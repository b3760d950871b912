package dev.kmsenvelope.compatibility;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.kms.KeyAdministration;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.kms.KeyUsage;
import dev.kmsenvelope.spi.Backends;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.crypto.SecretKey;

/**
 * Keys of local key services in temporary directories. A program gets them as it would in production: out of a KeyStore of type
 * {@code KMS} that is loaded from a file, with a password because many insist on one, and without naming a provider.
 */
public final class TestKeys implements AutoCloseable {

    /** Any password does. */
    static final String PASSWORD = "any password";

    /** The alias of the key pair in the keystores of TLS servers. */
    static final String TLS_ALIAS = "alias/tls";

    private static final String ALONE = "alone";
    private static final String DATA = "alias/data";
    private static final String RSA = "alias/rsa";
    private static final String EC = "alias/ec";
    private static final String INBOX = "alias/inbox";
    private static final String MAC = "alias/mac";

    private final Path directory;
    private final KeyStore keyStore;

    private TestKeys(Path directory) throws IOException, GeneralSecurityException {
        this.directory = directory;
        Path file = keyStoreFile("all");
        try (KeyAdministration keys = administration("all")) {
            keys.createKey(KeySpec.SYMMETRIC_DEFAULT, KeyId.of(DATA));
            keys.createKey(KeySpec.RSA_2048, KeyUsage.SIGN_VERIFY, KeyId.of(RSA));
            keys.createKey(KeySpec.ECC_NIST_P256, KeyUsage.SIGN_VERIFY, KeyId.of(EC));
            keys.createKey(KeySpec.RSA_2048, KeyUsage.ENCRYPT_DECRYPT, KeyId.of(INBOX));
            keys.createKey(KeySpec.HMAC_256, KeyId.of(MAC));
        }
        for (TlsKey key : TlsKey.values()) {
            keyStoreFile(key.name());
            try (KeyAdministration keys = administration(key.name())) {
                keys.createKey(KeySpec.SYMMETRIC_DEFAULT, KeyId.of(DATA));
                keys.createKey(key.spec, KeyUsage.SIGN_VERIFY, KeyId.of(TLS_ALIAS));
            }
        }
        keyStoreFile(ALONE);
        try (KeyAdministration keys = administration(ALONE)) {
            keys.createKey(KeySpec.ECC_NIST_P256, KeyUsage.SIGN_VERIFY, KeyId.of(TLS_ALIAS));
        }
        keyStore = load(file);
    }

    /** The kinds of key that TLS servers are run with. */
    enum TlsKey {
        RSA(KeySpec.RSA_2048),
        EC(KeySpec.ECC_NIST_P256);

        private final KeySpec spec;

        TlsKey(KeySpec spec) {
            this.spec = spec;
        }
    }

    /** Creates them. */
    public static TestKeys create() {
        try {
            return new TestKeys(Files.createTempDirectory("kms-envelope-compatibility"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private Path home(String name) {
        return directory.resolve(name);
    }

    private KeyAdministration administration(String home) {
        return Backends.openAdministration(
                Configuration.of(Map.of("local.directory", home(home).toString())));
    }

    /** A configuration: what stands where programs want the file of a keystore. */
    private Path keyStoreFile(String home) throws IOException {
        Path file = directory.resolve(home + ".properties");
        return Files.writeString(
                file, "local.directory = " + home(home).toString().replace('\\', '/') + "\n");
    }

    /** The file of a keystore with all keys. */
    Path file() {
        return directory.resolve("all.properties");
    }

    /** The file of a keystore for a TLS server: an AES key, which comes first, and {@link #TLS_ALIAS}. */
    Path file(TlsKey key) {
        return directory.resolve(key.name() + ".properties");
    }

    /** The file of a keystore that has a key on P-256 for TLS and nothing else. */
    Path fileWithOneKey() {
        return directory.resolve(ALONE + ".properties");
    }

    /** A place for files of a test, which is deleted at the end of the run. */
    Path scratch(String name) throws IOException {
        return Files.createDirectories(directory.resolve("scratch").resolve(name));
    }

    /** Loads a keystore as programs do. */
    static KeyStore load(Path file) throws GeneralSecurityException, IOException {
        KeyStore loaded = KeyStore.getInstance("KMS");
        try (InputStream in = Files.newInputStream(file)) {
            loaded.load(in, PASSWORD.toCharArray());
        }
        return loaded;
    }

    private static Key key(KeyStore from, String alias) throws GeneralSecurityException {
        Key key = from.getKey(alias, PASSWORD.toCharArray());
        if (key == null || key.getEncoded() != null) {
            throw new IllegalStateException(alias + " is not an opaque key");
        }
        return key;
    }

    /** The AES key. */
    SecretKey aes() throws GeneralSecurityException {
        return (SecretKey) key(keyStore, DATA);
    }

    /** The HMAC key. */
    SecretKey mac() throws GeneralSecurityException {
        return (SecretKey) key(keyStore, MAC);
    }

    /** The RSA key that signs, with its certificate. */
    KeyStore.PrivateKeyEntry rsa() throws GeneralSecurityException {
        return pair(RSA);
    }

    /** The key on P-256 that signs, with its certificate. */
    KeyStore.PrivateKeyEntry ec() throws GeneralSecurityException {
        return pair(EC);
    }

    /** The RSA key that decrypts, with its certificate, which is not signed. */
    KeyStore.PrivateKeyEntry inbox() throws GeneralSecurityException {
        return pair(INBOX);
    }

    private KeyStore.PrivateKeyEntry pair(String alias) throws GeneralSecurityException {
        return new KeyStore.PrivateKeyEntry((PrivateKey) key(keyStore, alias), keyStore.getCertificateChain(alias));
    }

    /** What clients of a TLS server trust. */
    X509Certificate certificate(TlsKey key) throws GeneralSecurityException, IOException {
        return certificate(file(key));
    }

    /** The same for the keystore of a file. */
    static X509Certificate certificate(Path keyStoreFile) throws GeneralSecurityException, IOException {
        return (X509Certificate) load(keyStoreFile).getCertificate(TLS_ALIAS);
    }

    @Override
    public void close() throws IOException {
        List<Path> all;
        try (Stream<Path> paths = Files.walk(directory)) {
            all = paths.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path path : all) {
            Files.deleteIfExists(path);
        }
    }
}
