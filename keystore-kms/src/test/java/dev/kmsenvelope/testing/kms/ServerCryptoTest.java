package dev.kmsenvelope.testing.kms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.PSSParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Map;
import javax.crypto.Cipher;
import javax.crypto.KeyAgreement;
import javax.crypto.spec.OAEPParameterSpec;
import javax.crypto.spec.PSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.kms.KmsClient;
import software.amazon.awssdk.services.kms.model.DataKeyPairSpec;
import software.amazon.awssdk.services.kms.model.DryRunOperationException;
import software.amazon.awssdk.services.kms.model.EncryptionAlgorithmSpec;
import software.amazon.awssdk.services.kms.model.GenerateDataKeyPairResponse;
import software.amazon.awssdk.services.kms.model.GenerateDataKeyResponse;
import software.amazon.awssdk.services.kms.model.IncorrectKeyException;
import software.amazon.awssdk.services.kms.model.InvalidCiphertextException;
import software.amazon.awssdk.services.kms.model.InvalidKeyUsageException;
import software.amazon.awssdk.services.kms.model.KeySpec;
import software.amazon.awssdk.services.kms.model.KeyUsageType;
import software.amazon.awssdk.services.kms.model.KmsException;
import software.amazon.awssdk.services.kms.model.KmsInvalidMacException;
import software.amazon.awssdk.services.kms.model.KmsInvalidSignatureException;
import software.amazon.awssdk.services.kms.model.MacAlgorithmSpec;
import software.amazon.awssdk.services.kms.model.MessageType;
import software.amazon.awssdk.services.kms.model.ReEncryptResponse;
import software.amazon.awssdk.services.kms.model.SigningAlgorithmSpec;

/** The test server itself: its cryptography, as the JDK's own providers see it. */
class ServerCryptoTest {

    private static final SdkBytes TEXT = SdkBytes.fromUtf8String("attack at dawn");

    private final LoopbackKms server = new LoopbackKms();
    private final KmsClient kms = SdkClients.client(server, "root", "eu-central-1");

    @AfterEach
    void close() {
        kms.close();
        server.close();
    }

    private String createKey(KeySpec spec, KeyUsageType usage) {
        return kms.createKey(r -> r.keySpec(spec).keyUsage(usage)).keyMetadata().arn();
    }

    private String createKey() {
        return createKey(KeySpec.SYMMETRIC_DEFAULT, KeyUsageType.ENCRYPT_DECRYPT);
    }

    private PublicKey publicKey(String key, String algorithm) throws Exception {
        byte[] encoded = kms.getPublicKey(r -> r.keyId(key)).publicKey().asByteArray();
        return KeyFactory.getInstance(algorithm).generatePublic(new X509EncodedKeySpec(encoded));
    }

    @Test
    void contextsAreExact() {
        String key = createKey();
        SdkBytes blob = kms.encrypt(r -> r.keyId(key).plaintext(TEXT).encryptionContext(Map.of("a", "bc", "x", "y")))
                .ciphertextBlob();
        assertThat(kms.decrypt(r -> r.ciphertextBlob(blob).encryptionContext(Map.of("x", "y", "a", "bc")))
                        .plaintext())
                .isEqualTo(TEXT);
        for (Map<String, String> other :
                Arrays.asList(Map.<String, String>of(), Map.of("a", "bc"), Map.of("ab", "c", "x", "y"))) {
            assertThatThrownBy(() -> kms.decrypt(r -> r.ciphertextBlob(blob).encryptionContext(other)))
                    .isInstanceOf(InvalidCiphertextException.class);
        }
    }

    @Test
    void changedBlobsAndOtherKeys() {
        String key = createKey();
        String other = createKey();
        GenerateDataKeyResponse made = kms.generateDataKey(r -> r.keyId(key).numberOfBytes(24));
        assertThat(made.plaintext().asByteArray()).hasSize(24);
        assertThat(kms.decrypt(r -> r.ciphertextBlob(made.ciphertextBlob())).keyMaterialId())
                .isEqualTo(made.keyMaterialId())
                .hasSize(64);
        assertThatThrownBy(() ->
                        kms.decrypt(r -> r.ciphertextBlob(made.ciphertextBlob()).keyId(other)))
                .isInstanceOf(IncorrectKeyException.class);
        byte[] blob = made.ciphertextBlob().asByteArray();
        for (int i = 0; i < blob.length; i++) {
            byte[] changed = blob.clone();
            changed[i] ^= 1;
            // What names the key is looked up first, and the service does not say which keys there are.
            String code = i >= 1 && i < 17 ? "AccessDeniedException" : "InvalidCiphertextException";
            assertThatThrownBy(() -> kms.decrypt(r -> r.ciphertextBlob(SdkBytes.fromByteArray(changed))))
                    .isInstanceOfSatisfying(
                            KmsException.class,
                            e -> assertThat(e.awsErrorDetails().errorCode()).isEqualTo(code));
        }
        assertThatThrownBy(() -> kms.decrypt(r -> r.ciphertextBlob(TEXT)))
                .isInstanceOf(InvalidCiphertextException.class);
    }

    @Test
    void reEncryption() {
        String key = createKey();
        String other = createKey();
        SdkBytes blob = kms.encrypt(r -> r.keyId(key).plaintext(TEXT)).ciphertextBlob();
        ReEncryptResponse moved = kms.reEncrypt(
                r -> r.ciphertextBlob(blob).destinationKeyId(other).destinationEncryptionContext(Map.of("a", "b")));
        assertThat(moved.sourceKeyId()).isEqualTo(key);
        assertThat(moved.keyId()).isEqualTo(other);
        assertThat(kms.decrypt(r -> r.ciphertextBlob(moved.ciphertextBlob()).encryptionContext(Map.of("a", "b")))
                        .plaintext())
                .isEqualTo(TEXT);
        assertThatThrownBy(() -> kms.reEncrypt(
                        r -> r.ciphertextBlob(blob).sourceKeyId(other).destinationKeyId(key)))
                .isInstanceOf(IncorrectKeyException.class);
    }

    @Test
    void dryRunsDoNothing() {
        String key = createKey();
        assertThatThrownBy(() ->
                        kms.generateDataKey(r -> r.keyId(key).numberOfBytes(32).dryRun(true)))
                .isInstanceOf(DryRunOperationException.class);
        assertThatThrownBy(() ->
                        kms.decrypt(r -> r.keyId(key).dryRun(true).dryRunModifiersWithStrings("IGNORE_CIPHERTEXT")))
                .isInstanceOf(DryRunOperationException.class);
        kms.disableKey(r -> r.keyId(key));
        assertThatThrownBy(() -> kms.encrypt(r -> r.keyId(key).plaintext(TEXT).dryRun(true)))
                .isNotInstanceOf(DryRunOperationException.class);
    }

    @ParameterizedTest
    @CsvSource({"RSAES_OAEP_SHA_1, SHA-1, 214", "RSAES_OAEP_SHA_256, SHA-256, 190"})
    void rsaEncryption(EncryptionAlgorithmSpec algorithm, String hash, int max) throws Exception {
        String key = createKey(KeySpec.RSA_2048, KeyUsageType.ENCRYPT_DECRYPT);
        Cipher cipher = Cipher.getInstance("RSA/ECB/OAEPPadding", "SunJCE");
        cipher.init(
                Cipher.ENCRYPT_MODE,
                publicKey(key, "RSA"),
                new OAEPParameterSpec(hash, "MGF1", new MGF1ParameterSpec(hash), PSource.PSpecified.DEFAULT));
        SdkBytes sealed = SdkBytes.fromByteArray(cipher.doFinal(new byte[max]));
        assertThat(kms.decrypt(r -> r.keyId(key).ciphertextBlob(sealed).encryptionAlgorithm(algorithm))
                        .plaintext()
                        .asByteArray())
                .isEqualTo(new byte[max]);
        assertThatThrownBy(() -> kms.encrypt(r -> r.keyId(key)
                        .plaintext(SdkBytes.fromByteArray(new byte[max + 1]))
                        .encryptionAlgorithm(algorithm)))
                .isInstanceOf(KmsException.class);
        assertThatThrownBy(() -> kms.decrypt(r -> r.keyId(key)
                        .ciphertextBlob(SdkBytes.fromByteArray(new byte[256]))
                        .encryptionAlgorithm(algorithm)))
                .isInstanceOf(InvalidCiphertextException.class);
        assertThatThrownBy(() -> kms.encrypt(r -> r.keyId(key).plaintext(TEXT)))
                .isInstanceOf(InvalidKeyUsageException.class);
        assertThatThrownBy(() -> kms.generateDataKey(r -> r.keyId(key).numberOfBytes(32)))
                .isInstanceOf(InvalidKeyUsageException.class);
    }

    @ParameterizedTest
    @EnumSource(
            value = MessageType.class,
            names = {"RAW", "DIGEST"})
    void rsaSignatures(MessageType type) throws Exception {
        String key = createKey(KeySpec.RSA_2048, KeyUsageType.SIGN_VERIFY);
        for (int bits : new int[] {256, 384, 512}) {
            String hash = "SHA-" + bits;
            SdkBytes message = type == MessageType.RAW
                    ? TEXT
                    : SdkBytes.fromByteArray(MessageDigest.getInstance(hash).digest(TEXT.asByteArray()));
            Signature pss = Signature.getInstance("RSASSA-PSS", "SunRsaSign");
            pss.setParameter(new PSSParameterSpec(hash, "MGF1", new MGF1ParameterSpec(hash), bits / 8, 1));
            check(key, "RSA", pss, "RSASSA_PSS_SHA_" + bits, type, message);
            Signature pkcs1 = Signature.getInstance("SHA" + bits + "withRSA", "SunRsaSign");
            check(key, "RSA", pkcs1, "RSASSA_PKCS1_V1_5_SHA_" + bits, type, message);
        }
    }

    private void check(
            String key, String keyAlgorithm, Signature verifier, String algorithm, MessageType type, SdkBytes message)
            throws Exception {
        SdkBytes signature = kms.sign(
                        r -> r.keyId(key).message(message).messageType(type).signingAlgorithm(algorithm))
                .signature();
        verifier.initVerify(publicKey(key, keyAlgorithm));
        verifier.update(TEXT.asByteArray());
        assertThat(verifier.verify(signature.asByteArray())).as(algorithm).isTrue();
        assertThat(kms.verify(r -> r.keyId(key)
                                .message(message)
                                .messageType(type)
                                .signature(signature)
                                .signingAlgorithm(algorithm))
                        .signatureValid())
                .isTrue();
        assertThatThrownBy(() -> kms.verify(r -> r.keyId(key)
                        .message(SdkBytes.fromUtf8String("another"))
                        .signature(signature)
                        .signingAlgorithm(algorithm)))
                .isInstanceOf(KmsInvalidSignatureException.class);
    }

    @ParameterizedTest
    @CsvSource({
        "ECC_NIST_P256, ECDSA_SHA_256, SHA256withECDSA, EC",
        "ECC_NIST_P384, ECDSA_SHA_384, SHA384withECDSA, EC",
        "ECC_NIST_P521, ECDSA_SHA_512, SHA512withECDSA, EC",
        "ECC_NIST_EDWARDS25519, ED25519_SHA_512, Ed25519, Ed25519"
    })
    void otherSignatures(KeySpec spec, String algorithm, String name, String keyAlgorithm) throws Exception {
        String key = createKey(spec, KeyUsageType.SIGN_VERIFY);
        check(key, keyAlgorithm, Signature.getInstance(name, "SunEC"), algorithm, MessageType.RAW, TEXT);
        assertThatThrownBy(() -> kms.sign(r -> r.keyId(key)
                        .message(TEXT)
                        .messageType(MessageType.DIGEST)
                        .signingAlgorithm(algorithm)))
                .isInstanceOfSatisfying(
                        KmsException.class,
                        e -> assertThat(e.awsErrorDetails().errorCode()).isEqualTo("ValidationException"));
        assertThatThrownBy(() -> kms.sign(
                        r -> r.keyId(key).message(TEXT).signingAlgorithm(SigningAlgorithmSpec.RSASSA_PSS_SHA_256)))
                .isInstanceOf(InvalidKeyUsageException.class);
    }

    @ParameterizedTest
    @CsvSource({"ML_DSA_44", "ML_DSA_65", "ML_DSA_87", "ECC_SECG_P256_K1"})
    void signaturesThatTheJdkMayNotHave(KeySpec spec) {
        String key = createKey(spec, KeyUsageType.SIGN_VERIFY);
        SigningAlgorithmSpec algorithm = spec == KeySpec.ECC_SECG_P256_K1
                ? SigningAlgorithmSpec.ECDSA_SHA_256
                : SigningAlgorithmSpec.ML_DSA_SHAKE_256;
        SdkBytes signature = kms.sign(r -> r.keyId(key).message(TEXT).signingAlgorithm(algorithm))
                .signature();
        assertThat(kms.verify(r ->
                                r.keyId(key).message(TEXT).signature(signature).signingAlgorithm(algorithm))
                        .signatureValid())
                .isTrue();
        if (algorithm == SigningAlgorithmSpec.ML_DSA_SHAKE_256) {
            SdkBytes mu = SdkBytes.fromByteArray(new byte[64]);
            assertThat(kms.sign(r -> r.keyId(key)
                                    .message(mu)
                                    .messageType("EXTERNAL_MU")
                                    .signingAlgorithm(algorithm))
                            .signature()
                            .asByteArray())
                    .hasSameSizeAs(signature.asByteArray());
        }
    }

    @Test
    void codes() throws Exception {
        for (int bits : new int[] {224, 256, 384, 512}) {
            String key = createKey(KeySpec.fromValue("HMAC_" + bits), KeyUsageType.GENERATE_VERIFY_MAC);
            MacAlgorithmSpec algorithm = MacAlgorithmSpec.fromValue("HMAC_SHA_" + bits);
            SdkBytes mac = kms.generateMac(r -> r.keyId(key).message(TEXT).macAlgorithm(algorithm))
                    .mac();
            assertThat(mac.asByteArray()).hasSize(bits / 8);
            assertThat(kms.verifyMac(r -> r.keyId(key).message(TEXT).mac(mac).macAlgorithm(algorithm))
                            .macValid())
                    .isTrue();
            assertThatThrownBy(() -> kms.verifyMac(
                            r -> r.keyId(key).message(mac).mac(mac).macAlgorithm(algorithm)))
                    .isInstanceOf(KmsInvalidMacException.class);
            assertThatThrownBy(() -> kms.encrypt(r -> r.keyId(key).plaintext(TEXT)))
                    .isInstanceOf(InvalidKeyUsageException.class);
        }
    }

    @ParameterizedTest
    @CsvSource({"ECC_NIST_P256, secp256r1", "ECC_NIST_P384, secp384r1", "ECC_NIST_P521, secp521r1"})
    void keyAgreement(KeySpec spec, String curve) throws Exception {
        String key = createKey(spec, KeyUsageType.KEY_AGREEMENT);
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC", "SunEC");
        generator.initialize(new ECGenParameterSpec(curve));
        KeyPair mine = generator.generateKeyPair();
        KeyAgreement agreement = KeyAgreement.getInstance("ECDH", "SunEC");
        agreement.init(mine.getPrivate());
        agreement.doPhase(publicKey(key, "EC"), true);
        assertThat(kms.deriveSharedSecret(r -> r.keyId(key)
                                .keyAgreementAlgorithm("ECDH")
                                .publicKey(
                                        SdkBytes.fromByteArray(mine.getPublic().getEncoded())))
                        .sharedSecret()
                        .asByteArray())
                .isEqualTo(agreement.generateSecret());
        assertThatThrownBy(() -> kms.deriveSharedSecret(
                        r -> r.keyId(key).keyAgreementAlgorithm("ECDH").publicKey(TEXT)))
                .isInstanceOf(KmsException.class);
    }

    @Test
    void keyPairsAndRandomBytes() throws Exception {
        String key = createKey();
        GenerateDataKeyPairResponse pair =
                kms.generateDataKeyPair(r -> r.keyId(key).keyPairSpec(DataKeyPairSpec.ECC_NIST_P256));
        Signature signature = Signature.getInstance("SHA256withECDSA", "SunEC");
        KeyFactory factory = KeyFactory.getInstance("EC", "SunEC");
        signature.initSign(factory.generatePrivate(
                new PKCS8EncodedKeySpec(pair.privateKeyPlaintext().asByteArray())));
        byte[] signed = signature.sign();
        signature.initVerify(
                factory.generatePublic(new X509EncodedKeySpec(pair.publicKey().asByteArray())));
        assertThat(signature.verify(signed)).isTrue();
        assertThat(kms.decrypt(r -> r.ciphertextBlob(pair.privateKeyCiphertextBlob()))
                        .plaintext())
                .isEqualTo(pair.privateKeyPlaintext());
        assertThat(kms.generateRandom(r -> r.numberOfBytes(1024)).plaintext().asByteArray())
                .hasSize(1024);
        assertThatThrownBy(() -> kms.generateRandom(r -> r.numberOfBytes(1025))).isInstanceOf(KmsException.class);
    }
}
