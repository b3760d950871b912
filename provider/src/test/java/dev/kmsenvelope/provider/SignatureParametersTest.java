package dev.kmsenvelope.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.kmsenvelope.testing.Ciphers;
import dev.kmsenvelope.testing.Handles;
import java.nio.ByteBuffer;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;
import java.security.Provider;
import java.security.ProviderException;
import java.security.Signature;
import java.security.SignatureException;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.EdDSAParameterSpec;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The parameters and the lengths that each kind of signature takes. */
class SignatureParametersTest extends SignatureFixture {

    @ParameterizedTest
    @DisplayName("RSASSA-PSS takes its parameters before the key, after it, or before a named provider's")
    @CsvSource({"SHA-256, 32", "SHA-384, 48", "SHA-512, 64"})
    void pssParameters(String hash, int salt) throws Exception {
        KmsPrivateKey key = Handles.privateKey(service, "rsa");
        Signature before = ours("RSASSA-PSS");
        before.setParameter(pss(hash, salt));
        assertThat(before.getParameters()
                        .getParameterSpec(PSSParameterSpec.class)
                        .getSaltLength())
                .isEqualTo(salt);
        before.initSign(key);
        Signature after = ours("RSASSA-PSS");
        after.initSign(key);
        assertThat(after.getParameters()).isNull();
        after.setParameter(pss(hash, salt));
        for (Signature signature : new Signature[] {before, after}) {
            signature.update(TEXT);
            byte[] signed = signature.sign();

            PSSParameterSpec used = signature.getParameters().getParameterSpec(PSSParameterSpec.class);
            assertThat(used.getDigestAlgorithm()).isEqualTo(hash);
            for (Signature verifier : new Signature[] {
                Signature.getInstance("RSASSA-PSS", "SunRsaSign"),
                Signature.getInstance("RSASSA-PSS", BC),
                ours("RSASSA-PSS")
            }) {
                assertThat(verifies(verifier, key.publicKey(), pss(hash, salt), TEXT, signed))
                        .isTrue();
            }
        }
    }

    @Test
    @DisplayName(
            "PSS with another salt, hash or mask is refused with what would be right, and so are others' parameters")
    void wrongPss() throws Exception {
        KmsPrivateKey key = Handles.privateKey(service, "rsa");
        Signature signature = ours("RSASSA-PSS");
        signature.initSign(key);
        for (AlgorithmParameterSpec wrong : new AlgorithmParameterSpec[] {
            pss("SHA-256", 20),
            pss("SHA-1", 20),
            pss("SHA-512/256", 32),
            new PSSParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA1, 32, 1),
            new PSSParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, 32, 2),
            PSSParameterSpec.DEFAULT,
            new java.security.spec.ECGenParameterSpec("secp256r1")
        }) {
            assertThatExceptionOfType(InvalidAlgorithmParameterException.class)
                    .isThrownBy(() -> signature.setParameter(wrong))
                    .withMessageContaining("PSSParameterSpec");
            Signature early = ours("RSASSA-PSS");
            early.setParameter(wrong);
            assertThatExceptionOfType(InvalidKeyException.class)
                    .isThrownBy(() -> early.initSign(key))
                    .withCauseInstanceOf(InvalidAlgorithmParameterException.class);
        }
        assertThatExceptionOfType(InvalidAlgorithmParameterException.class)
                .isThrownBy(() -> ours("RSASSA-PSS").setParameter(null));
        Signature named = ours("SHA256withRSAandMGF1");
        named.initSign(key);
        named.setParameter(pss("SHA-256", 32));
        assertThatExceptionOfType(InvalidAlgorithmParameterException.class)
                .isThrownBy(() -> named.setParameter(pss("SHA-512", 64)));
    }

    @Test
    @DisplayName(
            "RSASSA-PSS without parameters signs nothing: their defaults would be SHA-1; they cannot change midway")
    void noPssParameters() throws Exception {
        Signature signature = ours("RSASSA-PSS");
        signature.initSign(Handles.privateKey(service, "rsa"));
        assertThatExceptionOfType(SignatureException.class)
                .isThrownBy(() -> signature.update((byte) 1))
                .withMessageContaining("setParameter");
        assertThatExceptionOfType(SignatureException.class).isThrownBy(signature::sign);
        signature.setParameter(pss("SHA-256", 32));
        signature.update((byte) 1);
        assertThatExceptionOfType(ProviderException.class)
                .isThrownBy(() -> signature.setParameter(pss("SHA-256", 32)))
                .withMessageContaining("middle");
        assertThat(signature.sign()).hasSize(256);
    }

    @Test
    @DisplayName(
            "Ed25519: an empty message or one of more than 4096 bytes is a SignatureException, and then it goes on")
    void ed25519Lengths() throws Exception {
        Signature signature = ours("Ed25519");
        signature.initSign(Handles.privateKey(service, "ed"));
        assertThatExceptionOfType(SignatureException.class)
                .isThrownBy(signature::sign)
                .withMessageContaining("4096");
        signature.update(new byte[4096]);
        assertThatExceptionOfType(SignatureException.class)
                .isThrownBy(() -> signature.update((byte) 0))
                .withMessageContaining("4096");
        assertThatExceptionOfType(SignatureException.class).isThrownBy(signature::sign);
        assertThatExceptionOfType(ProviderException.class)
                .isThrownBy(() -> signature.update(ByteBuffer.allocate(5000)))
                .withCauseInstanceOf(SignatureException.class);
        assertThatExceptionOfType(SignatureException.class).isThrownBy(signature::sign);
        signature.update(new byte[1]);
        assertThat(signature.sign()).hasSize(64);
        assertThatExceptionOfType(InvalidAlgorithmParameterException.class)
                .isThrownBy(() -> signature.setParameter(new EdDSAParameterSpec(true)));
        assertThatExceptionOfType(InvalidAlgorithmParameterException.class)
                .isThrownBy(() -> signature.setParameter(new EdDSAParameterSpec(false, new byte[1])));
        signature.setParameter(new EdDSAParameterSpec(false));
    }

    @ParameterizedTest
    @DisplayName("ML-DSA: the message itself up to 4096 bytes, beyond that and for none its mu (FIPS 204); both verify")
    @CsvSource({"0, EXTERNAL_MU 64", "1, RAW 1", "4096, RAW 4096", "4097, EXTERNAL_MU 64", "100000, EXTERNAL_MU 64"})
    void mlDsaLengths(int length, String expected) throws Exception {
        for (String name : new String[] {"ml44", "ml65", "ml87"}) {
            KmsPrivateKey key = Handles.privateKey(service, name);
            Signature signature = ours("ML-DSA");
            signature.initSign(key);
            byte[] message = Ciphers.random(length);
            for (int done = 0; done < length; done += 1000) {
                signature.update(message, done, Math.min(1000, length - done));
            }
            byte[] signed = signature.sign();
            assertThat(service.calls).last().isEqualTo("sign ML_DSA_SHAKE_256 " + expected);
            for (Provider provider : verifiers("ML-DSA", key)) {
                assertThat(verifies(Signature.getInstance("ML-DSA", provider), key.publicKey(), null, message, signed))
                        .as(provider.getName())
                        .isTrue();
            }
        }
        assertThatExceptionOfType(InvalidAlgorithmParameterException.class).isThrownBy(() -> {
            Signature signature = ours("ML-DSA");
            signature.initSign(Handles.privateKey(service, "ml44"));
            signature.setParameter(new EdDSAParameterSpec(false));
        });
    }
}
