package dev.kmsenvelope.keystore;

import dev.kmsenvelope.provider.KmsEnvelopeProvider;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Key;
import java.security.KeyStore;
import java.security.KeyStore.Entry;
import java.util.Arrays;
import java.util.Map;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A KeyStore with a file of its own, and what it becomes after a store and a load. */
abstract class KeyStoreFileCase {

    static final byte[] BYTES = "0123456789abcdef0123456789ABCDEF".getBytes(StandardCharsets.US_ASCII);
    static final SecretKey AES = new SecretKeySpec(BYTES, "AES");
    static final char[] PASSWORD = "any password".toCharArray();

    @TempDir
    Path home;

    KeyStore keyStore;

    @BeforeEach
    void makeOne() throws Exception {
        keyStore = reloaded(Fixture.load(home));
    }

    /** The same, out of the bytes that it stores. */
    KeyStore reloaded(KeyStore stored) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        stored.store(out, PASSWORD);
        return loaded(out.toByteArray());
    }

    KeyStore loaded(byte[] file) throws Exception {
        KeyStore opened = KeyStore.getInstance("KMS", new KmsEnvelopeProvider().configure(settings()));
        opened.load(new ByteArrayInputStream(file), PASSWORD);
        return opened;
    }

    String settings() throws IOException {
        Path file = home.resolve("settings.properties");
        return Files.writeString(file, "local.directory = " + home + "\n").toString();
    }

    static Map<String, String> attributes(Entry entry) {
        return KmsEntryAttribute.allOf(entry);
    }

    static byte[] seal(Key key) throws Exception {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding", Fixture.PROVIDER);
        cipher.init(Cipher.ENCRYPT_MODE, key);
        byte[] sealed = cipher.doFinal(Fixture.TEXT);
        byte[] all = Arrays.copyOf(cipher.getIV(), 12 + sealed.length);
        System.arraycopy(sealed, 0, all, 12, sealed.length);
        return all;
    }

    static byte[] decryptByJdk(byte[] sealed) throws Exception {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding", "SunJCE");
        cipher.init(Cipher.DECRYPT_MODE, AES, new GCMParameterSpec(128, sealed, 0, 12));
        return cipher.doFinal(sealed, 12, sealed.length - 12);
    }
}
