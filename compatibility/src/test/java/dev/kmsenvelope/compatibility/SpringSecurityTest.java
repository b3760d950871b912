package dev.kmsenvelope.compatibility;

import dev.kmsenvelope.compatibility.report.Area;
import dev.kmsenvelope.compatibility.report.Check;
import dev.kmsenvelope.compatibility.report.HeldKey;
import dev.kmsenvelope.compatibility.report.Program;
import dev.kmsenvelope.compatibility.report.Trial;
import org.springframework.security.crypto.encrypt.AesBytesEncryptor;
import org.springframework.security.crypto.encrypt.AesGcmBytesEncryptor;
import org.springframework.security.crypto.keygen.KeyGenerators;

/** Spring Security's encryptors, which copy the key; the older one is deprecated. */
@SuppressWarnings("deprecation")
@Program(area = Area.DATA, name = "Spring Security Crypto", of = AesBytesEncryptor.class)
class SpringSecurityTest {

    @Check(what = "AesBytesEncryptor, GCM", key = HeldKey.SERVICE_AES)
    void encryptor(Trial trial, TestKeys keys) {
        trial.cannot(
                "copies the key's bytes, by `getEncoded()`",
                IllegalArgumentException.class,
                "Missing argument",
                () -> new AesBytesEncryptor(
                                keys.aes(), KeyGenerators.secureRandom(12), AesBytesEncryptor.CipherAlgorithm.GCM)
                        .encrypt(Texts.bytes()));
    }

    @Check(what = "AesGcmBytesEncryptor", key = HeldKey.SERVICE_AES)
    void gcmEncryptor(Trial trial, TestKeys keys) {
        trial.cannot(
                "copies the key's bytes, by `getEncoded()`",
                IllegalArgumentException.class,
                "Missing argument",
                () -> AesGcmBytesEncryptor.withSecretKey(keys.aes()).build().encrypt(Texts.bytes()));
    }
}
