package dev.kmsenvelope.keystore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.kms.KeyUsage;
import dev.kmsenvelope.provider.KmsDataKey;
import dev.kmsenvelope.provider.KmsDataKeyPairSpec;
import dev.kmsenvelope.provider.KmsDataKeySpec;
import dev.kmsenvelope.provider.KmsDataPrivateKey;
import dev.kmsenvelope.provider.KmsRandomParameters;
import dev.kmsenvelope.provider.KmsSecretKey;
import java.security.InvalidAlgorithmParameterException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Security;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.PSSParameterSpec;
import java.util.Map;
import javax.crypto.AEADBadTagException;
import javax.crypto.BadPaddingException;
import javax.crypto.Cipher;
import javax.crypto.KeyAgreement;
import javax.crypto.KeyGenerator;
import javax.crypto.Mac;
import javax.crypto.SecretKey;
import javax.crypto.spec.OAEPParameterSpec;
import javax.crypto.spec.PSource;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.kms.KmsClient;
import software.amazon.awssdk.services.kms.model.MacAlgorithmSpec;

/** Every kind of key of AWS KMS through JCA, against other providers with the public half, in both directions. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AwsKeyKindsTest {

    private static final Provider BC = new BouncyCastleProvider();
    private static final byte[] OTHER = {1};

    private final LoopbackAccount account = new LoopbackAccount();
    private KeyStore keyStore;

    @BeforeAll
    void createKeys() throws Exception {
        account.create("alias/aes");
        for (KeySpec spec : KeySpec.values()) {
            String alias = "alias/" + spec.name().toLowerCase(java.util.Locale.ROOT);
            if (spec.usages().contains(KeyUsage.SIGN_VERIFY) && spec != KeySpec.RSA_3072 && spec != KeySpec.RSA_4096) {
                account.create(alias, spec, KeyUsage.SIGN_VERIFY);
            }
            if (spec.usages().contains(KeyUsage.KEY_AGREEMENT)) {
                account.create(alias + "-agreeing", spec, KeyUsage.KEY_AGREEMENT);
            }
            if (spec.usages().contains(KeyUsage.GENERATE_VERIFY_MAC)) {
                account.create(alias, spec, KeyUsage.GENERATE_VERIFY_MAC);
            }
        }
        account.create("alias/rsa-decrypting", KeySpec.RSA_2048, KeyUsage.ENCRYPT_DECRYPT);
        keyStore = account.load();
    }

    @AfterAll
    void close() {
        account.close();
    }

    private PrivateKey privateKey(String alias) throws Exception {
        return (PrivateKey) keyStore.getKey(alias, null);
    }

    private PublicKey publicKey(String alias) throws Exception {
        return keyStore.getCertificate(alias).getPublicKey();
    }

    private KmsSecretKey aes() throws Exception {
        return (KmsSecretKey) keyStore.getKey("alias/aes", null);
    }

    private static Provider provider(String name) {
        return name.equals("BC") ? BC : Security.getProvider(name);
    }

    @ParameterizedTest
    @DisplayName("A signature verifies with the public key by another provider, and only for its text")
    @CsvSource({
        "rsa_2048, SHA256withRSA, SunRsaSign",
        "rsa_2048, SHA384withRSA, BC",
        "rsa_2048, SHA512withRSA, SunRsaSign",
        "rsa_2048, RSASSA-PSS, SunRsaSign",
        "rsa_2048, SHA384withRSAandMGF1, BC",
        "ecc_nist_p256, SHA256withECDSA, SunEC",
        "ecc_nist_p256, SHA256withECDSA, BC",
        "ecc_nist_p384, SHA384withECDSA, SunEC",
        "ecc_nist_p521, SHA512withECDSA, SunEC",
        "ecc_secg_p256k1, SHA256withECDSA, BC",
        "ecc_nist_edwards25519, Ed25519, SunEC",
        "ecc_nist_edwards25519, EdDSA, BC",
        "ml_dsa_44, ML-DSA, BC",
        "ml_dsa_65, ML-DSA-65, BC",
        "ml_dsa_87, ML-DSA, BC"
    })
    void signatures(String name, String algorithm, String verifier) throws Exception {
        String alias = "alias/" + name;
        PSSParameterSpec pss = algorithm.equals("RSASSA-PSS")
                ? new PSSParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, 32, 1)
                : null;
        Signature ours = Signature.getInstance(algorithm, Fixture.PROVIDER);
        ours.initSign(privateKey(alias));
        Signature theirs = Signature.getInstance(algorithm, provider(verifier));
        theirs.initVerify(publicKey(alias));
        if (pss != null) {
            ours.setParameter(pss);
            theirs.setParameter(pss);
        }
        ours.update(Fixture.TEXT);
        byte[] signed = ours.sign();
        theirs.update(Fixture.TEXT);
        assertThat(theirs.verify(signed)).isTrue();
        theirs.update(OTHER);
        assertThat(theirs.verify(signed)).isFalse();
    }

    private static OAEPParameterSpec oaep(String hash) {
        MGF1ParameterSpec mgf = hash.equals("SHA-1") ? MGF1ParameterSpec.SHA1 : MGF1ParameterSpec.SHA256;
        return new OAEPParameterSpec(hash, "MGF1", mgf, PSource.PSpecified.DEFAULT);
    }

    @ParameterizedTest
    @DisplayName("What another provider encrypts or wraps with the public key is decrypted or unwrapped")
    @CsvSource({"SHA-1, SunJCE, 214", "SHA-256, SunJCE, 190", "SHA-1, BC, 214", "SHA-256, BC, 190"})
    void rsa(String hash, String encrypting, int max) throws Exception {
        String name = "RSA/ECB/OAEPWith" + hash + "AndMGF1Padding";
        Cipher theirs = Cipher.getInstance(name, provider(encrypting));
        theirs.init(Cipher.ENCRYPT_MODE, publicKey("alias/rsa-decrypting"), oaep(hash));
        Cipher ours = Cipher.getInstance(name, Fixture.PROVIDER);
        ours.init(Cipher.DECRYPT_MODE, privateKey("alias/rsa-decrypting"), oaep(hash));
        byte[] longest = new byte[max];
        longest[0] = 1;
        assertThat(ours.doFinal(theirs.doFinal(longest))).isEqualTo(longest);
        byte[] damaged = theirs.doFinal(Fixture.TEXT);
        damaged[damaged.length - 1] ^= 1;
        assertThatThrownBy(() -> ours.doFinal(damaged)).isInstanceOf(BadPaddingException.class);

        SecretKey key = new SecretKeySpec(new byte[32], "AES");
        theirs.init(Cipher.WRAP_MODE, publicKey("alias/rsa-decrypting"), oaep(hash));
        ours.init(Cipher.UNWRAP_MODE, privateKey("alias/rsa-decrypting"), oaep(hash));
        assertThat(ours.unwrap(theirs.wrap(key), "AES", Cipher.SECRET_KEY)).isEqualTo(key);
    }

    @Test
    @DisplayName("RULES 12, and the trap: SHA-256 without parameters means MGF1 with SHA-1 in the JDK, and is refused")
    void rsaRefusals() throws Exception {
        account.server().log().clear();
        Cipher ours = Cipher.getInstance("RSA/ECB/OAEPWithSHA-256AndMGF1Padding", Fixture.PROVIDER);
        OAEPParameterSpec mixed =
                new OAEPParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA1, PSource.PSpecified.DEFAULT);
        PrivateKey key = privateKey("alias/rsa-decrypting");
        assertThatThrownBy(() -> ours.init(Cipher.DECRYPT_MODE, key)).hasMessageContaining("MGF1");
        assertThatThrownBy(() -> ours.init(Cipher.DECRYPT_MODE, key, mixed))
                .isInstanceOf(InvalidAlgorithmParameterException.class);
        assertThatThrownBy(() -> Cipher.getInstance("RSA/ECB/PKCS1Padding", Fixture.PROVIDER))
                .isInstanceOf(java.security.NoSuchAlgorithmException.class);
        assertThat(account.server().log().count("Decrypt")).isZero();
    }

    @ParameterizedTest
    @DisplayName("Both sides of an ECDH agree, and a key on another curve is refused")
    @CsvSource({
        "ecc_nist_p256, SunEC, 32",
        "ecc_nist_p256, BC, 32",
        "ecc_nist_p384, SunEC, 48",
        "ecc_nist_p521, SunEC, 66"
    })
    void agreement(String name, String peer, int length) throws Exception {
        String alias = "alias/" + name + "-agreeing";
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC", provider(peer));
        generator.initialize(((ECPublicKey) publicKey(alias)).getParams());
        KeyPair pair = generator.generateKeyPair();
        KeyAgreement here = KeyAgreement.getInstance("ECDH", Fixture.PROVIDER);
        here.init(privateKey(alias));
        here.doPhase(pair.getPublic(), true);
        KeyAgreement there = KeyAgreement.getInstance("ECDH", provider(peer));
        there.init(pair.getPrivate());
        there.doPhase(publicKey(alias), true);
        assertThat(here.generateSecret()).isEqualTo(there.generateSecret()).hasSize(length);
        PublicKey stranger = publicKey("alias/ecc_secg_p256k1");
        here.init(privateKey(alias));
        assertThatThrownBy(() -> here.doPhase(stranger, true)).isInstanceOf(java.security.InvalidKeyException.class);
    }

    @ParameterizedTest
    @DisplayName("AWS KMS verifies the code of a Mac, and only for its text")
    @CsvSource({
        "hmac_224, HmacSHA224, HMAC_SHA_224",
        "hmac_256, HmacSHA256, HMAC_SHA_256",
        "hmac_384, HmacSHA384, HMAC_SHA_384",
        "hmac_512, HmacSHA512, HMAC_SHA_512"
    })
    void macs(String name, String algorithm, MacAlgorithmSpec spec) throws Exception {
        Mac mac = Mac.getInstance(algorithm, Fixture.PROVIDER);
        mac.init(keyStore.getKey("alias/" + name, null));
        byte[] code = mac.doFinal(Fixture.TEXT);
        assertThat(code).hasSize(mac.getMacLength()).isNotEqualTo(mac.doFinal(OTHER));
        try (KmsClient client = account.client(LoopbackAccount.REGION)) {
            assertThat(client.verifyMac(request -> request.keyId("alias/" + name)
                                    .macAlgorithm(spec)
                                    .message(SdkBytes.fromByteArray(Fixture.TEXT))
                                    .mac(SdkBytes.fromByteArray(code)))
                            .macValid())
                    .isTrue();
            byte[] theirs = client.generateMac(request ->
                            request.keyId("alias/" + name).macAlgorithm(spec).message(SdkBytes.fromByteArray(OTHER)))
                    .mac()
                    .asByteArray();
            assertThat(mac.doFinal(OTHER)).isEqualTo(theirs);
        }
    }

    @ParameterizedTest
    @DisplayName("Messages, streams of any kind of Cipher, and wrapped keys, under a symmetric key")
    @CsvSource({"AES/GCM/NoPadding", "Envelope"})
    void messages(String transformation) throws Exception {
        Cipher cipher = Cipher.getInstance(transformation, Fixture.PROVIDER);
        cipher.init(Cipher.ENCRYPT_MODE, aes());
        byte[] sealed = cipher.doFinal(Fixture.TEXT);
        cipher.init(Cipher.DECRYPT_MODE, aes());
        assertThat(cipher.doFinal(sealed)).isEqualTo(Fixture.TEXT);
        sealed[sealed.length - 1] ^= 1;
        cipher.init(Cipher.DECRYPT_MODE, aes());
        assertThatThrownBy(() -> cipher.doFinal(sealed)).isInstanceOf(AEADBadTagException.class);
    }

    @Test
    @DisplayName("RULES 11: AESWrap gives a ciphertext of AWS KMS, which AWS KMS itself opens, and takes its own")
    void wrapping() throws Exception {
        byte[] raw = new byte[32];
        raw[0] = 1;
        Cipher cipher = Cipher.getInstance("AESWrap", Fixture.PROVIDER);
        cipher.init(Cipher.WRAP_MODE, aes());
        byte[] wrapped = cipher.wrap(new SecretKeySpec(raw, "AES"));
        try (KmsClient client = account.client(LoopbackAccount.REGION)) {
            assertThat(client.decrypt(request -> request.ciphertextBlob(SdkBytes.fromByteArray(wrapped)))
                            .plaintext()
                            .asByteArray())
                    .isEqualTo(raw);
            byte[] theirs = client.encrypt(request -> request.keyId("alias/aes").plaintext(SdkBytes.fromByteArray(raw)))
                    .ciphertextBlob()
                    .asByteArray();
            cipher.init(Cipher.UNWRAP_MODE, aes());
            assertThat(cipher.unwrap(theirs, "AES", Cipher.SECRET_KEY).getEncoded())
                    .isEqualTo(raw);
        }
    }

    @Test
    @DisplayName("Data keys and key pairs that the service generates work with other providers and unwrap again")
    void generated() throws Exception {
        KeyGenerator generator = KeyGenerator.getInstance("KmsDataKey", Fixture.PROVIDER);
        generator.init(KmsDataKeySpec.aes(aes(), 256).withContext(Map.of("table", "cards")));
        KmsDataKey key = (KmsDataKey) generator.generateKey();
        Cipher sunJce = Cipher.getInstance("AES/GCM/NoPadding", "SunJCE");
        sunJce.init(Cipher.ENCRYPT_MODE, key);
        assertThat(sunJce.doFinal(Fixture.TEXT)).hasSize(Fixture.TEXT.length + 16);
        try (KmsClient client = account.client(LoopbackAccount.REGION)) {
            assertThat(client.decrypt(request -> request.ciphertextBlob(SdkBytes.fromByteArray(key.wrapped()))
                                    .encryptionContext(Map.of("table", "cards")))
                            .plaintext()
                            .asByteArray())
                    .isEqualTo(key.getEncoded());
        }

        for (KeySpec spec : new KeySpec[] {KeySpec.ECC_NIST_P256, KeySpec.RSA_2048, KeySpec.ECC_NIST_EDWARDS25519}) {
            KeyPairGenerator pairs = KeyPairGenerator.getInstance("KmsDataKeyPair", Fixture.PROVIDER);
            pairs.initialize(KmsDataKeyPairSpec.of(aes(), spec));
            KeyPair pair = pairs.generateKeyPair();
            KmsDataPrivateKey secret = (KmsDataPrivateKey) pair.getPrivate();
            Cipher cipher = Cipher.getInstance("AESWrap", Fixture.PROVIDER);
            cipher.init(Cipher.UNWRAP_MODE, aes());
            PrivateKey unwrapped =
                    (PrivateKey) cipher.unwrap(secret.wrapped(), secret.getAlgorithm(), Cipher.PRIVATE_KEY);
            assertThat(unwrapped)
                    .isEqualTo(KeyFactory.getInstance(secret.getAlgorithm())
                            .generatePrivate(new PKCS8EncodedKeySpec(secret.getEncoded())));
            String algorithm = switch (spec) {
                case RSA_2048 -> "SHA256withRSA";
                case ECC_NIST_P256 -> "SHA256withECDSA";
                default -> "Ed25519";
            };
            Signature signature = Signature.getInstance(algorithm, spec == KeySpec.RSA_2048 ? "SunRsaSign" : "SunEC");
            signature.initSign(unwrapped);
            signature.update(Fixture.TEXT);
            byte[] signed = signature.sign();
            Signature verifier = Signature.getInstance(algorithm, BC);
            verifier.initVerify(pair.getPublic());
            verifier.update(Fixture.TEXT);
            assertThat(verifier.verify(signed)).as(spec.name()).isTrue();
        }
    }

    @Test
    @DisplayName("Random bytes are drawn from AWS KMS, by a handle and by the provider's own settings")
    void random() throws Exception {
        account.server().log().clear();
        SecureRandom random = SecureRandom.getInstance("KMS", KmsRandomParameters.of(aes()), Fixture.PROVIDER);
        byte[] bytes = new byte[1500];
        random.nextBytes(bytes);
        assertThat(bytes).isNotEqualTo(new byte[1500]);
        assertThat(account.server().log().count("GenerateRandom")).isEqualTo(2);
    }
}
