package dev.kmsenvelope.keystore;

import dev.kmsenvelope.config.Configuration;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.Security;
import java.util.Map;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A place for a keystore file, and the settings of its service. */
abstract class KeyStoreFileStoreCase {

    static final SecretKey AES = new SecretKeySpec(new byte[32], "AES");
    static final char[] PASSWORD = "any password".toCharArray();

    @TempDir
    Path home;

    Path file;
    Configuration settings;

    @BeforeEach
    void name() {
        file = home.resolve("store.kms");
        settings = Configuration.of(Map.of("local.directory", home.toString()));
        Security.addProvider(Fixture.PROVIDER);
    }

    @AfterEach
    void forget() {
        Security.removeProvider(Fixture.PROVIDER.getName());
        System.clearProperty(Configuration.SYSTEM_PROPERTY);
    }

    KeyStore make(String... aliases) throws Exception {
        KeyStore keyStore = Fixture.load(home);
        for (String alias : aliases) {
            keyStore.setKeyEntry(alias, AES, PASSWORD, null);
        }
        keyStore.store(new KmsLoadStoreParameter(settings, file));
        return load();
    }

    KeyStore load() throws Exception {
        KeyStore keyStore = Fixture.unloaded();
        keyStore.load(new KmsLoadStoreParameter(settings, file));
        return keyStore;
    }
}
