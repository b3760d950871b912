package dev.kmsenvelope.application;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.SecretBytes;
import dev.kmsenvelope.spi.Backends;
import dev.kmsenvelope.testing.RsaKeys;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.jce.provider.BouncyCastleProvider;

/** Makes keystores and opens the backend over them. */
final class KeyStoreFiles {

    static final char[] PASSWORD = "correct horse".toCharArray();

    private final Path directory;
    private final String type;
    private final KeyStore keyStore;

    KeyStoreFiles(Path directory, String type) throws Exception {
        this.directory = directory;
        this.type = type;
        this.keyStore = type.equals("BCFKS")
                ? KeyStore.getInstance(type, new BouncyCastleProvider())
                : KeyStore.getInstance(type);
        keyStore.load(null, null);
    }

    KeyStoreFiles aes(String alias, byte[] key) throws Exception {
        keyStore.setKeyEntry(alias, new SecretKeySpec(key, "AES"), PASSWORD, null);
        return this;
    }

    KeyStoreFiles pair(String alias, KeyPair pair) throws Exception {
        return pair(alias, pair, RsaKeys.certificate(pair), PASSWORD);
    }

    KeyStoreFiles pair(String alias, KeyPair pair, Certificate certificate, char[] password) throws Exception {
        keyStore.setKeyEntry(alias, pair.getPrivate(), password, new Certificate[] {certificate});
        return this;
    }

    KeyStoreFiles certificate(String alias, Certificate certificate) throws Exception {
        keyStore.setCertificateEntry(alias, certificate);
        return this;
    }

    /** Writes the file, and the password beside it; gives the settings to open it. */
    Map<String, String> settings() throws Exception {
        Path file = directory.resolve("keys." + type);
        try (OutputStream out = Files.newOutputStream(file)) {
            keyStore.store(out, PASSWORD);
        }
        return settings(file, type, String.valueOf(PASSWORD));
    }

    static Map<String, String> settings(Path file, String type, String password) throws IOException {
        Path passwordFile = file.resolveSibling(file.getFileName() + ".password");
        Files.writeString(passwordFile, password + "\n");
        if (Files.getFileAttributeView(passwordFile, PosixFileAttributeView.class) != null) {
            Files.setPosixFilePermissions(passwordFile, PosixFilePermissions.fromString("rw-------"));
        }
        return new HashMap<>(Map.of(
                "backend",
                "application",
                "application.keystore",
                file.toString(),
                "application.keystore-type",
                type,
                "application.password-file",
                passwordFile.toString()));
    }

    KeyService open() throws Exception {
        return open(settings());
    }

    static KeyService open(Map<String, String> settings) {
        Configuration configuration = Configuration.of(settings);
        configuration.requireKnown(Backends.configurationKeys());
        return Backends.openService(configuration);
    }

    static byte[] bytes(SecretBytes secret) {
        try (secret) {
            return secret.copy();
        }
    }

    /** Runs keytool of this Java. */
    static void keytool(Path directory, String... arguments) throws Exception {
        Path output = directory.resolve("keytool.out");
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        if (process.waitFor() != 0) {
            throw new AssertionError(command + " failed: " + Files.readString(output));
        }
    }
}
