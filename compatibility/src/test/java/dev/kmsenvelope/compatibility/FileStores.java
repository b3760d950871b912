package dev.kmsenvelope.compatibility;

import dev.kmsenvelope.compatibility.report.HeldKey;
import dev.kmsenvelope.keystore.KmsEntryAttribute;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.spec.ECGenParameterSpec;
import java.util.Map;
import java.util.Set;
import javax.crypto.KeyGenerator;
import javax.crypto.SecretKey;

/**
 * Keystore files: data keys and private keys that are wrapped in them. A file in a stream has no settings, so these come from
 * where {@code -Dkmsenvelope.config} says, as they do for a user.
 */
final class FileStores implements AutoCloseable {

    static final String RSA = "rsa";
    static final String EC = "ec";
    static final String INBOX = "inbox";

    /** What data keys of a file are for. */
    private static final Map<HeldKey, String> USAGES = Map.of(
            HeldKey.FILE_GCM, "AES/GCM/NoPadding",
            HeldKey.FILE_CBC, "AES/CBC/PKCS5Padding",
            HeldKey.FILE_CTR, "AES/CTR/NoPadding",
            HeldKey.FILE_KW, "AES/KW/NoPadding",
            HeldKey.FILE_HMAC, "HmacSHA256");

    private static final String CONFIGURATION = "kmsenvelope.config";
    private static final String DATA_KEY_FIRST = "data-key-first";

    private final Path directory;

    /** Creates them. */
    FileStores(Path directory) throws IOException, GeneralSecurityException {
        this.directory = directory;
        Path settings = directory.resolve("files.properties");
        Files.writeString(
                settings,
                "local.directory = " + directory.resolve("files").toString().replace('\\', '/') + "\n");
        System.setProperty(CONFIGURATION, settings.toString());
        storeAll();
        storeTls(HeldKey.FILE_RSA.name(), rsa(), false);
        storeTls(HeldKey.FILE_EC.name(), ec(), false);
        storeTls(DATA_KEY_FIRST, ec(), true);
    }

    private void storeAll() throws IOException, GeneralSecurityException {
        KeyStore store = empty();
        for (HeldKey key : USAGES.keySet()) {
            SecretKey raw = raw(key);
            setDataKey(store, key.name(), raw, key, false);
            setDataKey(store, inTheClear(key), raw, key, true);
        }
        setPair(store, RSA, rsa());
        setPair(store, EC, ec());
        setPair(store, INBOX, rsa());
        save(store, all());
    }

    private void storeTls(String name, KeyPair pair, boolean dataKeyFirst)
            throws IOException, GeneralSecurityException {
        KeyStore store = empty();
        if (dataKeyFirst) {
            setDataKey(store, "first", raw(HeldKey.FILE_GCM), HeldKey.FILE_GCM, false);
        }
        setPair(store, TestKeys.TLS_ALIAS, pair);
        setDataKey(store, "last", raw(HeldKey.FILE_GCM), HeldKey.FILE_GCM, false);
        save(store, file(name));
    }

    private static KeyStore empty() throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("KMS");
        store.load(null, null);
        return store;
    }

    private static void save(KeyStore store, Path file) throws IOException, GeneralSecurityException {
        try (OutputStream out = Files.newOutputStream(file)) {
            store.store(out, TestKeys.PASSWORD.toCharArray());
        }
    }

    private static SecretKey raw(HeldKey key) throws GeneralSecurityException {
        KeyGenerator generator = KeyGenerator.getInstance(key == HeldKey.FILE_HMAC ? USAGES.get(key) : "AES");
        generator.init(256);
        return generator.generateKey();
    }

    private static void setDataKey(KeyStore store, String alias, SecretKey raw, HeldKey key, boolean extractable)
            throws GeneralSecurityException {
        store.setEntry(
                alias,
                new KeyStore.SecretKeyEntry(
                        raw,
                        Set.of(
                                new KmsEntryAttribute(KmsEntryAttribute.USAGE, USAGES.get(key)),
                                new KmsEntryAttribute(KmsEntryAttribute.EXTRACTABLE, String.valueOf(extractable)))),
                new KeyStore.PasswordProtection(TestKeys.PASSWORD.toCharArray()));
    }

    private static void setPair(KeyStore store, String alias, KeyPair pair) throws GeneralSecurityException {
        store.setKeyEntry(alias, pair.getPrivate(), TestKeys.PASSWORD.toCharArray(), new Certificate[] {
            TestCertificates.selfSigned(pair)
        });
    }

    private static KeyPair rsa() throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        return generator.generateKeyPair();
    }

    private static KeyPair ec() throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        return generator.generateKeyPair();
    }

    private Path file(String name) {
        return directory.resolve(name + ".kms");
    }

    /** The alias of a data key: opaque, but for the one that is extractable. */
    static String dataKey(HeldKey key) {
        return key == HeldKey.FILE_EXTRACTABLE ? inTheClear(HeldKey.FILE_GCM) : key.name();
    }

    /** The alias of the same data key in an entry that is extractable. */
    static String inTheClear(HeldKey key) {
        return key.name() + " extractable";
    }

    /** All that are not for TLS. */
    Path all() {
        return file("all");
    }

    /** For a TLS server: {@link TestKeys#TLS_ALIAS}, then a data key. */
    Path tls(HeldKey key) {
        return file(key.name());
    }

    /** The same, a key on P-256, and a data key before it. */
    Path tlsBehindDataKey() {
        return file(DATA_KEY_FIRST);
    }

    @Override
    public void close() {
        System.clearProperty(CONFIGURATION);
    }
}
