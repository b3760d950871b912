package dev.kmsenvelope.compatibility;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmsenvelope.compatibility.report.Area;
import dev.kmsenvelope.compatibility.report.Check;
import dev.kmsenvelope.compatibility.report.HeldKey;
import dev.kmsenvelope.compatibility.report.Program;
import dev.kmsenvelope.compatibility.report.Trial;
import org.springframework.security.crypto.encrypt.AesBytesEncryptor;
import org.springframework.security.crypto.encrypt.AesGcmBytesEncryptor;
import org.springframework.security.crypto.encrypt.BytesEncryptor;
import org.springframework.security.crypto.keygen.KeyGenerators;

/** Spring Security's encryptors: the older one copies the key, and is deprecated. */
@SuppressWarnings("deprecation")
@Program(area = Area.DATA, name = "Spring Security Crypto", of = AesBytesEncryptor.class)
class SpringSecurityTest {

    @Check(what = "AesBytesEncryptor, GCM", key = HeldKey.SERVICE_AES)
    void encryptor(Trial trial, TestKeys keys) {
        trial.cannot(
                "copies the key's bytes, by `getEncoded()`",
                IllegalArgumentException.class,
                "",
                () -> new AesBytesEncryptor(keys.aes(), KeyGenerators.secureRandom(12), AesBytesEncryptor.CipherAlgorithm.GCM)
                        .encrypt(Texts.bytes()));
    }

    @Check(what = "AesGcmBytesEncryptor", key = HeldKey.SERVICE_AES)
    void gcmEncryptor(Trial trial, TestKeys keys) throws Exception {
        trial.works(() -> {
            BytesEncryptor encryptor =
                    AesGcmBytesEncryptor.withSecretKey(keys.aes()).build();
            assertThat(encryptor.decrypt(encryptor.encrypt(Texts.bytes()))).isEqualTo(Texts.bytes());
        });
    }
}
