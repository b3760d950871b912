package dev.kmsenvelope.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmsenvelope.kms.AccessCheck;
import dev.kmsenvelope.kms.AccessCheck.Operation;
import dev.kmsenvelope.kms.AccessCheck.Outcome;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.InvalidKeyUsageException;
import dev.kmsenvelope.kms.KeyAgreementService;
import dev.kmsenvelope.kms.KeyDescription;
import dev.kmsenvelope.kms.KeyDisabledException;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyNotFoundException;
import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.kms.KeyUsage;
import dev.kmsenvelope.kms.KmsUnavailableException;
import dev.kmsenvelope.kms.MacService;
import dev.kmsenvelope.kms.MacService.MacAlgorithm;
import dev.kmsenvelope.kms.PublicKeyService;
import dev.kmsenvelope.kms.RsaDecryptionService;
import dev.kmsenvelope.kms.RsaDecryptionService.Padding;
import dev.kmsenvelope.kms.SecretBytes;
import dev.kmsenvelope.kms.SigningAlgorithm;
import dev.kmsenvelope.kms.SigningService;
import dev.kmsenvelope.kms.SigningService.MessageType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What keys of every kind refuse: what they are not for, and what is no good for them. */
class KeyUseTest {

    private static final byte[] MESSAGE = "the message".getBytes(StandardCharsets.UTF_8);

    @TempDir
    static Path temporary;

    private static TestStore store;
    private static LocalKeyAdministration admin;
    private static LocalKeyService service;
    private static SigningService signing;
    private static PublicKeyService publicKeys;

    @BeforeAll
    static void open() throws IOException {
        store = TestStore.ofEveryKind(temporary.resolve("keys"), "every-kind-jdk17.p7m");
        store.files.durable = false;
        admin = store.administration();
        service = store.service();
        signing = service.capability(SigningService.class).orElseThrow();
        publicKeys = service.capability(PublicKeyService.class).orElseThrow();
    }

    @AfterAll
    static void close() {
        store.close();
    }

    private static KeyId key(KeySpec spec, KeyUsage usage) {
        return service.describe(KeyId.of("alias/" + spec + "-" + usage)).id();
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
        assertThat(admin.list()).hasSize(18);
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
    void aCompressedPointIsTheSamePoint() throws IOException {
        KeyAgreementService agreements =
                service.capability(KeyAgreementService.class).orElseThrow();
        KeyId key = key(KeySpec.ECC_NIST_P256, KeyUsage.KEY_AGREEMENT);
        SubjectPublicKeyInfo info = SubjectPublicKeyInfo.getInstance(publicKeys.publicKey(key));
        byte[] point = info.getPublicKeyData().getOctets();
        byte[] compressed = Arrays.copyOf(point, 33);
        compressed[0] = (byte) (2 + (point[64] & 1));
        byte[] encoded = new SubjectPublicKeyInfo(info.getAlgorithm(), compressed).getEncoded();
        try (SecretBytes expected = agreements.deriveSharedSecret(key, info.getEncoded());
                SecretBytes found = agreements.deriveSharedSecret(key, encoded)) {
            assertThat(found.copy()).isEqualTo(expected.copy());
        }
    }

    @Test
    void withoutRandomnessNothingIsMadeOrSigned() throws IOException {
        try (TestStore dry = TestStore.ofEveryKind(temporary.resolve("dry"), "every-kind-jdk25.p7m")) {
            dry.random = new SecureRandom() {
                private static final long serialVersionUID = 1L;

                @Override
                public void nextBytes(byte[] bytes) {
                    throw new IllegalStateException("no entropy");
                }
            };
            LocalKeyAdministration dryAdmin = dry.administration();
            byte[] before = Files.readAllBytes(dry.keyFile());
            for (KeySpec spec : KeySpec.values()) {
                if (spec != KeySpec.OTHER) {
                    assertThatThrownBy(() -> dryAdmin.createKey(spec))
                            .as("%s", spec)
                            .isInstanceOf(KmsUnavailableException.class)
                            .hasMessageContaining("no random bytes");
                }
            }
            assertThat(Files.readAllBytes(dry.keyFile())).isEqualTo(before);
            SigningService drySigning =
                    dry.service().capability(SigningService.class).orElseThrow();
            Map<KeySpec, SigningAlgorithm> randomized = Map.of(
                    KeySpec.RSA_2048, SigningAlgorithm.RSASSA_PSS_SHA_256,
                    KeySpec.ECC_NIST_P256, SigningAlgorithm.ECDSA_SHA_256,
                    KeySpec.ECC_SECG_P256K1, SigningAlgorithm.ECDSA_SHA_256,
                    KeySpec.ML_DSA_44, SigningAlgorithm.ML_DSA_SHAKE_256);
            randomized.forEach((spec, algorithm) -> assertThatThrownBy(() -> drySigning.sign(
                            KeyId.of("alias/" + spec + "-SIGN_VERIFY"), algorithm, MessageType.RAW, MESSAGE))
                    .as("%s", spec)
                    .isInstanceOf(KmsUnavailableException.class));
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
            assertThat(outcomes.values()).as("%s", key).allMatch(outcome -> outcome.equals(Outcome.success()));
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
