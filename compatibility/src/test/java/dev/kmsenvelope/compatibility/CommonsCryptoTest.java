package dev.kmsenvelope.compatibility;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmsenvelope.compatibility.report.Area;
import dev.kmsenvelope.compatibility.report.Check;
import dev.kmsenvelope.compatibility.report.HeldKey;
import dev.kmsenvelope.compatibility.report.Program;
import dev.kmsenvelope.compatibility.report.Trial;
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
import org.apache.commons.crypto.stream.CryptoOutputStream;

/** Apache Commons Crypto, with its ciphers that come from JCA. */
@Program(area = Area.DATA, name = "Apache Commons Crypto", of = CryptoCipher.class)
class CommonsCryptoTest {

    private static final byte[] IV = new byte[12];
    private static final int TAG_BYTES = 16;
    private static final int ROOM = 1024;

    @Check(what = "CryptoCipher AES/GCM/NoPadding", key = HeldKey.SERVICE_AES)
    void cipher(Trial trial, TestKeys keys) throws Exception {
        trial.worksWith(
                "an output array with room for the header of a message",
                ShortBufferException.class,
                () -> encryptAndDecrypt(keys.aes(), Texts.bytes().length + TAG_BYTES),
                () -> encryptAndDecrypt(keys.aes(), ROOM));
    }

    @Check(what = "CryptoOutputStream AES/CTR/NoPadding", key = HeldKey.SERVICE_AES)
    void counterMode(Trial trial, TestKeys keys) {
        trial.cannot(
                "AES/CTR is not offered for keys of a service",
                InvalidKeyException.class,
                "RAW bytes needed",
                () -> writeCounterMode(keys.aes()));
    }

    private static void writeCounterMode(SecretKey key) throws IOException {
        try (CryptoOutputStream out = new CryptoOutputStream(
                "AES/CTR/NoPadding", jce(), new ByteArrayOutputStream(), key, new IvParameterSpec(new byte[16]))) {
            out.write(Texts.bytes());
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
}
