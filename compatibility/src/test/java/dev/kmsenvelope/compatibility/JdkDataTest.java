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
import javax.crypto.spec.SecretKeySpec;

/** What the JDK itself makes of a Cipher and a key. */
@Program(area = Area.DATA, name = "JDK", of = Cipher.class)
class JdkDataTest {

    @Check(
            what = "SealedObject, AES/GCM/NoPadding",
            key = {HeldKey.SERVICE_AES, HeldKey.FILE_GCM})
    void sealedObject(Trial trial, TestKeys keys, HeldKey held) throws Exception {
        SecretKey key = keys.secret(held);
        trial.works(() -> {
            SealedObject sealed = seal(key);
            assertThat(sealed.getObject(key)).isEqualTo(Texts.TEXT);
            assertThat(sealed.getObject(key, KmsEnvelopeProvider.NAME)).isEqualTo(Texts.TEXT);
        });
        if (held == HeldKey.FILE_GCM) {
            SecretKey raw = keys.inTheClear(held);
            trial.alsoOpenedBy(TestKeys.JDK, () -> {
                assertThat(seal(key).getObject(raw, "SunJCE")).isEqualTo(Texts.TEXT);
                assertThat(seal(raw).getObject(key)).isEqualTo(Texts.TEXT);
            });
        }
    }

    /** Sealed, written and read. */
    private static SealedObject seal(SecretKey key) throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(new SealedObject(Texts.TEXT, cipher(Cipher.ENCRYPT_MODE, key)));
        }
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            return (SealedObject) in.readObject();
        }
    }

    @Check(
            what = "CipherOutputStream and CipherInputStream, AES/GCM/NoPadding",
            key = {HeldKey.SERVICE_AES, HeldKey.FILE_GCM})
    void streams(Trial trial, TestKeys keys, HeldKey held) throws Exception {
        SecretKey key = keys.secret(held);
        trial.works(() -> assertThat(copyThroughStreams(key, key)).isEqualTo(Texts.bytes()));
        if (held == HeldKey.FILE_GCM) {
            SecretKey raw = keys.inTheClear(held);
            trial.alsoOpenedBy(TestKeys.JDK, () -> {
                assertThat(copyThroughStreams(key, raw)).isEqualTo(Texts.bytes());
                assertThat(copyThroughStreams(raw, key)).isEqualTo(Texts.bytes());
            });
        }
    }

    private static byte[] copyThroughStreams(SecretKey writersKey, SecretKey readersKey) throws Exception {
        Cipher encrypting = cipher(Cipher.ENCRYPT_MODE, writersKey);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (CipherOutputStream out = new CipherOutputStream(bytes, encrypting)) {
            out.write(Texts.bytes());
        }
        Cipher decrypting = Cipher.getInstance("AES/GCM/NoPadding");
        decrypting.init(Cipher.DECRYPT_MODE, readersKey, encrypting.getParameters());
        try (CipherInputStream in = new CipherInputStream(new ByteArrayInputStream(bytes.toByteArray()), decrypting)) {
            return in.readAllBytes();
        }
    }

    @Check(
            what = "copying the key into a PKCS12 keystore",
            key = {HeldKey.SERVICE_AES, HeldKey.FILE_GCM})
    void copy(Trial trial, TestKeys keys, HeldKey held) throws Exception {
        SecretKey key = keys.secret(held);
        trial.cannot("the key is not given out", KeyStoreException.class, "", () -> copy(key));
    }

    @Check(what = "copying the key into a PKCS12 keystore", key = HeldKey.FILE_EXTRACTABLE)
    void copyOfAnExtractableKey(Trial trial, TestKeys keys, HeldKey held) throws Exception {
        trial.worksWith(
                TestKeys.EXTRACTABLE,
                KeyStoreException.class,
                () -> copy(keys.secret(HeldKey.FILE_GCM)),
                () -> copy(keys.secret(held)));
    }

    private static void copy(SecretKey key) throws Exception {
        char[] password = TestKeys.PASSWORD.toCharArray();
        KeyStore keyStore = KeyStore.getInstance("PKCS12");
        keyStore.load(null, null);
        keyStore.setKeyEntry("copy", key, password, null);
        assertThat(keyStore.getKey("copy", password)).isEqualTo(new SecretKeySpec(key.getEncoded(), "AES"));
    }

    private static Cipher cipher(int mode, SecretKey key) throws Exception {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, key);
        return cipher;
    }
}
