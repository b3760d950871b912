package dev.kmsenvelope.compatibility;

import dev.kmsenvelope.compatibility.report.HeldKey;
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
import java.util.Objects;
import java.util.stream.Stream;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;

/**
 * Keys of local key services and of keystore files, in temporary directories. A program gets them as it would in production: out
 * of a KeyStore of type {@code KMS} that is loaded from a file, with a password because many insist on one, and without naming a
 * provider.
 */
public final class TestKeys implements AutoCloseable {

    /** Any password does. */
    static final String PASSWORD = "any password";

    /** The alias of the key pair in the keystores of TLS servers. */
    static final String TLS_ALIAS = "alias/tls";

    /** What opens what was made under a data key, given its bytes, and nothing of this library. */
    static final String JDK = "JDK with the raw key";

    /** The setting of what works with an extractable entry only, as the page has it. */
    static final String EXTRACTABLE = "the entry's `extractable` (`--extractable` of the commands)";

    private final Path directory;
    private final ServiceStores services;
    private final FileStores files;
    private final KeyStore ofService;
    private final KeyStore ofFile;

    /** A certificate that a key signed for itself stays the same only as long as something refers to its service. */
    @SuppressWarnings("UnusedVariable") // keeps it from being collected
    private final List<KeyStore> keptOpen;

    private TestKeys(Path directory) throws IOException, GeneralSecurityException {
        this.directory = directory;
        services = new ServiceStores(directory);
        files = new FileStores(directory);
        ofService = load(services.all());
        ofFile = load(files.all());
        keptOpen = List.of(
                load(services.tls(HeldKey.SERVICE_RSA)),
                load(services.tls(HeldKey.SERVICE_EC)),
                load(services.tlsAlone()));
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

    /** A secret key; all are opaque, but for the one that is extractable. */
    SecretKey secret(HeldKey key) throws GeneralSecurityException {
        SecretKey secret = switch (key) {
            case SERVICE_AES -> secret(ofService, ServiceStores.DATA);
            case SERVICE_HMAC -> secret(ofService, ServiceStores.MAC);
            default -> secret(ofFile, FileStores.dataKey(key));
        };
        if ((secret.getEncoded() != null) != (key == HeldKey.FILE_EXTRACTABLE)) {
            throw new IllegalStateException(key + " gives its bytes, or does not, and should not, or should");
        }
        return secret;
    }

    /** The bytes of a data key of a file, for what knows nothing of this library. */
    SecretKey inTheClear(HeldKey key) throws GeneralSecurityException {
        return new SecretKeySpec(
                secret(ofFile, FileStores.inTheClear(key)).getEncoded(),
                secret(key).getAlgorithm());
    }

    private static SecretKey secret(KeyStore from, String alias) throws GeneralSecurityException {
        return (SecretKey) key(from, alias);
    }

    private static Key key(KeyStore from, String alias) throws GeneralSecurityException {
        return Objects.requireNonNull(from.getKey(alias, PASSWORD.toCharArray()), alias);
    }

    /** A key pair that signs, with its certificate. */
    KeyStore.PrivateKeyEntry pair(HeldKey key) throws GeneralSecurityException {
        return switch (key) {
            case SERVICE_RSA -> pair(ofService, ServiceStores.RSA);
            case SERVICE_EC -> pair(ofService, ServiceStores.EC);
            case FILE_RSA -> pair(ofFile, FileStores.RSA);
            case FILE_EC -> pair(ofFile, FileStores.EC);
            default -> throw new IllegalArgumentException(key + " is no key pair");
        };
    }

    /** An RSA key pair that decrypts, with its certificate. */
    KeyStore.PrivateKeyEntry inbox(HeldKey key) throws GeneralSecurityException {
        return switch (key) {
            case SERVICE_RSA -> pair(ofService, ServiceStores.INBOX);
            case FILE_RSA -> pair(ofFile, FileStores.INBOX);
            default -> throw new IllegalArgumentException(key + " does not decrypt");
        };
    }

    /** One of the service is opaque; one of a file is in the clear, as in any keystore. */
    private KeyStore.PrivateKeyEntry pair(KeyStore from, String alias) throws GeneralSecurityException {
        PrivateKey key = (PrivateKey) key(from, alias);
        if ((key.getEncoded() == null) != from.equals(ofService)) {
            throw new IllegalStateException(alias + " gives its bytes, or does not, and should not, or should");
        }
        return new KeyStore.PrivateKeyEntry(key, from.getCertificateChain(alias));
    }

    /** The file of a keystore with all keys of the service that are not for TLS. */
    Path file() {
        return services.all();
    }

    /**
     * The file of a keystore for a TLS server, with {@link #TLS_ALIAS}. With one of the service, an AES key comes before it; with
     * one of a file, a data key comes after it.
     */
    Path file(HeldKey key) {
        return switch (key) {
            case SERVICE_RSA, SERVICE_EC -> services.tls(key);
            case FILE_RSA, FILE_EC -> files.tls(key);
            default -> throw new IllegalArgumentException(key + " is not for TLS");
        };
    }

    /** The file of a keystore that has a key of the service on P-256 for TLS and nothing else. */
    Path fileWithOneKey() {
        return services.tlsAlone();
    }

    /** The file of a keystore that has a data key and then a private key on P-256 for TLS. */
    Path fileWithDataKeyFirst() {
        return files.tlsBehindDataKey();
    }

    /** What clients of a TLS server trust. */
    X509Certificate certificate(HeldKey key) throws GeneralSecurityException, IOException {
        return certificate(file(key));
    }

    /** The same for the keystore of a file. */
    static X509Certificate certificate(Path keyStoreFile) throws GeneralSecurityException, IOException {
        return (X509Certificate) load(keyStoreFile).getCertificate(TLS_ALIAS);
    }

    @Override
    public void close() throws IOException {
        files.close();
        List<Path> all;
        try (Stream<Path> paths = Files.walk(directory)) {
            all = paths.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path path : all) {
            Files.deleteIfExists(path);
        }
    }
}
