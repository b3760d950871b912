package dev.kmsenvelope.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.kmsenvelope.kms.KeyAccessDeniedException;
import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.kms.KmsThrottledException;
import dev.kmsenvelope.kms.SigningService;
import dev.kmsenvelope.testing.Ciphers;
import dev.kmsenvelope.testing.Handles;
import java.nio.ByteBuffer;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.PublicKey;
import java.security.Security;
import java.security.Signature;
import java.security.SignatureException;
import java.security.spec.PSSParameterSpec;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Signing in the service: what comes out verifies with the JDK and with BouncyCastle, and nothing else changes. */
class SignatureTest extends SignatureFixture {

    @ParameterizedTest
    @CsvSource({"p256, SHA384withECDSA, SHA256withECDSA", "p384, SHA256withECDSA, SHA384withECDSA"})
    void aHashThatDoesNotGoWithTheCurveIsRefusedWithTheOneThatDoes(String name, String algorithm, String fitting)
            throws Exception {
        KmsPrivateKey key = Handles.privateKey(service, name);
        Signature signature = Signature.getInstance(algorithm, Handles.PROVIDER);

        assertThatExceptionOfType(InvalidKeyException.class)
                .isThrownBy(() -> signature.initSign(key))
                .withMessageContaining("-sigalg " + fitting);
    }

    @ParameterizedTest
    @DisplayName(
            "Without a provider named, a handle reaches the service, and the signature verifies with every provider")
    @CsvSource({
        "rsa, SHA256withRSA",
        "rsa, SHA384withRSA",
        "rsa, SHA512withRSA",
        "rsa, SHA256withRSAandMGF1",
        "rsa, SHA384WITHRSAANDMGF1",
        "rsa, SHA512withRSASSA-PSS",
        "rsa, SHA256WITHRSASSA-PSS",
        "p256, SHA256withECDSA",
        "k1, SHA256withECDSA",
        "p384, SHA384withECDSA",
        "p521, SHA512withECDSA",
        "ed, Ed25519",
        "ed, EdDSA",
        "ml44, ML-DSA-44",
        "ml65, ML-DSA-65",
        "ml87, ML-DSA-87",
        "ml65, ML-DSA",
    })
    void signs(String name, String algorithm) throws Exception {
        Security.addProvider(Handles.PROVIDER);
        KmsPrivateKey key = Handles.privateKey(service, name);
        byte[] message = name.equals("ed") ? Ciphers.random(4096) : TEXT;
        Signature signature = Signature.getInstance(algorithm);
        signature.initSign(key);
        for (int round = 0; round < 2; round++) {
            signature.update(message[0]);
            signature.update(message, 1, 9);
            signature.update(ByteBuffer.wrap(message, 10, 90));
            signature.update(ByteBuffer.allocateDirect(message.length - 100)
                    .put(message, 100, message.length - 100)
                    .flip());
            byte[] signed = signature.sign();

            assertThat(signature.getProvider()).isEqualTo(Handles.PROVIDER);
            for (Provider provider : verifiers(algorithm, key)) {
                Signature verifier = Signature.getInstance(algorithm, provider);
                assertThat(verifies(verifier, key.publicKey(), null, message, signed))
                        .as(provider.getName())
                        .isTrue();
                assertThat(verifies(verifier, key.publicKey(), null, Ciphers.flipped(message, 5), signed))
                        .isFalse();
            }
            if (key.spec() != KeySpec.ECC_SECG_P256K1) {
                assertThat(verifies(ours(algorithm), key.publicKey(), null, message, signed))
                        .as("passed on by us")
                        .isTrue();
            }
        }
        assertThat(service.calls.stream().filter(call -> call.startsWith("sign")))
                .as("one short request each")
                .hasSize(2)
                .allMatch(call -> name.equals("ed") || call.matches("sign \\S+ (DIGEST|EXTERNAL_MU) (32|48|64)"));
    }

    @ParameterizedTest
    @DisplayName("A key that does not go with the algorithm is refused before the service is asked")
    @CsvSource({
        "p256, SHA384withECDSA",
        "p384, SHA256withECDSA",
        "p521, SHA256withECDSA",
        "k1, SHA512withECDSA",
        "rsa, SHA256withECDSA",
        "p256, SHA256withRSA",
        "p256, RSASSA-PSS",
        "ed, SHA512withECDSA",
        "p256, Ed25519",
        "ml44, ML-DSA-65",
        "rsa, ML-DSA",
        "rsa-decrypting, SHA256withRSA",
        "rsa-decrypting, RSASSA-PSS",
        "p256-agreeing, SHA256withECDSA"
    })
    void wrongKey(String name, String algorithm) throws Exception {
        KmsPrivateKey key = Handles.privateKey(service, name);
        service.calls.clear();
        assertThatExceptionOfType(InvalidKeyException.class)
                .isThrownBy(() -> ours(algorithm).initSign(key))
                .withMessageContaining(name);
        assertThat(service.calls).isEmpty();
    }

    @Test
    @DisplayName("A service that does not sign is said in initSign")
    void serviceThatDoesNotSign() throws Exception {
        KmsPrivateKey key = Handles.privateKey(service, "rsa");
        service.without(SigningService.class);
        assertThatExceptionOfType(InvalidKeyException.class)
                .isThrownBy(() -> ours("SHA256withRSA").initSign(key))
                .withMessageContaining("every-kind");
    }

    @Test
    @DisplayName("RULES 19: trouble of the service leaves sign as it is, and the object is ready for the next message")
    void serviceFails() throws Exception {
        for (String[] each : new String[][] {{"rsa", "SHA256withRSA"}, {"ed", "Ed25519"}, {"ml65", "ML-DSA"}}) {
            Signature signature = ours(each[1]);
            KmsPrivateKey key = Handles.privateKey(service, each[0]);
            signature.initSign(key);
            signature.update(TEXT, 0, 10);
            service.failWith(() -> new KmsThrottledException("slow down"));
            assertThatExceptionOfType(KmsThrottledException.class).isThrownBy(signature::sign);
            service.failWith(() -> new KeyAccessDeniedException("kms:Sign"));
            signature.update(TEXT, 0, 10);
            assertThatExceptionOfType(KeyAccessDeniedException.class).isThrownBy(signature::sign);
            service.failWith(() -> null);
            signature.update(TEXT, 0, 20);
            byte[] signed = signature.sign();
            assertThat(verifies(
                            Signature.getInstance(each[1], BC),
                            key.publicKey(),
                            null,
                            java.util.Arrays.copyOf(TEXT, 20),
                            signed))
                    .isTrue();
        }
    }

    @Test
    @DisplayName("Signing into an array of the caller's; one that is too short is a SignatureException")
    void intoAnArray() throws Exception {
        Signature signature = ours("SHA256withRSA");
        signature.initSign(Handles.privateKey(service, "rsa"));
        signature.update(TEXT);
        byte[] out = new byte[300];
        assertThat(signature.sign(out, 10, 290)).isEqualTo(256);
        signature.update(TEXT);
        assertThatExceptionOfType(SignatureException.class).isThrownBy(() -> signature.sign(out, 0, 255));
    }

    @Test
    @DisplayName("A signature object of ours that is not initialized, or for the other thing, says so")
    void states() throws Exception {
        Signature signature = ours("SHA256withRSA");
        assertThatExceptionOfType(SignatureException.class).isThrownBy(signature::sign);
        signature.initSign(Handles.privateKey(service, "rsa"));
        assertThatExceptionOfType(SignatureException.class).isThrownBy(() -> signature.verify(new byte[256]));
        assertThat(signature.getParameters()).isNull();
        assertThatExceptionOfType(InvalidAlgorithmParameterException.class)
                .isThrownBy(() -> signature.setParameter(pss("SHA-256", 32)));
    }

    @ParameterizedTest
    @DisplayName("With the provider named or pinned, raw keys of the JDK sign and verify as without it")
    @ValueSource(booleans = {true, false})
    void rawKeysPassThrough(boolean named) throws Exception {
        if (!named) {
            Security.insertProviderAt(Handles.PROVIDER, 1);
        }
        for (String[] each : new String[][] {
            {"RSA", "SHA256withRSA"}, {"EC", "SHA256withECDSA"}, {"Ed25519", "Ed25519"}, {"RSA", "RSASSA-PSS"}
        }) {
            java.security.KeyPair pair =
                    java.security.KeyPairGenerator.getInstance(each[0]).generateKeyPair();
            Signature signature = named ? ours(each[1]) : Signature.getInstance(each[1]);
            PSSParameterSpec parameters = each[1].equals("RSASSA-PSS") ? pss("SHA-256", 20) : null;
            if (parameters != null) {
                signature.setParameter(parameters);
            }
            assertThat(signature.getProvider()).as("pinned").isEqualTo(Handles.PROVIDER);
            signature.initSign(pair.getPrivate());
            signature.update(TEXT, 0, 5000);
            signature.update(ByteBuffer.wrap(TEXT, 5000, 5000));
            byte[] signed = signature.sign();
            String jdk = each[0].equals("RSA") ? "SunRsaSign" : "SunEC";
            assertThat(verifies(Signature.getInstance(each[1], jdk), pair.getPublic(), parameters, TEXT, signed))
                    .isTrue();
            signature.initVerify(pair.getPublic());
            signature.update(TEXT);
            assertThat(signature.verify(signed)).isTrue();
            if (parameters != null) {
                assertThat(signature
                                .getParameters()
                                .getParameterSpec(PSSParameterSpec.class)
                                .getSaltLength())
                        .isEqualTo(20);
            }
            signature.initSign(pair.getPrivate());
            signature.update(TEXT);
            assertThat(signature.sign(new byte[600], 0, 600)).isPositive();
        }
    }

    @Test
    @DisplayName("A pinned object takes a raw key, then a handle, then a raw key; a wrong key is the others' refusal")
    void changesOfKeys() throws Exception {
        java.security.KeyPair raw =
                java.security.KeyPairGenerator.getInstance("RSA").generateKeyPair();
        KmsPrivateKey handle = Handles.privateKey(service, "rsa");
        Signature signature = ours("SHA256withRSA");
        for (PrivateKey key : new PrivateKey[] {raw.getPrivate(), handle, raw.getPrivate()}) {
            signature.initSign(key);
            signature.update(TEXT);
            PublicKey publicKey = key.equals(handle) ? handle.publicKey() : raw.getPublic();
            byte[] signed = signature.sign();
            assertThat(verifies(Signature.getInstance("SHA256withRSA", BC), publicKey, null, TEXT, signed))
                    .isTrue();
        }
        PrivateKey ec = java.security.KeyPairGenerator.getInstance("EC")
                .generateKeyPair()
                .getPrivate();
        assertThatExceptionOfType(InvalidKeyException.class).isThrownBy(() -> signature.initSign(ec));
        assertThatExceptionOfType(SignatureException.class).isThrownBy(signature::sign);
    }
}
