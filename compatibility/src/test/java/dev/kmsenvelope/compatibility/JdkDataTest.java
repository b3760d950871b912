package dev.kmsenvelope.compatibility;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmsenvelope.compatibility.report.Area;
import dev.kmsenvelope.compatibility.report.Check;
import dev.kmsenvelope.compatibility.report.HeldKey;
import dev.kmsenvelope.compatibility.report.Program;
import dev.kmsenvelope.compatibility.report.Trial;
import dev.kmsenvelope.provider.KmsEnvelopeProvider;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.security.KeyStore;
import java.security.KeyStoreException;
import javax.crypto.Cipher;
import javax.crypto.CipherInputStream;
import javax.crypto.CipherOutputStream;
import javax.crypto.SealedObject;
import javax.crypto.SecretKey;

/** What the JDK itself makes of a Cipher and a key. */
@Program(area = Area.DATA, name = "JDK", of = Cipher.class)
class JdkDataTest {

    @Check(what = "SealedObject, AES/GCM/NoPadding", key = HeldKey.SERVICE_AES)
    void sealedObject(Trial trial, TestKeys keys) throws Exception {
        SecretKey key = keys.aes();
        trial.works(() -> {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
                out.writeObject(new SealedObject(Texts.TEXT, cipher(Cipher.ENCRYPT_MODE, key)));
            }
            try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
                SealedObject sealed = (SealedObject) in.readObject();
                assertThat(sealed.getObject(key)).isEqualTo(Texts.TEXT);
                assertThat(sealed.getObject(key, KmsEnvelopeProvider.NAME)).isEqualTo(Texts.TEXT);
            }
        });
    }

    @Check(what = "CipherOutputStream and CipherInputStream, AES/GCM/NoPadding", key = HeldKey.SERVICE_AES)
    void streams(Trial trial, TestKeys keys) throws Exception {
        SecretKey key = keys.aes();
        trial.works(() -> {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (CipherOutputStream out = new CipherOutputStream(bytes, cipher(Cipher.ENCRYPT_MODE, key))) {
                out.write(Texts.bytes());
            }
            try (CipherInputStream in = new CipherInputStream(
                    new ByteArrayInputStream(bytes.toByteArray()), cipher(Cipher.DECRYPT_MODE, key))) {
                assertThat(in.readAllBytes()).isEqualTo(Texts.bytes());
            }
        });
    }

    @Check(what = "copying the key into a PKCS12 keystore", key = HeldKey.SERVICE_AES)
    void copy(Trial trial, TestKeys keys) throws Exception {
        KeyStore keyStore = KeyStore.getInstance("PKCS12");
        keyStore.load(null, null);
        trial.cannot(
                "the key never leaves the service",
                KeyStoreException.class,
                "",
                () -> keyStore.setKeyEntry("copy", keys.aes(), TestKeys.PASSWORD.toCharArray(), null));
    }

    private static Cipher cipher(int mode, SecretKey key) throws Exception {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, key);
        return cipher;
    }
}
