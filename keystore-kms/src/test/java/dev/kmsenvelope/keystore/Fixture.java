package dev.kmsenvelope.keystore;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.kms.KeyAdministration;
import dev.kmsenvelope.kms.KeyDescription;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.provider.KmsEnvelopeProvider;
import dev.kmsenvelope.spi.Backends;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.Provider;
import java.util.Map;
import javax.crypto.Cipher;

/** A local key service in a directory, its administrator, and KeyStores that show its keys. */
final class Fixture {

    static final byte[] TEXT = "attack at dawn".getBytes(StandardCharsets.UTF_8);
    static final Provider PROVIDER = new KmsEnvelopeProvider();

    private Fixture() {}

    static Configuration settings(Path directory) {
        return Configuration.of(Map.of("local.directory", directory.toString()));
    }

    static KeyDescription create(Path directory, String alias) {
        try (KeyAdministration keys = Backends.openAdministration(settings(directory))) {
            return keys.createKey(KeySpec.SYMMETRIC_DEFAULT, KeyId.of(alias));
        }
    }

    static KeyStore unloaded() throws GeneralSecurityException {
        return KeyStore.getInstance("KMS", PROVIDER);
    }

    static KeyStore load(String configuration) throws GeneralSecurityException, IOException {
        KeyStore keyStore = unloaded();
        keyStore.load(stream(configuration), null);
        return keyStore;
    }

    static KeyStore load(Path directory) throws GeneralSecurityException, IOException {
        return load("local.directory = " + directory + "\n");
    }

    static InputStream stream(String configuration) {
        return new ByteArrayInputStream(configuration.getBytes(StandardCharsets.UTF_8));
    }

    static byte[] seal(Key key) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding", PROVIDER);
        cipher.init(Cipher.ENCRYPT_MODE, key);
        return cipher.doFinal(TEXT);
    }

    static byte[] open(Key key, byte[] sealed) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding", PROVIDER);
        cipher.init(Cipher.DECRYPT_MODE, key);
        return cipher.doFinal(sealed);
    }
}
