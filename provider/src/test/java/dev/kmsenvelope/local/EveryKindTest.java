package dev.kmsenvelope.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmsenvelope.kms.InvalidCiphertextException;
import dev.kmsenvelope.kms.KeyAgreementService;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyPairService;
import dev.kmsenvelope.kms.KeyPairService.WrappedKeyPair;
import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.kms.KeyUsage;
import dev.kmsenvelope.kms.MacService;
import dev.kmsenvelope.kms.MacService.MacAlgorithm;
import dev.kmsenvelope.kms.PublicKeyService;
import dev.kmsenvelope.kms.RandomService;
import dev.kmsenvelope.kms.RsaDecryptionService;
import dev.kmsenvelope.kms.RsaDecryptionService.Padding;
import dev.kmsenvelope.kms.SecretBytes;
import dev.kmsenvelope.kms.SigningAlgorithm;
import dev.kmsenvelope.kms.SigningService;
import dev.kmsenvelope.kms.SigningService.MessageType;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.PSSParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.crypto.Cipher;
import javax.crypto.KeyAgreement;
import javax.crypto.spec.OAEPParameterSpec;
import javax.crypto.spec.PSource;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.crypto.digests.SHA224Digest;
import org.bouncycastle.crypto.macs.HMac;
import org.bouncycastle.crypto.params.KeyParameter;
import org.bouncycastle.crypto.params.MLDSAPublicKeyParameters;
import org.bouncycastle.crypto.signers.MLDSASigner;
import org.bouncycastle.crypto.util.PublicKeyFactory;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** One key of each kind and usage, checked with other implementations by means of its public key. */
class EveryKindTest {

    private static final byte[] MESSAGE = "the message".getBytes(StandardCharsets.UTF_8);

    @TempDir
    static Path temporary;

    private static final Map<String, KeyId> KEYS = new LinkedHashMap<>();
    private static TestStore store;
    private static LocalKeyAdministration admin;
    private static LocalKeyService service;
    private static SigningService signing;
    private static PublicKeyService publicKeys;

    @BeforeAll
    static void createKeys() {
        store = new TestStore(temporary.resolve("keys"));
        store.files.durable = false;
        admin = store.administration();
        service = store.service();
        signing = service.capability(SigningService.class).orElseThrow();
        publicKeys = service.capability(PublicKeyService.class).orElseThrow();
        for (KeySpec spec : KeySpec.values()) {
            for (KeyUsage usage : spec.usages()) {
                // Large RSA keys take seconds to make, and one of each is enough to see that they work.
                boolean slow = spec == KeySpec.RSA_3072 || spec == KeySpec.RSA_4096;
                if (usage != KeyUsage.OTHER && (!slow || usage == KeyUsage.SIGN_VERIFY)) {
                    KEYS.put(spec + " " + usage, admin.createKey(spec, usage).id());
                }
            }
        }
    }

    @AfterAll
    static void close() {
        store.close();
    }

    private static KeyId key(KeySpec spec, KeyUsage usage) {
        return KEYS.get(spec + " " + usage);
    }

    private static PublicKey publicKey(KeyId key, String algorithm) throws Exception {
        return KeyFactory.getInstance(algorithm, new BouncyCastleProvider())
                .generatePublic(new X509EncodedKeySpec(publicKeys.publicKey(key)));
    }

    private static byte[] bytes(SecretBytes secret) {
        try (secret) {
            return secret.copy();
        }
    }

    @Test
    void keysAreListedWithKindAndUsage() {
        assertThat(service.list())
                .extracting(key -> key.spec() + " " + key.usage())
                .containsExactlyElementsOf(KEYS.keySet());
        assertThat(admin.list()).isEqualTo(service.list());
    }

    @ParameterizedTest
    @EnumSource(names = {"RSA_2048", "RSA_3072", "RSA_4096"})
    void rsaSignaturesVerifyByTheJdk(KeySpec spec) throws Exception {
        KeyId key = key(spec, KeyUsage.SIGN_VERIFY);
        PublicKey publicKey = KeyFactory.getInstance("RSA", "SunRsaSign")
                .generatePublic(new X509EncodedKeySpec(publicKeys.publicKey(key)));
        for (int bits : new int[] {256, 384, 512}) {
            MGF1ParameterSpec hash = new MGF1ParameterSpec("SHA-" + bits);
            byte[] digest = MessageDigest.getInstance("SHA-" + bits).digest(MESSAGE);
            SigningAlgorithm pkcs1 = SigningAlgorithm.valueOf("RSASSA_PKCS1_V1_5_SHA_" + bits);
            Signature verifier = Signature.getInstance("SHA" + bits + "withRSA", "SunRsaSign");
            byte[] signature = verified(verifier, publicKey, signing.sign(key, pkcs1, MessageType.RAW, MESSAGE));
            assertThat(signing.sign(key, pkcs1, MessageType.DIGEST, digest)).isEqualTo(signature);

            SigningAlgorithm pss = SigningAlgorithm.valueOf("RSASSA_PSS_SHA_" + bits);
            Signature pssVerifier = Signature.getInstance("RSASSA-PSS", "SunRsaSign");
            pssVerifier.setParameter(new PSSParameterSpec("SHA-" + bits, "MGF1", hash, bits / 8, 1));
            verified(pssVerifier, publicKey, signing.sign(key, pss, MessageType.RAW, MESSAGE));
            verified(pssVerifier, publicKey, signing.sign(key, pss, MessageType.DIGEST, digest));
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521", "ECC_SECG_P256K1"})
    void ecdsaSignaturesVerifyByBouncyCastle(KeySpec spec) throws Exception {
        KeyId key = key(spec, KeyUsage.SIGN_VERIFY);
        int bits = spec == KeySpec.ECC_NIST_P384 ? 384 : spec == KeySpec.ECC_NIST_P521 ? 512 : 256;
        SigningAlgorithm algorithm = SigningAlgorithm.valueOf("ECDSA_SHA_" + bits);
        Signature verifier = Signature.getInstance("SHA" + bits + "withECDSA", new BouncyCastleProvider());
        PublicKey publicKey = publicKey(key, "EC");
        verified(verifier, publicKey, signing.sign(key, algorithm, MessageType.RAW, MESSAGE));
        byte[] digest = MessageDigest.getInstance("SHA-" + bits).digest(MESSAGE);
        verified(verifier, publicKey, signing.sign(key, algorithm, MessageType.DIGEST, digest));
    }

    @Test
    void ed25519SignaturesVerifyByBouncyCastle() throws Exception {
        KeyId key = key(KeySpec.ECC_NIST_EDWARDS25519, KeyUsage.SIGN_VERIFY);
        byte[] signature = signing.sign(key, SigningAlgorithm.ED25519_SHA_512, MessageType.RAW, MESSAGE);
        verified(Signature.getInstance("Ed25519", new BouncyCastleProvider()), publicKey(key, "Ed25519"), signature);
    }

    private static byte[] verified(Signature verifier, PublicKey publicKey, byte[] signature) throws Exception {
        verifier.initVerify(publicKey);
        verifier.update(MESSAGE);
        assertThat(verifier.verify(signature)).isTrue();
        verifier.initVerify(publicKey);
        verifier.update(MESSAGE);
        verifier.update((byte) 0);
        assertThat(verifier.verify(signature)).isFalse();
        return signature;
    }

    @ParameterizedTest
    @EnumSource(names = {"ML_DSA_44", "ML_DSA_65", "ML_DSA_87"})
    void mlDsaSignaturesVerifyWithMessageAndMu(KeySpec spec) throws Exception {
        KeyId key = key(spec, KeyUsage.SIGN_VERIFY);
        MLDSAPublicKeyParameters publicKey = (MLDSAPublicKeyParameters)
                PublicKeyFactory.createKey(SubjectPublicKeyInfo.getInstance(publicKeys.publicKey(key)));
        MLDSASigner verifier = new MLDSASigner();
        verifier.init(false, publicKey);
        verifier.update(MESSAGE, 0, MESSAGE.length);
        byte[] mu = verifier.generateMu();
        for (byte[] signature : List.of(
                signing.sign(key, SigningAlgorithm.ML_DSA_SHAKE_256, MessageType.RAW, MESSAGE),
                signing.sign(key, SigningAlgorithm.ML_DSA_SHAKE_256, MessageType.EXTERNAL_MU, mu))) {
            verifier.init(false, publicKey);
            verifier.update(MESSAGE, 0, MESSAGE.length);
            assertThat(verifier.verifySignature(signature)).isTrue();
            signature[signature.length / 2] ^= 1;
            verifier.init(false, publicKey);
            verifier.update(MESSAGE, 0, MESSAGE.length);
            assertThat(verifier.verifySignature(signature)).isFalse();
        }
        if (Runtime.version().feature() >= 24) { // The JDK has it since then.
            Signature jdk = Signature.getInstance("ML-DSA", "SUN");
            PublicKey jdkKey = KeyFactory.getInstance("ML-DSA", "SUN")
                    .generatePublic(new X509EncodedKeySpec(publicKeys.publicKey(key)));
            verified(jdk, jdkKey, signing.sign(key, SigningAlgorithm.ML_DSA_SHAKE_256, MessageType.RAW, MESSAGE));
        }
    }

    @Test
    void whatThePublicKeyEncryptsIsDecrypted() throws Exception {
        KeyId key = key(KeySpec.RSA_2048, KeyUsage.ENCRYPT_DECRYPT);
        RsaDecryptionService decryption =
                service.capability(RsaDecryptionService.class).orElseThrow();
        for (Padding padding : Padding.values()) {
            byte[] ciphertext = encrypted(publicKey(key, "RSA"), padding);
            assertThat(bytes(decryption.decryptRsa(key, padding, ciphertext))).isEqualTo(MESSAGE);
            Padding other = padding == Padding.RSAES_OAEP_SHA_1 ? Padding.RSAES_OAEP_SHA_256 : Padding.RSAES_OAEP_SHA_1;
            byte[] changed = ciphertext.clone();
            changed[ciphertext.length / 2] ^= 1;
            String[] texts = {
                refused(decryption, key, other, ciphertext).replace(other.name(), padding.name()),
                refused(decryption, key, padding, changed),
                refused(decryption, key, padding, Arrays.copyOf(ciphertext, ciphertext.length - 1)),
                refused(decryption, key, padding, Arrays.copyOf(ciphertext, ciphertext.length + 1)),
                refused(decryption, key, padding, new byte[0]),
                refused(decryption, key, padding, new byte[ciphertext.length]),
                refused(decryption, key, padding, filled(ciphertext.length, 0xFF)),
            };
            assertThat(texts).as("RULES 12: one text for every reason").containsOnly(texts[0]);
        }
    }

    private static byte[] filled(int length, int value) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }

    private static String refused(RsaDecryptionService decryption, KeyId key, Padding padding, byte[] ciphertext) {
        try {
            decryption.decryptRsa(key, padding, ciphertext).close();
        } catch (InvalidCiphertextException e) {
            assertThat(e).hasNoCause();
            return e.getMessage();
        }
        throw new AssertionError("decrypted");
    }

    private static byte[] encrypted(PublicKey key, Padding padding) throws Exception {
        MGF1ParameterSpec hash =
                padding == Padding.RSAES_OAEP_SHA_1 ? MGF1ParameterSpec.SHA1 : MGF1ParameterSpec.SHA256;
        Cipher cipher = Cipher.getInstance("RSA/ECB/OAEPPadding", new BouncyCastleProvider());
        cipher.init(
                Cipher.ENCRYPT_MODE,
                key,
                new OAEPParameterSpec(hash.getDigestAlgorithm(), "MGF1", hash, PSource.PSpecified.DEFAULT));
        return cipher.doFinal(MESSAGE);
    }

    @ParameterizedTest
    @EnumSource(names = {"ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521"})
    void bothSidesAgreeOnOneSecret(KeySpec spec) throws Exception {
        KeyId key = key(spec, KeyUsage.KEY_AGREEMENT);
        KeyAgreementService agreements =
                service.capability(KeyAgreementService.class).orElseThrow();
        BouncyCastleProvider bouncyCastle = new BouncyCastleProvider();
        int bits = Integer.parseInt(spec.name().substring("ECC_NIST_P".length()));
        for (int i = 0; i < 20; i++) { // One secret in 256 starts with a zero, which must stay.
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC", bouncyCastle);
            generator.initialize(new ECGenParameterSpec("P-" + bits));
            KeyPair theirs = generator.generateKeyPair();
            KeyAgreement theirSide = KeyAgreement.getInstance("ECDH", bouncyCastle);
            theirSide.init(theirs.getPrivate());
            theirSide.doPhase(publicKey(key, "EC"), true);
            assertThat(bytes(agreements.deriveSharedSecret(
                            key, theirs.getPublic().getEncoded())))
                    .hasSize((bits + 7) / 8)
                    .isEqualTo(theirSide.generateSecret());
        }
    }

    @ParameterizedTest
    @EnumSource(MacAlgorithm.class)
    void codesAreThoseOfTheHash(MacAlgorithm algorithm) {
        MacService macs = service.capability(MacService.class).orElseThrow();
        KeySpec spec = KeySpec.valueOf(algorithm.name().replace("_SHA", ""));
        KeyId key = key(spec, KeyUsage.GENERATE_VERIFY_MAC);
        byte[] code = macs.generateMac(key, algorithm, MESSAGE);
        assertThat(code).hasSize(KeyMaterial.secretLength(spec));
        assertThat(macs.generateMac(key, algorithm, new byte[4096])).isNotEqualTo(code);
        for (int length : new int[] {0, 4097}) {
            assertThatThrownBy(() -> macs.generateMac(key, algorithm, new byte[length]))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        if (algorithm == MacAlgorithm.HMAC_SHA_224) { // The others have published vectors.
            byte[] material =
                    admin.state().keys().get(key.value()).current().material().copy();
            HMac expected = new HMac(new SHA224Digest());
            expected.init(new KeyParameter(material));
            expected.update(MESSAGE, 0, MESSAGE.length);
            byte[] other = new byte[28];
            expected.doFinal(other, 0);
            assertThat(code).isEqualTo(other);
        }
    }

    @ParameterizedTest
    @EnumSource(
            mode = Mode.EXCLUDE,
            names = {
                "SYMMETRIC_DEFAULT",
                "HMAC_224",
                "HMAC_256",
                "HMAC_384",
                "HMAC_512",
                "OTHER",
                "RSA_3072",
                "RSA_4096"
            })
    void dataKeyPairsAreOfRsaAndEllipticCurves(KeySpec spec) throws Exception {
        KeyPairService pairs = service.capability(KeyPairService.class).orElseThrow();
        KeyId key = key(KeySpec.SYMMETRIC_DEFAULT, KeyUsage.ENCRYPT_DECRYPT);
        if (spec.isMlDsa()) {
            assertThatThrownBy(() -> pairs.generateDataKeyPair(key, spec, TestStore.CONTEXT))
                    .isInstanceOf(IllegalArgumentException.class);
            return;
        }
        WrappedKeyPair made = pairs.generateDataKeyPair(key, spec, TestStore.CONTEXT);
        try (WrappedKeyPair pair = made) {
            byte[] privateKey = pair.privateKey().copy();
            assertThat(bytes(service.decrypt(key, pair.encryptedPrivateKey(), TestStore.CONTEXT)))
                    .isEqualTo(privateKey);
            BouncyCastleProvider bouncyCastle = new BouncyCastleProvider();
            String algorithm = spec.isRsa() ? "RSA" : spec.isEllipticCurve() ? "EC" : "Ed25519";
            KeyFactory factory = KeyFactory.getInstance(algorithm, bouncyCastle);
            PrivateKey read = factory.generatePrivate(new PKCS8EncodedKeySpec(privateKey));
            Signature signature = Signature.getInstance(
                    spec.isRsa() ? "SHA256withRSA" : spec.isEllipticCurve() ? "SHA256withECDSA" : "Ed25519",
                    bouncyCastle);
            signature.initSign(read);
            signature.update(MESSAGE);
            verified(signature, factory.generatePublic(new X509EncodedKeySpec(pair.publicKey())), signature.sign());
        }
        assertThat(made.privateKey().isDestroyed()).isTrue();
    }

    @Test
    void randomBytesAreAsManyAsAsked() {
        RandomService random = service.capability(RandomService.class).orElseThrow();
        assertThat(random.generateRandom(1)).hasSize(1);
        assertThat(random.generateRandom(1024)).hasSize(1024).isNotEqualTo(random.generateRandom(1024));
        for (int number : new int[] {-1, 0, 1025}) {
            assertThatThrownBy(() -> random.generateRandom(number)).isInstanceOf(IllegalArgumentException.class);
        }
    }
}
