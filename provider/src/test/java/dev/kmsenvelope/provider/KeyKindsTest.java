package dev.kmsenvelope.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.kmsenvelope.kms.InvalidKeyUsageException;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.kms.KmsConfigurationException;
import dev.kmsenvelope.kms.KmsUnavailableException;
import dev.kmsenvelope.kms.PublicKeyService;
import dev.kmsenvelope.testing.EveryKindService;
import dev.kmsenvelope.testing.Handles;
import java.io.ByteArrayOutputStream;
import java.io.NotSerializableException;
import java.io.ObjectOutputStream;
import java.security.Key;
import java.security.interfaces.ECKey;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.EdECKey;
import java.security.interfaces.EdECPrivateKey;
import java.security.interfaces.RSAKey;
import java.security.interfaces.RSAPrivateKey;
import java.security.spec.NamedParameterSpec;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The handles to keys other than AES keys. */
class KeyKindsTest {

    private static EveryKindService holding(KeySpec spec) {
        return new EveryKindService().withKey("key", spec).withKey("other", spec);
    }

    private static Key handle(EveryKindService service, KeySpec spec, String name, String... settings) {
        return spec.isAsymmetric()
                ? KmsPrivateKey.of(service, KeyId.of(name), Handles.policy("key", settings))
                : KmsMacKey.of(service, KeyId.of(name), spec, Handles.policy("key", settings));
    }

    @ParameterizedTest
    @DisplayName("A handle is opaque, equal by key, service and policy, and does not leave the process")
    @EnumSource(
            mode = EnumSource.Mode.EXCLUDE,
            names = {"SYMMETRIC_DEFAULT", "OTHER", "RSA_3072", "RSA_4096"})
    void handles(KeySpec spec) throws Exception {
        EveryKindService service = holding(spec);
        Key handle = handle(service, spec, "key");
        assertThat(handle.getFormat()).isNull();
        assertThat(handle.getEncoded()).isNull();
        assertThat(handle).isEqualTo(handle(service, spec, "key")).hasSameHashCodeAs(handle(service, spec, "key"));
        assertThat(handle)
                .isNotEqualTo(handle(service, spec, "other"))
                .isNotEqualTo(handle(holding(spec), spec, "key"))
                .isNotEqualTo(handle(service, spec, "key", "key.key.usage", "decrypt"))
                .isNotEqualTo(null);
        assertThat(handle.toString()).contains("key", "every-kind");
        try (ObjectOutputStream out = new ObjectOutputStream(new ByteArrayOutputStream())) {
            assertThatExceptionOfType(NotSerializableException.class).isThrownBy(() -> out.writeObject(handle));
        }
        for (String setting : new String[] {"context.tenant", "decrypt-keys"}) {
            assertThatExceptionOfType(KmsConfigurationException.class)
                    .isThrownBy(() -> handle(service, spec, "key", "key.key." + setting, "planted"))
                    .withMessageContaining("key.*." + setting.split("\\.", -1)[0])
                    .withMessageNotContaining("planted");
        }
    }

    @Test
    @DisplayName("A private key tells its size or curve, and is never taken for one with numbers in it")
    void privateKeys() {
        EveryKindService service = new EveryKindService()
                .withKey("rsa", KeySpec.RSA_2048)
                .withKey("ec", KeySpec.ECC_NIST_P384)
                .withKey("k1", KeySpec.ECC_SECG_P256K1)
                .withKey("ed", KeySpec.ECC_NIST_EDWARDS25519)
                .withKey("ml", KeySpec.ML_DSA_65);
        KmsPrivateKey rsa = Handles.privateKey(service, "rsa");
        assertThat(rsa).isInstanceOf(RSAKey.class).isNotInstanceOf(RSAPrivateKey.class);
        assertThat(((RSAKey) rsa).getModulus().bitLength()).isEqualTo(2048);
        assertThat(rsa.getAlgorithm()).isEqualTo("RSA");
        KmsPrivateKey ec = Handles.privateKey(service, "ec");
        assertThat(ec).isInstanceOf(ECKey.class).isNotInstanceOf(ECPrivateKey.class);
        assertThat(((ECKey) ec).getParams().getOrder().bitLength()).isEqualTo(384);
        assertThat(ec.getAlgorithm()).isEqualTo("EC");
        assertThat(((ECKey) Handles.privateKey(service, "k1"))
                        .getParams()
                        .getCurve()
                        .getA())
                .isZero();
        KmsPrivateKey ed = Handles.privateKey(service, "ed");
        assertThat(ed).isInstanceOf(EdECKey.class).isNotInstanceOf(EdECPrivateKey.class);
        assertThat(((EdECKey) ed).getParams().getName()).isEqualTo(NamedParameterSpec.ED25519.getName());
        assertThat(ed.getAlgorithm()).isEqualTo("EdDSA");
        KmsPrivateKey ml = Handles.privateKey(service, "ml");
        assertThat(ml.getAlgorithm())
                .isEqualTo(ml.publicKey().getAlgorithm())
                .isEqualTo(Runtime.version().feature() >= 24 ? "ML-DSA" : "ML-DSA-65");
        for (KmsPrivateKey key : new KmsPrivateKey[] {rsa, ec, ed, ml}) {
            assertThat(key.publicKey().getAlgorithm()).isEqualTo(key.getAlgorithm());
            assertThat(key.publicKey().getEncoded())
                    .isEqualTo(EveryKindService.pair(key.spec()).getPublic().getEncoded());
            assertThat(key.usage()).isEqualTo(key.spec().defaultUsage());
        }
    }

    @Test
    @DisplayName("A key of another kind, a service without public keys, and a wrong public key are each said")
    void wrongKinds() {
        EveryKindService service = new EveryKindService()
                .withKey("aes", KeySpec.SYMMETRIC_DEFAULT)
                .withKey("mac", KeySpec.HMAC_256)
                .withKey("rsa", KeySpec.RSA_2048);
        for (String name : new String[] {"aes", "mac"}) {
            assertThatExceptionOfType(InvalidKeyUsageException.class)
                    .isThrownBy(() -> Handles.privateKey(service, name))
                    .withMessageContaining(name);
        }
        assertThatExceptionOfType(InvalidKeyUsageException.class)
                .isThrownBy(() -> Handles.macKey(service, "rsa", KeySpec.RSA_2048))
                .withMessageContaining("RSA_2048");
        for (KeySpec wrong : new KeySpec[] {KeySpec.RSA_3072, KeySpec.ECC_NIST_P256, KeySpec.ML_DSA_44}) {
            byte[] publicKey = EveryKindService.pair(wrong).getPublic().getEncoded();
            for (byte[] answer : new byte[][] {publicKey, new byte[0], {1, 2, 3}}) {
                assertThatExceptionOfType(KmsUnavailableException.class)
                        .isThrownBy(() -> KmsPrivateKey.of(
                                service, service.describe(KeyId.of("rsa")), answer, Handles.policy("rsa")))
                        .withMessageContaining("RSA_2048");
            }
        }
        assertThatExceptionOfType(InvalidKeyUsageException.class)
                .isThrownBy(() -> Handles.privateKey(service.without(PublicKeyService.class), "rsa"));
    }
}
