package dev.kmsenvelope.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.kmsenvelope.kms.KeyPairService;
import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.kms.KmsThrottledException;
import dev.kmsenvelope.testing.Ciphers;
import dev.kmsenvelope.testing.EveryKindService;
import dev.kmsenvelope.testing.Handles;
import java.io.ByteArrayOutputStream;
import java.io.NotSerializableException;
import java.io.ObjectOutputStream;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;
import java.security.InvalidParameterException;
import java.security.Key;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import javax.crypto.Cipher;
import javax.crypto.KeyGenerator;
import javax.crypto.Mac;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Keys that the service generates, which come in the clear and wrapped. */
class GeneratorsTest {

    private final EveryKindService service = new EveryKindService().withKey("master", KeySpec.SYMMETRIC_DEFAULT);
    private final KmsSecretKey handle = Ciphers.handle(service, "master");

    private static KeyGenerator generator() throws Exception {
        return KeyGenerator.getInstance("KmsDataKey", Handles.PROVIDER);
    }

    private static KeyPairGenerator pairGenerator() throws Exception {
        return KeyPairGenerator.getInstance("KmsDataKeyPair", Handles.PROVIDER);
    }

    private static KmsDataKey generate(KmsDataKeySpec spec) throws Exception {
        KeyGenerator generator = generator();
        generator.init(spec);
        return (KmsDataKey) generator.generateKey();
    }

    private static Key unwrap(KmsSecretKey handle, KmsWrappedKey key, String algorithm, int type) throws Exception {
        return Ciphers.ours(Ciphers.WRAP, Cipher.UNWRAP_MODE, handle).unwrap(key.wrapped(), algorithm, type);
    }

    @ParameterizedTest
    @DisplayName("A data key works with the JDK, and its wrapped form unwraps to the same key under the same handle")
    @CsvSource({"AES, 128", "AES, 192", "AES, 256", "HmacSHA224, 224", "hmacsha256, 256", "HmacSHA512, 512"})
    void dataKeys(String algorithm, int bits) throws Exception {
        KmsDataKey key = generate(
                algorithm.equals("AES") ? KmsDataKeySpec.aes(handle, bits) : KmsDataKeySpec.hmac(handle, algorithm));
        assertThat(key.getFormat()).isEqualTo("RAW");
        assertThat(key.getEncoded()).hasSize(bits / 8);
        SecretKey raw = new SecretKeySpec(key.getEncoded(), key.getAlgorithm());
        assertThat(unwrap(handle, key, key.getAlgorithm(), Cipher.SECRET_KEY)).isEqualTo(raw);
        if (algorithm.equals("AES")) {
            Cipher theirs = Cipher.getInstance("AES/GCM/NoPadding", "SunJCE");
            theirs.init(Cipher.ENCRYPT_MODE, key);
            assertThat(theirs.doFinal(new byte[3])).hasSize(19);
        } else {
            Mac mac = Mac.getInstance(algorithm);
            mac.init(key);
            assertThat(mac.getProvider().getName()).isEqualTo("SunJCE");
            assertThat(mac.doFinal()).hasSize(bits / 8);
        }
        assertThat(key.toString())
                .contains(String.valueOf(bits))
                .doesNotContain(HexFormat.of().formatHex(key.getEncoded()));
    }

    @Test
    @DisplayName("RULES 3: the encryption context of handle and parameters is needed to unwrap")
    void context() throws Exception {
        KmsSecretKey tenant = Ciphers.handle(service, "master", "key.master.context.tenant", "a");
        KmsDataKey key = generate(KmsDataKeySpec.aes(tenant, 256).withContext(Map.of("row", "1")));
        assertThat(Ciphers.ours(Ciphers.WRAP, Cipher.UNWRAP_MODE, tenant, Ciphers.context("row", "1"))
                        .unwrap(key.wrapped(), "AES", Cipher.SECRET_KEY)
                        .getEncoded())
                .isEqualTo(key.getEncoded());
        for (KmsSecretKey wrong : new KmsSecretKey[] {tenant, handle}) {
            assertThatExceptionOfType(InvalidKeyException.class)
                    .isThrownBy(() -> unwrap(wrong, key, "AES", Cipher.SECRET_KEY));
        }
        assertThatExceptionOfType(InvalidAlgorithmParameterException.class)
                .isThrownBy(() -> generate(KmsDataKeySpec.aes(tenant, 256).withContext(Map.of("tenant", "b"))));
    }

    @Test
    @DisplayName("destroy wipes; a destroyed key gives nothing more and is refused; secrets are not serialized")
    void destroy() throws Exception {
        KmsDataKey key = generate(KmsDataKeySpec.aes(handle, 256));
        KmsDataKey other = generate(KmsDataKeySpec.aes(handle, 256));
        assertThat(Set.of(key)).contains(key);
        assertThat(key).isNotEqualTo(other).isNotEqualTo(null).hasSameHashCodeAs(other);
        try (ObjectOutputStream out = new ObjectOutputStream(new ByteArrayOutputStream())) {
            assertThatExceptionOfType(NotSerializableException.class).isThrownBy(() -> out.writeObject(key));
        }
        key.destroy();
        key.destroy();
        assertThat(key.isDestroyed()).isTrue();
        assertThat(Set.of(key)).contains(key).doesNotContain(other);
        assertThatExceptionOfType(IllegalStateException.class).isThrownBy(key::getEncoded);
        assertThat(unwrap(handle, key, "AES", Cipher.SECRET_KEY)).isNotNull();
    }

    @ParameterizedTest
    @DisplayName("A key pair signs through the JDK's KeyFactory, and its wrapped form unwraps to the same private key")
    @CsvSource({
        "RSA_2048, RSA, SHA256withRSA",
        "ECC_NIST_P256, EC, SHA256withECDSA",
        "ECC_NIST_EDWARDS25519, EdDSA, EdDSA"
    })
    void keyPairs(KeySpec spec, String algorithm, String signatures) throws Exception {
        KeyPairGenerator generator = pairGenerator();
        generator.initialize(KmsDataKeyPairSpec.of(handle, spec));
        KeyPair pair = generator.generateKeyPair();
        KmsDataPrivateKey key = (KmsDataPrivateKey) pair.getPrivate();
        assertThat(key.getAlgorithm()).isEqualTo(algorithm);
        assertThat(key.getFormat()).isEqualTo("PKCS#8");
        PrivateKey usable =
                KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(key.getEncoded()));
        assertThat(unwrap(handle, key, algorithm, Cipher.PRIVATE_KEY)).isEqualTo(usable);
        Signature signature = Signature.getInstance(signatures);
        signature.initSign(usable);
        signature.update(new byte[5]);
        byte[] signed = signature.sign();
        signature.initVerify(pair.getPublic());
        signature.update(new byte[5]);
        assertThat(signature.verify(signed)).isTrue();
        try (ObjectOutputStream out = new ObjectOutputStream(new ByteArrayOutputStream())) {
            assertThatExceptionOfType(NotSerializableException.class).isThrownBy(() -> out.writeObject(key));
        }
        assertThat(key.toString()).isEqualTo("KmsDataPrivateKey[" + algorithm + "]");
        key.destroy();
        assertThat(key.isDestroyed()).isTrue();
        assertThatExceptionOfType(IllegalStateException.class).isThrownBy(key::getEncoded);
    }

    @Test
    @DisplayName("Without our parameters nothing is generated, and the text names them")
    void withoutParameters() throws Exception {
        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(() -> generator().generateKey())
                .withMessageContaining("KmsDataKeySpec");
        assertThatExceptionOfType(InvalidParameterException.class)
                .isThrownBy(() -> generator().init(256))
                .withMessageContaining("KmsDataKeySpec");
        assertThatExceptionOfType(InvalidAlgorithmParameterException.class)
                .isThrownBy(() -> generator().init(Ciphers.frames(1)))
                .withMessageContaining("KmsDataKeySpec");
        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(() -> pairGenerator().generateKeyPair())
                .withMessageContaining("KmsDataKeyPairSpec");
        assertThatExceptionOfType(InvalidParameterException.class)
                .isThrownBy(() -> pairGenerator().initialize(2048))
                .withMessageContaining("KmsDataKeyPairSpec");
        assertThatExceptionOfType(InvalidAlgorithmParameterException.class)
                .isThrownBy(() -> pairGenerator().initialize(Ciphers.frames(1)));
        assertThat(service.calls).isEmpty();
    }

    @Test
    @DisplayName("Parameters that cannot be meant, and handles that may not encrypt, are refused")
    void wrongParameters() {
        for (int bits : new int[] {0, 64, 255, 512}) {
            assertThatExceptionOfType(IllegalArgumentException.class)
                    .isThrownBy(() -> KmsDataKeySpec.aes(handle, bits));
        }
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> KmsDataKeySpec.hmac(handle, "HmacMD5"));
        for (KeySpec spec : new KeySpec[] {KeySpec.SYMMETRIC_DEFAULT, KeySpec.ML_DSA_44, KeySpec.HMAC_256}) {
            assertThatExceptionOfType(IllegalArgumentException.class)
                    .isThrownBy(() -> KmsDataKeyPairSpec.of(handle, spec));
        }
        KmsSecretKey reader = Ciphers.handle(service, "master", "key.master.usage", "decrypt");
        assertThatExceptionOfType(InvalidAlgorithmParameterException.class)
                .isThrownBy(() -> generator().init(KmsDataKeySpec.aes(reader, 256)))
                .withMessageContaining("key.master.usage");
        service.without(KeyPairService.class);
        assertThatExceptionOfType(InvalidAlgorithmParameterException.class)
                .isThrownBy(() -> pairGenerator().initialize(KmsDataKeyPairSpec.of(handle, KeySpec.RSA_2048)))
                .withMessageContaining("every-kind");
    }

    @Test
    @DisplayName("RULES 19: trouble of the service leaves generateKey as it is")
    void serviceFails() throws Exception {
        KeyPairGenerator pairs = pairGenerator();
        pairs.initialize(KmsDataKeyPairSpec.of(handle, KeySpec.ECC_NIST_P256));
        service.failWith(() -> new KmsThrottledException("slow down"));
        assertThatExceptionOfType(KmsThrottledException.class)
                .isThrownBy(() -> generate(KmsDataKeySpec.aes(handle, 256)));
        assertThatExceptionOfType(KmsThrottledException.class).isThrownBy(pairs::generateKeyPair);
    }
}
