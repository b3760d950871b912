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
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.util.Arrays;
import java.util.Properties;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.ShortBufferException;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.IvParameterSpec;
import org.apache.commons.crypto.cipher.CryptoCipher;
import org.apache.commons.crypto.cipher.CryptoCipherFactory;
import org.apache.commons.crypto.stream.CryptoInputStream;
import org.apache.commons.crypto.stream.CryptoOutputStream;

/** Apache Commons Crypto, with its ciphers that come from JCA. */
@Program(area = Area.DATA, name = "Apache Commons Crypto", of = CryptoCipher.class)
class CommonsCryptoTest {

    private static final byte[] IV = new byte[12];
    private static final int TAG_BYTES = 16;
    private static final int BLOCK_BYTES = 16;
    private static final int ROOM = 1024;
    private static final String COUNTER_MODE = "AES/CTR/NoPadding";

    @Check(what = "CryptoCipher AES/GCM/NoPadding", key = HeldKey.SERVICE_AES)
    void cipher(Trial trial, TestKeys keys) throws Exception {
        trial.worksWith(
                "an output array with room for the header of a message",
                ShortBufferException.class,
                () -> encryptAndDecrypt(keys.secret(HeldKey.SERVICE_AES), Texts.bytes().length + TAG_BYTES),
                () -> encryptAndDecrypt(keys.secret(HeldKey.SERVICE_AES), ROOM));
    }

    @Check(what = "CryptoCipher AES/GCM/NoPadding", key = HeldKey.FILE_GCM)
    void cipherOfAFile(Trial trial, TestKeys keys, HeldKey held) throws Exception {
        SecretKey key = keys.secret(held);
        SecretKey raw = keys.inTheClear(held);
        int length = Texts.bytes().length + TAG_BYTES;
        trial.works(() -> encryptAndDecrypt(key, length));
        trial.alsoOpenedBy(
                TestKeys.JDK,
                () -> assertThat(run(
                                Cipher.DECRYPT_MODE, raw, run(Cipher.ENCRYPT_MODE, key, Texts.bytes(), length), length))
                        .isEqualTo(Texts.bytes()));
    }

    @Check(what = "CryptoOutputStream AES/CTR/NoPadding", key = HeldKey.SERVICE_AES)
    void counterModeOfAService(Trial trial, TestKeys keys, HeldKey key) {
        trial.cannot(
                "AES/CTR is not offered for keys of a service",
                InvalidKeyException.class,
                "AES/CTR/NoPadding is for a data key of a keystore file",
                () -> write(COUNTER_MODE, named(), keys.secret(key)));
    }

    /** One data key, one use (RULES 9): a stream of AES-CTR under a key for AES-GCM would give its authentication key away. */
    @Check(what = "CryptoOutputStream AES/CTR/NoPadding", key = HeldKey.FILE_GCM)
    void counterModeUnderAKeyForAnotherUse(Trial trial, TestKeys keys, HeldKey key) {
        trial.cannot(
                "the data key is for another use",
                InvalidKeyException.class,
                "is for AES/GCM/NoPadding and nothing else",
                () -> write(COUNTER_MODE, named(), keys.secret(key)));
    }

    @Check(what = "CryptoOutputStream AES/CTR/NoPadding", key = HeldKey.FILE_CTR)
    void counterMode(Trial trial, TestKeys keys, HeldKey key) throws Exception {
        writeAndRead(trial, COUNTER_MODE, keys, key);
    }

    @Check(what = "CryptoOutputStream AES/CBC/PKCS5Padding", key = HeldKey.FILE_CBC)
    void blockChaining(Trial trial, TestKeys keys, HeldKey key) throws Exception {
        writeAndRead(trial, "AES/CBC/PKCS5Padding", keys, key);
    }

    /** The stream asks its Cipher for the size of a block before it gives it the key, and the JDK settles on a provider then. */
    private static void writeAndRead(Trial trial, String transformation, TestKeys keys, HeldKey held) throws Exception {
        SecretKey key = keys.secret(held);
        trial.worksWith(
                "`" + CryptoCipherFactory.JCE_PROVIDER_KEY + "=" + KmsEnvelopeProvider.NAME + "`",
                InvalidKeyException.class,
                () -> write(transformation, jce(), key),
                () -> assertThat(read(transformation, key, write(transformation, named(), key)))
                        .isEqualTo(Texts.bytes()));
        trial.alsoOpenedBy(TestKeys.JDK, () -> {
            Cipher cipher = Cipher.getInstance(transformation, "SunJCE");
            cipher.init(Cipher.DECRYPT_MODE, keys.inTheClear(held), new IvParameterSpec(new byte[BLOCK_BYTES]));
            assertThat(cipher.doFinal(write(transformation, named(), key))).isEqualTo(Texts.bytes());
        });
    }

    private static byte[] write(String transformation, Properties settings, SecretKey key) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (CryptoOutputStream out = new CryptoOutputStream(
                transformation, settings, bytes, key, new IvParameterSpec(new byte[BLOCK_BYTES]))) {
            out.write(Texts.bytes());
        }
        return bytes.toByteArray();
    }

    private static byte[] read(String transformation, SecretKey key, byte[] ciphertext) throws IOException {
        try (CryptoInputStream in = new CryptoInputStream(
                transformation,
                named(),
                new ByteArrayInputStream(ciphertext),
                key,
                new IvParameterSpec(new byte[BLOCK_BYTES]))) {
            return in.readAllBytes();
        }
    }

    private static void encryptAndDecrypt(SecretKey key, int room) throws GeneralSecurityException, IOException {
        byte[] message = run(Cipher.ENCRYPT_MODE, key, Texts.bytes(), room);
        assertThat(run(Cipher.DECRYPT_MODE, key, message, message.length)).isEqualTo(Texts.bytes());
    }

    private static byte[] run(int mode, SecretKey key, byte[] input, int room)
            throws GeneralSecurityException, IOException {
        try (CryptoCipher cipher = CryptoCipherFactory.getCryptoCipher("AES/GCM/NoPadding", jce())) {
            cipher.init(mode, key, new GCMParameterSpec(8 * TAG_BYTES, IV));
            byte[] output = new byte[room];
            return Arrays.copyOf(output, cipher.doFinal(input, 0, input.length, output, 0));
        }
    }

    private static Properties jce() {
        Properties properties = new Properties();
        properties.setProperty(CryptoCipherFactory.CLASSES_KEY, CryptoCipherFactory.CipherProvider.JCE.getClassName());
        return properties;
    }

    private static Properties named() {
        Properties properties = jce();
        properties.setProperty(CryptoCipherFactory.JCE_PROVIDER_KEY, KmsEnvelopeProvider.NAME);
        return properties;
    }
}
