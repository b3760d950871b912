package dev.kmsenvelope.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmsenvelope.format.EncryptedDataKeyEntry;
import dev.kmsenvelope.kms.AccessCheck.Outcome;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.KeyAgreementService;
import dev.kmsenvelope.kms.KeyDescription;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.kms.KeyState;
import dev.kmsenvelope.kms.KeyUsage;
import dev.kmsenvelope.kms.PublicKeyService;
import dev.kmsenvelope.kms.RotationStatus.Cause;
import dev.kmsenvelope.kms.RotationStatus.Rotation;
import dev.kmsenvelope.kms.SecretBytes;
import dev.kmsenvelope.kms.SigningAlgorithm;
import dev.kmsenvelope.kms.SigningService;
import dev.kmsenvelope.kms.SigningService.MessageType;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Key files of former versions and of other JDKs, and contents that nobody writes. */
class KeyFileVersionsTest {

    private static final KeyId ORDERS = KeyId.of("alias/orders");
    private static final byte[] MESSAGE = {1, 2, 3};

    /** The generated secret of the file of version 1, and what was encrypted with it. */
    private static final String FORMER_SECRET = "D9BTJ9ttqs/4V6Z3SNmV3PYoPv6nNsGCR4ScWfU3RdE=";

    private static final String FORMER_CIPHERTEXT =
            "ABJrbXMtZW52ZWxvcGUtbG9jYWwAOmFhNjIxM2Q2LWJmMjMtNDU5ZC1hNGI1LWJhODc0M2YxOTUxYy8xAAAAgAAAAAyZwNdfIIPiJX2tOcEA"
                    + "HWWtqsppkZ6UC/zMv4twyee/XE1B1EL/nOH2KmG2";

    @TempDir
    Path temporary;

    private TestStore store;

    @BeforeEach
    void open() {
        store = new TestStore(temporary.resolve("keys"));
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void aFileOfVersion1OpensAndIsWrittenAsVersion2() throws Exception {
        try (TestStore former =
                TestStore.ofResource(temporary.resolve("former"), "content-version-1.p7m", FORMER_SECRET)) {
            former.now = Instant.parse("2026-12-01T00:00:00Z");
            byte[] before = Files.readAllBytes(former.keyFile());
            LocalKeyService service = former.service();
            KeyDescription key = service.describe(ORDERS);
            assertThat(key.usage()).isEqualTo(KeyUsage.ENCRYPT_DECRYPT);
            assertThat(key.versions()).hasSize(2);
            assertThat(key.versions().get(0).reservedUses()).isEqualTo(64);
            LocalKeyAdministration admin = former.administration();
            Rotation rotation = new Rotation(Instant.parse("2026-11-24T05:48:00.635Z"), Cause.ON_DEMAND);
            assertThat(admin.rotationStatus(ORDERS).history()).containsExactly(rotation);
            assertThat(decrypted(service)).isEqualTo("an old secret");
            assertThat(Files.readAllBytes(former.keyFile()))
                    .as("reading writes nothing")
                    .isEqualTo(before);

            admin.enableRotation(ORDERS, 90);
            LocalKeyService reopened = former.service();
            assertThat(decrypted(reopened)).isEqualTo("an old secret");
            assertThat(reopened.list()).isEqualTo(service.list()).hasSize(2);
            assertThat(reopened.list().get(1).state()).isEqualTo(KeyState.DISABLED);
            assertThat(former.administration().rotationStatus(ORDERS).history()).containsExactly(rotation);
            assertThat(reopened.decryptionKeys(KeyId.of("alias/other"))).hasSize(2);
            byte[] content = StoreStateCodec.encode(admin.state());
            assertThat(ASN1Sequence.getInstance(content).getObjectAt(0)).hasToString("2");
            former.pass(Duration.ofDays(90));
            reopened.encrypt(ORDERS, MESSAGE, TestStore.CONTEXT);
            assertThat(reopened.describe(ORDERS).versions()).hasSize(3);
        }
    }

    private static String decrypted(LocalKeyService service) throws Exception {
        EncryptedDataKey encrypted =
                EncryptedDataKeyEntry.parse(Base64.getDecoder().decode(FORMER_CIPHERTEXT));
        try (SecretBytes plaintext = service.decrypt(service.describe(ORDERS).id(), encrypted, TestStore.CONTEXT)) {
            return new String(plaintext.copy(), StandardCharsets.UTF_8);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"every-kind-jdk17.p7m", "every-kind-jdk25.p7m"})
    @DisplayName("Keys that JDK 17 or 25 made work on this one")
    void keysOfOtherJdksWork(String file) throws Exception {
        try (TestStore made = TestStore.ofEveryKind(temporary.resolve("made"), file)) {
            LocalKeyService service = made.service();
            SigningService signing = service.capability(SigningService.class).orElseThrow();
            PublicKeyService publicKeys =
                    service.capability(PublicKeyService.class).orElseThrow();
            List<KeyDescription> keys = service.list();
            assertThat(keys).hasSize(18);
            for (KeyDescription key : keys) {
                assertThat(new LocalAccessCheck(service, new LocalAsymmetricKeys(LocalStore.open(made.settings())))
                                .check(key)
                                .values())
                        .as("%s", key)
                        .allMatch(Outcome::allowed);
                if (key.usage() == KeyUsage.SIGN_VERIFY) {
                    Verification verification = Verification.of(key.spec());
                    byte[] signature = signing.sign(key.id(), verification.signs(), MessageType.RAW, MESSAGE);
                    assertThat(verification.verify(publicKeys.publicKey(key.id()), signature))
                            .as("%s", key)
                            .isTrue();
                }
            }
        }
    }

    @Test
    void keysOfTwoJdksAgree() throws Exception {
        try (TestStore one = TestStore.ofEveryKind(temporary.resolve("one"), "every-kind-jdk17.p7m");
                TestStore two = TestStore.ofEveryKind(temporary.resolve("two"), "every-kind-jdk25.p7m")) {
            for (String spec : List.of("ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521")) {
                KeyId key = KeyId.of("alias/" + spec + "-KEY_AGREEMENT");
                assertThat(agree(one.service(), two.service(), key))
                        .isEqualTo(agree(two.service(), one.service(), key));
            }
        }
    }

    private static byte[] agree(LocalKeyService ours, LocalKeyService theirs, KeyId key) {
        byte[] publicKey =
                theirs.capability(PublicKeyService.class).orElseThrow().publicKey(key);
        try (SecretBytes secret =
                ours.capability(KeyAgreementService.class).orElseThrow().deriveSharedSecret(key, publicKey)) {
            return secret.copy();
        }
    }

    /**
     * How others check signatures of a kind of key.
     *
     * @param signs what the key signs with
     * @param keys the algorithm of the key factory
     * @param signatures the algorithm of the signature
     */
    private record Verification(SigningAlgorithm signs, String keys, String signatures) {

        static Verification of(KeySpec spec) {
            if (spec.isRsa()) {
                return new Verification(SigningAlgorithm.RSASSA_PKCS1_V1_5_SHA_256, "RSA", "SHA256withRSA");
            }
            if (spec.isMlDsa()) {
                return new Verification(SigningAlgorithm.ML_DSA_SHAKE_256, "ML-DSA", "ML-DSA");
            }
            return switch (spec) {
                case ECC_NIST_P384 -> new Verification(SigningAlgorithm.ECDSA_SHA_384, "EC", "SHA384withECDSA");
                case ECC_NIST_P521 -> new Verification(SigningAlgorithm.ECDSA_SHA_512, "EC", "SHA512withECDSA");
                case ECC_NIST_EDWARDS25519 -> new Verification(SigningAlgorithm.ED25519_SHA_512, "Ed25519", "Ed25519");
                default -> new Verification(SigningAlgorithm.ECDSA_SHA_256, "EC", "SHA256withECDSA");
            };
        }

        boolean verify(byte[] publicKey, byte[] signature) throws Exception {
            BouncyCastleProvider bouncyCastle = new BouncyCastleProvider();
            Signature verifier = Signature.getInstance(signatures, bouncyCastle);
            verifier.initVerify(
                    KeyFactory.getInstance(keys, bouncyCastle).generatePublic(new X509EncodedKeySpec(publicKey)));
            verifier.update(MESSAGE);
            return verifier.verify(signature);
        }
    }

    private StoredKey stored(KeySpec spec, KeyUsage usage) {
        LocalKeyAdministration admin = store.administration();
        KeyId id = admin.createKey(spec, usage).id();
        return admin.state().keys().get(id.value());
    }

    private static byte[] content(StoredKey key) {
        return StoreStateCodec.encode(new StoreState(
                StoredKey.randomId(new java.security.SecureRandom()), 1, Map.of(key.id(), key), Map.of()));
    }

    private static void assertRefused(StoredKey key, String words) {
        byte[] content = content(key);
        assertThatThrownBy(() -> StoreStateCodec.decode(content))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(words);
    }

    @Test
    void keysThatCannotBeSoAreRefused() {
        StoredKey symmetric = stored(KeySpec.SYMMETRIC_DEFAULT, KeyUsage.ENCRYPT_DECRYPT);
        StoredKey mac = stored(KeySpec.HMAC_384, KeyUsage.GENERATE_VERIFY_MAC);
        StoredKey curve = stored(KeySpec.ECC_NIST_P256, KeyUsage.SIGN_VERIFY);
        StoredKey other = stored(KeySpec.ECC_NIST_P384, KeyUsage.SIGN_VERIFY);
        for (StoredKey right : List.of(symmetric, mac, curve, other, symmetric.withRotationDays(2560))) {
            StoredKey read = StoreStateCodec.decode(content(right)).keys().get(right.id());
            assertThat(read.spec()).isEqualTo(right.spec());
            assertThat(read.rotationDays()).isEqualTo(right.rotationDays());
            assertThat(read.current().material().copy())
                    .isEqualTo(right.current().material().copy());
            assertThat(read.current().publicKey()).isEqualTo(right.current().publicKey());
        }
        for (int days : new int[] {-1, 1, 89, 2561}) {
            assertRefused(symmetric.withRotationDays(days), "cannot be so");
        }
        assertRefused(mac.withRotationDays(365), "cannot be so");
        assertRefused(
                curve.withVersion(version(2, curve.current(), curve.current().publicKey())), "cannot be so");
        assertRefused(with(curve, KeyUsage.ENCRYPT_DECRYPT, curve.current()), "cannot be so");
        assertRefused(with(mac, mac.usage(), symmetric.current()), "32 bytes where 48");
        assertRefused(
                with(
                        symmetric,
                        symmetric.usage(),
                        version(1, symmetric.current(), curve.current().publicKey())),
                "a public key where there is none");
        for (byte[] publicKey : List.of(new byte[0], MESSAGE, other.current().publicKey())) {
            assertRefused(with(curve, curve.usage(), version(1, curve.current(), publicKey)), "a public key that is");
        }
    }

    private static StoredKey.Version version(int number, StoredKey.Version of, byte[] publicKey) {
        return new StoredKey.Version(number, of.created(), Cause.ON_DEMAND, 0, of.material(), publicKey);
    }

    private static StoredKey with(StoredKey key, KeyUsage usage, StoredKey.Version version) {
        return new StoredKey(
                key.id(), key.spec(), usage, key.state(), key.created(), null, key.rotationDays(), List.of(version));
    }

    @Test
    void everyTruncationAndManyChangesOfTheContentAreRefusedWithoutASecretInTheText() {
        StoredKey curve = stored(KeySpec.ECC_NIST_P256, KeyUsage.SIGN_VERIFY);
        stored(KeySpec.HMAC_224, KeyUsage.GENERATE_VERIFY_MAC);
        byte[] content = StoreStateCodec.encode(store.administration().state());
        String material = HexFormat.of().formatHex(curve.current().material().copy());
        for (int length = 0; length < content.length; length++) {
            byte[] cut = Arrays.copyOf(content, length);
            assertThatThrownBy(() -> StoreStateCodec.decode(cut)).isInstanceOf(IllegalArgumentException.class);
        }
        Random random = new Random(11);
        for (int i = 0; i < 5000; i++) {
            try {
                StoreStateCodec.decode(KeyFiles.mutate(content, random)).wipe();
            } catch (IllegalArgumentException e) {
                for (Throwable cause = e; cause != null; cause = cause.getCause()) {
                    assertThat(String.valueOf(cause.getMessage()))
                            .doesNotContainIgnoringCase(material.substring(80, 120));
                }
            }
        }
    }

    @Test
    @DisplayName("RULES 16, 20: no private key in any text, none left when the store is closed")
    void nothingSecretOfAKeyPairShows() {
        LocalStore opened = LocalStore.open(store.settings());
        LocalKeyAdministration admin = new LocalKeyAdministration(opened);
        admin.createKey(KeySpec.ECC_NIST_P256, KeyUsage.SIGN_VERIFY);
        StoreState state = admin.state();
        SecretBytes material = state.keys().values().iterator().next().current().material();
        byte[] secret = material.copy();
        assertThat(state.toString() + admin.list())
                .doesNotContain(Base64.getEncoder().encodeToString(secret))
                .doesNotContain(Arrays.toString(secret))
                .doesNotContainIgnoringCase(HexFormat.of().formatHex(secret));
        admin.close();
        assertThat(material.isDestroyed()).isTrue();
    }
}
