package dev.kmsenvelope.compatibility;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmsenvelope.compatibility.report.Area;
import dev.kmsenvelope.compatibility.report.Check;
import dev.kmsenvelope.compatibility.report.HeldKey;
import dev.kmsenvelope.compatibility.report.Program;
import dev.kmsenvelope.compatibility.report.Trial;
import javax.crypto.SecretKey;
import org.springframework.security.crypto.encrypt.AesBytesEncryptor;
import org.springframework.security.crypto.encrypt.AesGcmBytesEncryptor;
import org.springframework.security.crypto.encrypt.BytesEncryptor;
import org.springframework.security.crypto.keygen.KeyGenerators;

/** Spring Security's encryptors, which copy the key; the older one is deprecated. */
@SuppressWarnings("deprecation")
@Program(area = Area.DATA, name = "Spring Security Crypto", of = AesBytesEncryptor.class)
class SpringSecurityTest {

    /** Makes an encryptor. */
    @FunctionalInterface
    private interface Maker {
        BytesEncryptor make(SecretKey key);
    }

    @Check(
            what = "AesBytesEncryptor, GCM",
            key = {HeldKey.SERVICE_AES, HeldKey.FILE_GCM, HeldKey.FILE_EXTRACTABLE})
    void encryptor(Trial trial, TestKeys keys, HeldKey key) throws Exception {
        run(trial, keys, key, SpringSecurityTest::encryptor);
    }

    @Check(
            what = "AesGcmBytesEncryptor",
            key = {HeldKey.SERVICE_AES, HeldKey.FILE_GCM, HeldKey.FILE_EXTRACTABLE})
    void gcmEncryptor(Trial trial, TestKeys keys, HeldKey key) throws Exception {
        run(
                trial,
                keys,
                key,
                secret -> AesGcmBytesEncryptor.withSecretKey(secret).build());
    }

    private static BytesEncryptor encryptor(SecretKey key) {
        return new AesBytesEncryptor(key, KeyGenerators.secureRandom(12), AesBytesEncryptor.CipherAlgorithm.GCM);
    }

    private static void run(Trial trial, TestKeys keys, HeldKey key, Maker maker) throws Exception {
        if (key == HeldKey.FILE_EXTRACTABLE) {
            trial.worksWith(
                    TestKeys.EXTRACTABLE,
                    IllegalArgumentException.class,
                    () -> encryptAndDecrypt(maker.make(keys.secret(HeldKey.FILE_GCM))),
                    () -> encryptAndDecrypt(maker.make(keys.secret(key))));
        } else {
            trial.cannot(
                    "copies the key's bytes, by `getEncoded()`",
                    IllegalArgumentException.class,
                    "Missing argument",
                    () -> encryptAndDecrypt(maker.make(keys.secret(key))));
        }
    }

    private static void encryptAndDecrypt(BytesEncryptor encryptor) {
        assertThat(encryptor.decrypt(encryptor.encrypt(Texts.bytes()))).isEqualTo(Texts.bytes());
    }
}
