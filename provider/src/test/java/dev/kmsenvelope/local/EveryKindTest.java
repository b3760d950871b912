package dev.kmsenvelope.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmsenvelope.kms.AccessCheck;
import dev.kmsenvelope.kms.AccessCheck.Operation;
import dev.kmsenvelope.kms.AccessCheck.Outcome;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.InvalidCiphertextException;
import dev.kmsenvelope.kms.InvalidKeyUsageException;
import dev.kmsenvelope.kms.KeyAgreementService;
import dev.kmsenvelope.kms.KeyDescription;
import dev.kmsenvelope.kms.KeyDisabledException;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyNotFoundException;
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
import java.util.Set;
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
import org.junit.jupiter.api.DisplayName;
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

    @Test
    void aKeyIsOnlyMadeForWhatItsKindIsFor() {
        for (KeySpec spec : KeySpec.values()) {
            for (KeyUsage usage : KeyUsage.values()) {
                if (!spec.usages().contains(usage) || spec == KeySpec.OTHER) {
                    assertThatThrownBy(() -> admin.createKey(spec, usage))
                            .isInstanceOf(IllegalArgumentException.class)
                            .hasMessageContaining(spec.name())
                            .hasMessageContaining(usage.name());
                }
            }
        }
        assertThat(admin.list()).hasSize(KEYS.size());
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
    void messagesToSignHaveTheLengthOfTheirType() {
        KeyId rsa = key(KeySpec.RSA_2048, KeyUsage.SIGN_VERIFY);
        KeyId edwards = key(KeySpec.ECC_NIST_EDWARDS25519, KeyUsage.SIGN_VERIFY);
        KeyId mlDsa = key(KeySpec.ML_DSA_44, KeyUsage.SIGN_VERIFY);
        SigningAlgorithm pss = SigningAlgorithm.RSASSA_PSS_SHA_384;
        for (int length : new int[] {0, 4097}) {
            assertBadMessage(rsa, pss, MessageType.RAW, length);
            assertBadMessage(edwards, SigningAlgorithm.ED25519_SHA_512, MessageType.RAW, length);
            assertBadMessage(mlDsa, SigningAlgorithm.ML_DSA_SHAKE_256, MessageType.RAW, length);
        }
        for (int length : new int[] {0, 32, 47, 49, 64}) {
            assertBadMessage(rsa, pss, MessageType.DIGEST, length);
        }
        for (int length : new int[] {0, 32, 63, 65}) {
            assertBadMessage(mlDsa, SigningAlgorithm.ML_DSA_SHAKE_256, MessageType.EXTERNAL_MU, length);
        }
        assertBadMessage(rsa, pss, MessageType.EXTERNAL_MU, 64);
        assertBadMessage(edwards, SigningAlgorithm.ED25519_SHA_512, MessageType.DIGEST, 64);
        assertBadMessage(mlDsa, SigningAlgorithm.ML_DSA_SHAKE_256, MessageType.DIGEST, 64);
        assertThat(signing.sign(rsa, pss, MessageType.RAW, new byte[4096])).hasSize(256);
        assertThat(signing.sign(edwards, SigningAlgorithm.ED25519_SHA_512, MessageType.RAW, new byte[4096]))
                .hasSize(64);
    }

    private static void assertBadMessage(KeyId key, SigningAlgorithm algorithm, MessageType type, int length) {
        assertThatThrownBy(() -> signing.sign(key, algorithm, type, new byte[length]))
                .as("%s %s %s", algorithm, type, length)
                .isInstanceOf(IllegalArgumentException.class);
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
            assertThat(e.getCause()).hasNoCause();
            return e.getMessage() + e.getCause();
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

    @Test
    void onlyPointsOfTheSameCurveAreAgreedWith() {
        KeyAgreementService agreements =
                service.capability(KeyAgreementService.class).orElseThrow();
        KeyId key = key(KeySpec.ECC_NIST_P256, KeyUsage.KEY_AGREEMENT);
        byte[] right = publicKeys.publicKey(key);
        agreements.deriveSharedSecret(key, right).close();

        byte[] offCurve = right.clone();
        offCurve[offCurve.length - 1] ^= 1;
        byte[] outOfRange = right.clone();
        Arrays.fill(outOfRange, outOfRange.length - 64, outOfRange.length, (byte) 0xFF);
        byte[] zero = right.clone();
        Arrays.fill(zero, zero.length - 64, zero.length, (byte) 0);
        byte[] infinity = Arrays.copyOf(right, right.length - 64);
        infinity[1] = (byte) (infinity[1] - 64);
        infinity[infinity.length - 3] = (byte) (infinity[infinity.length - 3] - 64); // The length of the BIT STRING.
        infinity[infinity.length - 1] = 0;
        List<byte[]> wrong = List.of(
                offCurve,
                outOfRange,
                zero,
                infinity,
                new byte[0],
                new byte[] {5, 0},
                Arrays.copyOf(right, right.length - 1),
                Arrays.copyOf(right, right.length + 1),
                publicKeys.publicKey(key(KeySpec.ECC_NIST_P384, KeyUsage.KEY_AGREEMENT)),
                publicKeys.publicKey(key(KeySpec.ECC_SECG_P256K1, KeyUsage.SIGN_VERIFY)),
                publicKeys.publicKey(key(KeySpec.RSA_2048, KeyUsage.ENCRYPT_DECRYPT)),
                publicKeys.publicKey(key(KeySpec.ML_DSA_44, KeyUsage.SIGN_VERIFY)));
        for (byte[] publicKey : wrong) {
            assertThatThrownBy(() -> agreements.deriveSharedSecret(key, publicKey))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("ECC_NIST_P256");
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

    /** What can be asked of a key, by any key. */
    private interface Use {
        void of(KeyId key);
    }

    private static Map<String, Use> uses() {
        EncryptedDataKey encrypted = service.encrypt(
                key(KeySpec.SYMMETRIC_DEFAULT, KeyUsage.ENCRYPT_DECRYPT), MESSAGE, EncryptionContext.empty());
        RsaDecryptionService decryption =
                service.capability(RsaDecryptionService.class).orElseThrow();
        MacService macs = service.capability(MacService.class).orElseThrow();
        KeyAgreementService agreements =
                service.capability(KeyAgreementService.class).orElseThrow();
        byte[] point = publicKeys.publicKey(key(KeySpec.ECC_NIST_P256, KeyUsage.KEY_AGREEMENT));
        Map<String, Use> uses = new LinkedHashMap<>();
        EncryptionContext none = EncryptionContext.empty();
        uses.put("encrypt", key -> service.encrypt(key, MESSAGE, none));
        uses.put("data key", key -> service.generateDataKey(key, 32, none).close());
        uses.put(
                "pair",
                key -> service.generateDataKeyPair(key, KeySpec.ECC_NIST_P256, none)
                        .close());
        uses.put("decrypt", key -> service.decrypt(key, encrypted, none).close());
        uses.put(
                "rsa",
                key -> decryption
                        .decryptRsa(key, Padding.RSAES_OAEP_SHA_256, new byte[256])
                        .close());
        for (SigningAlgorithm algorithm : SigningAlgorithm.values()) {
            uses.put(algorithm.name(), key -> signing.sign(key, algorithm, MessageType.RAW, MESSAGE));
        }
        for (MacAlgorithm algorithm : MacAlgorithm.values()) {
            uses.put(algorithm.name(), key -> macs.generateMac(key, algorithm, MESSAGE));
        }
        uses.put("ecdh", key -> agreements.deriveSharedSecret(key, point).close());
        uses.put("public", key -> publicKeys.publicKey(key));
        return uses;
    }

    private static boolean isFor(KeyDescription key, String use) {
        KeySpec spec = key.spec();
        return switch (use) {
            case "encrypt", "data key", "pair", "decrypt" -> spec == KeySpec.SYMMETRIC_DEFAULT;
            case "rsa" -> spec.isRsa() && key.usage() == KeyUsage.ENCRYPT_DECRYPT;
            case "ecdh" -> key.usage() == KeyUsage.KEY_AGREEMENT;
            case "public" -> spec.isAsymmetric();
            default ->
                use.startsWith("HMAC")
                        ? spec.name().equals(use.replace("_SHA", ""))
                        : key.usage() == KeyUsage.SIGN_VERIFY
                                && SigningAlgorithm.valueOf(use).fits(spec);
        };
    }

    @Test
    void whatAKeyIsNotForItRefuses() {
        Map<String, Use> uses = uses();
        for (KeyDescription key : service.list()) {
            uses.forEach((name, use) -> {
                if (!isFor(key, name)) {
                    assertThatThrownBy(() -> use.of(key.id()))
                            .as("%s by %s", name, key)
                            .isInstanceOf(InvalidKeyUsageException.class)
                            .hasMessageContaining(key.id().value())
                            .hasMessageContaining(key.spec().name());
                }
            });
        }
    }

    @Test
    void aDisabledKeyAndOneToBeDeletedDoNothing() {
        Map<String, Use> uses = uses();
        KeySpec[] specs = {
            KeySpec.RSA_2048, KeySpec.ECC_NIST_P256, KeySpec.ECC_SECG_P256K1, KeySpec.HMAC_256, KeySpec.ML_DSA_65
        };
        for (KeySpec spec : specs) {
            for (KeyUsage usage : spec.usages()) {
                KeyId key = key(spec, usage);
                admin.disable(key);
                assertDisabled(uses, key);
                admin.enable(key);
                admin.scheduleDeletion(key, 7);
                assertDisabled(uses, key);
                admin.cancelDeletion(key);
                admin.enable(key);
            }
        }
        assertThatThrownBy(() -> publicKeys.publicKey(KeyId.of("alias/absent")))
                .isInstanceOf(KeyNotFoundException.class);
    }

    private static void assertDisabled(Map<String, Use> uses, KeyId key) {
        KeyDescription description = service.describe(key);
        uses.forEach((name, use) -> {
            if (isFor(description, name)) {
                assertThatThrownBy(() -> use.of(key)).as(name).isInstanceOf(KeyDisabledException.class);
            }
        });
        Map<Operation, Outcome> outcomes =
                service.capability(AccessCheck.class).orElseThrow().check(description);
        outcomes.forEach((operation, outcome) ->
                assertThat(outcome.allowed()).as("%s", operation).isEqualTo(operation == Operation.DESCRIBE_KEY));
        assertThat(outcomes.size()).isGreaterThan(1);
    }

    @Test
    void theAccessCheckTriesWhatTheKeyIsFor() {
        AccessCheck check = service.capability(AccessCheck.class).orElseThrow();
        for (KeyDescription key : service.list()) {
            Map<Operation, Outcome> outcomes = check.check(key);
            assertThat(outcomes.values()).as("%s", key).allMatch(outcome -> outcome.equals(new Outcome(true, "")));
            assertThat(outcomes.keySet())
                    .as("%s", key)
                    .isEqualTo(
                            switch (key.usage()) {
                                case ENCRYPT_DECRYPT ->
                                    key.spec().isRsa()
                                            ? Set.of(
                                                    Operation.DESCRIBE_KEY, Operation.DECRYPT, Operation.GET_PUBLIC_KEY)
                                            : Set.of(
                                                    Operation.DESCRIBE_KEY,
                                                    Operation.GENERATE_DATA_KEY,
                                                    Operation.ENCRYPT,
                                                    Operation.DECRYPT,
                                                    Operation.RE_ENCRYPT);
                                case SIGN_VERIFY ->
                                    Set.of(Operation.DESCRIBE_KEY, Operation.GET_PUBLIC_KEY, Operation.SIGN);
                                case GENERATE_VERIFY_MAC -> Set.of(Operation.DESCRIBE_KEY, Operation.GENERATE_MAC);
                                default ->
                                    Set.of(
                                            Operation.DESCRIBE_KEY,
                                            Operation.GET_PUBLIC_KEY,
                                            Operation.DERIVE_SHARED_SECRET);
                            });
        }
    }

    @Test
    @DisplayName("Only symmetric keys are rotated, for others use the key itself")
    void otherKindsAreNotRotated() {
        for (KeyDescription key : service.list()) {
            if (key.spec() != KeySpec.SYMMETRIC_DEFAULT) {
                assertThatThrownBy(() -> admin.rotate(key.id())).isInstanceOf(InvalidKeyUsageException.class);
                assertThatThrownBy(() -> admin.enableRotation(key.id(), 365))
                        .isInstanceOf(InvalidKeyUsageException.class);
                assertThatThrownBy(() -> admin.disableRotation(key.id())).isInstanceOf(InvalidKeyUsageException.class);
                assertThat(admin.rotationStatus(key.id()).isAutomatic()).isFalse();
                assertThat(admin.rotationStatus(key.id()).history()).isEmpty();
            }
        }
    }
}
