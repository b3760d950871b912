package dev.kmsenvelope.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmsenvelope.kms.AccessCheck;
import dev.kmsenvelope.kms.AccessCheck.Operation;
import dev.kmsenvelope.kms.AccessCheck.Outcome;
import dev.kmsenvelope.kms.InvalidCiphertextException;
import dev.kmsenvelope.kms.InvalidKeyUsageException;
import dev.kmsenvelope.kms.KeyAgreementService;
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
import dev.kmsenvelope.kms.SigningAlgorithm;
import dev.kmsenvelope.kms.SigningService;
import dev.kmsenvelope.kms.SigningService.MessageType;
import java.security.KeyPair;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** What a service can do beyond encrypting and decrypting, checked against the JDK's cryptography and BouncyCastle's. */
interface CapabilityContract extends Contract {

    KeyId MISSING = KeyId.of("alias/there-is-no-such-alias");

    private static void assertArgument(ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class);
    }

    private static void assertUsage(ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOf(InvalidKeyUsageException.class);
    }

    private static void assertMissing(ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOf(KeyNotFoundException.class);
    }

    private PublicKey publicKey(KeyId key, KeySpec spec) {
        byte[] encoded =
                service().capability(PublicKeyService.class).orElseThrow().publicKey(key);
        return Crypto.publicKey(spec, encoded);
    }

    @Test
    default void publicKeys() {
        use(PublicKeyService.class, service -> {
            for (KeySpec spec : specs()) {
                KeyId key = sharedKey(spec, spec.defaultUsage());
                if (spec.isAsymmetric()) {
                    byte[] encoded = service.publicKey(key);
                    assertThat(Crypto.publicKey(spec, encoded).getEncoded()).isEqualTo(encoded);
                    assertThat(service.publicKey(key)).isEqualTo(encoded);
                }
            }
            assertMissing(() -> service.publicKey(MISSING));
            unlessFaulty(ServerFault.IGNORES_KINDS);
            for (KeySpec spec : specs()) {
                if (!spec.isAsymmetric()) {
                    assertUsage(() -> service.publicKey(sharedKey(spec, spec.defaultUsage())));
                }
            }
        });
    }

    @Test
    default void rsaDecryption() {
        use(RsaDecryptionService.class, service -> {
            unlessFaulty(ServerFault.HAS_OTHER_RSA);
            KeyId key = sharedKey(KeySpec.RSA_2048, KeyUsage.ENCRYPT_DECRYPT);
            PublicKey publicKey = publicKey(key, KeySpec.RSA_2048);
            for (Padding padding : Padding.values()) {
                int max = padding == Padding.RSAES_OAEP_SHA_1 ? 214 : 190;
                for (byte[] text : new byte[][] {{7}, TEXT, new byte[max]}) {
                    byte[] sealed = Crypto.encryptRsa(publicKey, padding, text);
                    assertThat(Contract.wipe(service.decryptRsa(key, padding, sealed)))
                            .isEqualTo(text);
                    for (byte[] other :
                            new byte[][] {Contract.changed(sealed, 100), Contract.shorter(sealed), {}, new byte[257]}) {
                        assertThatThrownBy(() -> service.decryptRsa(key, padding, other))
                                .isInstanceOf(InvalidCiphertextException.class);
                    }
                    Padding wrong =
                            padding == Padding.RSAES_OAEP_SHA_1 ? Padding.RSAES_OAEP_SHA_256 : Padding.RSAES_OAEP_SHA_1;
                    assertThatThrownBy(() -> service.decryptRsa(key, wrong, sealed))
                            .isInstanceOf(InvalidCiphertextException.class);
                }
            }
            byte[] sealed = Crypto.encryptRsa(publicKey, Padding.RSAES_OAEP_SHA_256, TEXT);
            assertMissing(() -> service.decryptRsa(MISSING, Padding.RSAES_OAEP_SHA_256, sealed));
            assertUsage(() -> service.decryptRsa(symmetricKey(), Padding.RSAES_OAEP_SHA_256, sealed));
            assertUsage(() -> service.decryptRsa(
                    sharedKey(KeySpec.RSA_2048, KeyUsage.SIGN_VERIFY), Padding.RSAES_OAEP_SHA_256, sealed));
        });
    }

    @Test
    default void signatures() {
        use(SigningService.class, service -> {
            unlessFaulty(ServerFault.HAS_OTHER_RSA);
            for (KeySpec spec : specs()) {
                if (!spec.usages().contains(KeyUsage.SIGN_VERIFY)) {
                    continue;
                }
                KeyId key = sharedKey(spec, KeyUsage.SIGN_VERIFY);
                PublicKey publicKey = publicKey(key, spec);
                for (SigningAlgorithm algorithm : SigningAlgorithm.values()) {
                    if (!algorithm.fits(spec)) {
                        assertUsage(() -> service.sign(key, algorithm, MessageType.RAW, TEXT));
                        continue;
                    }
                    for (byte[] message : new byte[][] {TEXT, new byte[SigningService.MAX_RAW_MESSAGE]}) {
                        byte[] signature = service.sign(key, algorithm, MessageType.RAW, message);
                        assertThat(Crypto.verify(publicKey, algorithm, message, signature))
                                .as("%s by %s", algorithm, spec)
                                .isTrue();
                        assertThat(Crypto.verify(publicKey, algorithm, new byte[3], signature))
                                .isFalse();
                    }
                    checkDigest(service, key, publicKey, algorithm);
                    assertArgument(() -> service.sign(key, algorithm, MessageType.RAW, new byte[0]));
                    assertArgument(() -> service.sign(
                            key, algorithm, MessageType.RAW, new byte[SigningService.MAX_RAW_MESSAGE + 1]));
                }
            }
        });
    }

    private static void checkDigest(SigningService service, KeyId key, PublicKey publicKey, SigningAlgorithm algorithm)
            throws Exception {
        if (algorithm == SigningAlgorithm.ML_DSA_SHAKE_256) {
            byte[] mu = Crypto.mu(publicKey, TEXT);
            byte[] signature = service.sign(key, algorithm, MessageType.EXTERNAL_MU, mu);
            assertThat(Crypto.verify(publicKey, algorithm, TEXT, signature)).isTrue();
            assertArgument(() -> service.sign(key, algorithm, MessageType.EXTERNAL_MU, new byte[63]));
        } else {
            assertArgument(() -> service.sign(key, algorithm, MessageType.EXTERNAL_MU, new byte[64]));
        }
        if (algorithm == SigningAlgorithm.ML_DSA_SHAKE_256 || algorithm == SigningAlgorithm.ED25519_SHA_512) {
            assertArgument(() -> service.sign(key, algorithm, MessageType.DIGEST, new byte[64]));
            return;
        }
        byte[] digest = MessageDigest.getInstance(
                        "SHA-" + algorithm.name().substring(algorithm.name().length() - 3))
                .digest(TEXT);
        byte[] signature = service.sign(key, algorithm, MessageType.DIGEST, digest);
        assertThat(Crypto.verify(publicKey, algorithm, TEXT, signature)).isTrue();
        assertArgument(() -> service.sign(key, algorithm, MessageType.DIGEST, Contract.shorter(digest)));
    }

    @Test
    default void whatDoesNotSign() {
        use(SigningService.class, service -> {
            SigningAlgorithm rsa = SigningAlgorithm.RSASSA_PSS_SHA_256;
            assertMissing(() -> service.sign(MISSING, rsa, MessageType.RAW, TEXT));
            unlessFaulty(ServerFault.IGNORES_KINDS);
            assertUsage(() -> service.sign(symmetricKey(), rsa, MessageType.RAW, TEXT));
            assertUsage(() ->
                    service.sign(sharedKey(KeySpec.RSA_2048, KeyUsage.ENCRYPT_DECRYPT), rsa, MessageType.RAW, TEXT));
            if (has(Feature.KEY_AGREEMENT)) {
                assertUsage(() -> service.sign(
                        sharedKey(KeySpec.ECC_NIST_P256, KeyUsage.KEY_AGREEMENT),
                        SigningAlgorithm.ECDSA_SHA_256,
                        MessageType.RAW,
                        TEXT));
            }
        });
    }

    @Test
    default void codes() {
        use(MacService.class, service -> {
            for (MacAlgorithm algorithm : MacAlgorithm.values()) {
                for (KeySpec spec : List.of(KeySpec.HMAC_224, KeySpec.HMAC_256, KeySpec.HMAC_384, KeySpec.HMAC_512)) {
                    KeyId key = sharedKey(spec, KeyUsage.GENERATE_VERIFY_MAC);
                    if (!algorithm.fits(spec)) {
                        continue;
                    }
                    byte[] code = service.generateMac(key, algorithm, TEXT);
                    assertThat(code).hasSize(Integer.parseInt(spec.name().substring("HMAC_".length())) / 8);
                    assertThat(service.generateMac(key, algorithm, TEXT)).isEqualTo(code);
                    assertThat(service.generateMac(key, algorithm, new byte[MacService.MAX_MAC_MESSAGE]))
                            .isNotEqualTo(code);
                    assertArgument(() -> service.generateMac(key, algorithm, new byte[0]));
                    assertArgument(() -> service.generateMac(key, algorithm, new byte[MacService.MAX_MAC_MESSAGE + 1]));
                }
            }
            assertMissing(() -> service.generateMac(MISSING, MacAlgorithm.HMAC_SHA_256, TEXT));
            unlessFaulty(ServerFault.IGNORES_KINDS);
            assertUsage(() -> service.generateMac(symmetricKey(), MacAlgorithm.HMAC_SHA_256, TEXT));
            for (MacAlgorithm algorithm : MacAlgorithm.values()) {
                if (algorithm != MacAlgorithm.HMAC_SHA_256) {
                    KeyId key = sharedKey(KeySpec.HMAC_256, KeyUsage.GENERATE_VERIFY_MAC);
                    assertUsage(() -> service.generateMac(key, algorithm, TEXT));
                }
            }
        });
    }

    @Test
    default void keyAgreement() {
        use(KeyAgreementService.class, service -> {
            unlessFaulty(ServerFault.LACKS_OPERATIONS);
            for (KeySpec spec : List.of(KeySpec.ECC_NIST_P256, KeySpec.ECC_NIST_P384, KeySpec.ECC_NIST_P521)) {
                KeyId key = sharedKey(spec, KeyUsage.KEY_AGREEMENT);
                KeyPair mine = Crypto.generate(spec);
                byte[] expected = Crypto.agree(mine, publicKey(key, spec));
                assertThat(Contract.wipe(
                                service.deriveSharedSecret(key, mine.getPublic().getEncoded())))
                        .isEqualTo(expected);
            }
            KeyId key = sharedKey(KeySpec.ECC_NIST_P256, KeyUsage.KEY_AGREEMENT);
            byte[] right = Crypto.generate(KeySpec.ECC_NIST_P256).getPublic().getEncoded();
            for (byte[] wrong : new byte[][] {
                Crypto.generate(KeySpec.ECC_NIST_P384).getPublic().getEncoded(),
                Crypto.generate(KeySpec.RSA_2048).getPublic().getEncoded(),
                Contract.changed(right, -1),
                Contract.shorter(right),
                TEXT,
                {}
            }) {
                assertArgument(() -> service.deriveSharedSecret(key, wrong));
            }
            assertMissing(() -> service.deriveSharedSecret(MISSING, right));
            assertUsage(() -> service.deriveSharedSecret(symmetricKey(), right));
            assertUsage(
                    () -> service.deriveSharedSecret(sharedKey(KeySpec.ECC_NIST_P256, KeyUsage.SIGN_VERIFY), right));
        });
    }

    @Test
    default void keyPairs() {
        use(KeyPairService.class, service -> {
            unlessFaulty(ServerFault.LACKS_OPERATIONS);
            KeyId key = symmetricKey();
            KeyId id = service().decryptionKeys(key).iterator().next();
            for (KeySpec spec : List.of(
                    KeySpec.RSA_2048,
                    KeySpec.ECC_NIST_P256,
                    KeySpec.ECC_NIST_P384,
                    KeySpec.ECC_NIST_P521,
                    KeySpec.ECC_SECG_P256K1)) {
                WrappedKeyPair made = service.generateDataKeyPair(key, spec, CONTEXT);
                try (WrappedKeyPair pair = made) {
                    byte[] privateKey = pair.privateKey().copy();
                    assertThat(Crypto.belongTogether(spec, pair.publicKey(), privateKey))
                            .as("%s", spec)
                            .isTrue();
                    assertThat(Contract.wipe(service().decrypt(id, pair.encryptedPrivateKey(), CONTEXT)))
                            .isEqualTo(privateKey);
                    assertThatThrownBy(() -> service().decrypt(id, pair.encryptedPrivateKey(), NONE))
                            .isInstanceOf(InvalidCiphertextException.class);
                }
                assertThat(made.privateKey().isDestroyed()).isTrue();
            }
            for (KeySpec spec : List.of(KeySpec.SYMMETRIC_DEFAULT, KeySpec.HMAC_256, KeySpec.OTHER)) {
                assertArgument(() -> service.generateDataKeyPair(key, spec, NONE));
            }
            assertMissing(() -> service.generateDataKeyPair(MISSING, KeySpec.ECC_NIST_P256, NONE));
            assertUsage(() -> service.generateDataKeyPair(
                    sharedKey(KeySpec.HMAC_256, KeyUsage.GENERATE_VERIFY_MAC), KeySpec.ECC_NIST_P256, NONE));
        });
    }

    @Test
    default void randomBytes() {
        use(RandomService.class, service -> {
            for (int length : new int[] {1, 32, RandomService.MAX_RANDOM}) {
                assertThat(service.generateRandom(length)).hasSize(length);
            }
            assertThat(service.generateRandom(32)).isNotEqualTo(service.generateRandom(32));
            for (int length : new int[] {-1, 0, RandomService.MAX_RANDOM + 1}) {
                assertArgument(() -> service.generateRandom(length));
            }
        });
    }

    @Test
    default void whatOneMayDo() {
        use(AccessCheck.class, service -> {
            unlessFaulty(ServerFault.LACKS_DRY_RUNS);
            Map<Operation, Outcome> outcomes = service.check(service().describe(symmetricKey()));
            assertThat(outcomes.keySet())
                    .containsExactly(
                            Operation.DESCRIBE_KEY,
                            Operation.GENERATE_DATA_KEY,
                            Operation.ENCRYPT,
                            Operation.DECRYPT,
                            Operation.RE_ENCRYPT);
            assertThat(outcomes.values()).allMatch(outcome -> outcome.equals(Outcome.success()));
            Map<Operation, KeyId> others = Map.of(
                    Operation.SIGN, KeyId.of("SIGN_VERIFY"),
                    Operation.GENERATE_MAC, KeyId.of("GENERATE_VERIFY_MAC"),
                    Operation.DERIVE_SHARED_SECRET, KeyId.of("KEY_AGREEMENT"));
            others.forEach((operation, usage) -> specs().stream()
                    .filter(spec -> spec.usages().contains(KeyUsage.valueOf(usage.value())))
                    .forEach(spec -> assertThat(
                                    service.check(service().describe(sharedKey(spec, KeyUsage.valueOf(usage.value())))))
                            .as("%s", spec)
                            .containsEntry(operation, Outcome.success())));
        });
    }

    @Test
    default void whatNobodyMayDoWithADisabledKey() {
        if (has(Feature.ACCESS_CHECK)) {
            administer(administration -> {
                unlessFaulty(ServerFault.IGNORES_STATES);
                KeyId key = administration.createKey(KeySpec.SYMMETRIC_DEFAULT).id();
                administration.disable(key);
                Map<Operation, Outcome> outcomes = new EnumMap<>(service()
                        .capability(AccessCheck.class)
                        .orElseThrow()
                        .check(service().describe(key)));
                assertThat(outcomes.remove(Operation.DESCRIBE_KEY)).isEqualTo(Outcome.success());
                assertThat(outcomes).hasSize(4);
                assertThat(outcomes.values())
                        .noneMatch(Outcome::allowed)
                        .noneMatch(outcome -> outcome.reason().isBlank());
            });
        }
    }
}
