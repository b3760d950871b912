package dev.kmsenvelope.cli;

import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import javax.crypto.spec.SecretKeySpec;

/** A backend that has no versions of keys, with a key {@code orders}. */
final class ApplicationKeys {

    private static final String PASSWORD = "correct horse";

    private ApplicationKeys() {}

    static void make(Path directory) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setEntry(
                "orders",
                new KeyStore.SecretKeyEntry(new SecretKeySpec(new byte[32], "AES")),
                new KeyStore.PasswordProtection(PASSWORD.toCharArray()));
        try (OutputStream out = Files.newOutputStream(directory.resolve("keys.p12"))) {
            store.store(out, PASSWORD.toCharArray());
        }
        Path password = Files.writeString(directory.resolve("password"), PASSWORD + "\n");
        if (Files.getFileAttributeView(password, PosixFileAttributeView.class) != null) {
            Files.setPosixFilePermissions(password, PosixFilePermissions.fromString("rw-------"));
        }
    }

    static String[] settings(Path directory) {
        return new String[] {
            "backend = application",
            "application.keystore = " + escaped(directory.resolve("keys.p12")),
            "application.password-file = " + escaped(directory.resolve("password"))
        };
    }

    private static String escaped(Path path) {
        return path.toString().replace("\\", "\\\\");
    }
}
