package dev.kmsenvelope.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.kms.KeyUsage;
import dev.kmsenvelope.testing.Ciphers;
import dev.kmsenvelope.testing.EveryKindService;
import dev.kmsenvelope.testing.Handles;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.ProviderException;
import java.security.Security;
import java.security.Signature;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.List;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** RSASSA-PSS under names with a hash in them, which the JDK has not: what is not ours is done by its RSASSA-PSS. */
class PssNamesTest {

    private static final byte[] TEXT = Ciphers.random(1000);

    private static KeyPair pair;

    @BeforeAll
    static void generate() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        pair = generator.generateKeyPair();
    }

    @AfterEach
    void removeProviders() {
        Security.removeProvider(KmsEnvelopeProvider.NAME);
        Security.removeProvider(BouncyCastleProvider.PROVIDER_NAME);
    }

    private static PSSParameterSpec pss(String hash, int salt) {
        return new PSSParameterSpec(hash, "MGF1", new MGF1ParameterSpec(hash), salt, 1);
    }

    private static byte[] signedByTheJdk(PSSParameterSpec parameters) throws Exception {
        Signature signer = Signature.getInstance("RSASSA-PSS", "SunRsaSign");
        signer.setParameter(parameters);
        signer.initSign(pair.getPrivate());
        signer.update(TEXT);
        return signer.sign();
    }

    private static boolean verifies(Signature verifier, byte[] message, byte[] signature) throws Exception {
        verifier.update(message);
        return verifier.verify(signature);
    }

    @ParameterizedTest
    @DisplayName("What SunRsaSign signed verifies by every name, with our provider named or found by JCA")
    @CsvSource({
        "SHA256withRSAandMGF1, SHA-256, 32",
        "SHA384withRSAandMGF1, SHA-384, 48",
        "SHA512withRSAandMGF1, SHA-512, 64",
        "SHA256withRSASSA-PSS, SHA-256, 32",
        "SHA384withRSA/PSS, SHA-384, 48"
    })
    void verifies(String name, String hash, int length) throws Exception {
        Security.addProvider(Handles.PROVIDER);
        byte[] signed = signedByTheJdk(pss(hash, length));
        for (Signature verifier : List.of(Signature.getInstance(name), Signature.getInstance(name, Handles.PROVIDER))) {
            verifier.initVerify(pair.getPublic());
            assertThat(verifier.getProvider()).isEqualTo(Handles.PROVIDER);
            assertThat(verifies(verifier, TEXT, signed)).isTrue();
            assertThat(verifies(verifier, Ciphers.flipped(TEXT, 7), signed)).isFalse();
            for (int at = 0; at < signed.length; at += 17) {
                byte[] changed = Ciphers.flipped(signed, at);
                assertThat(verifies(verifier, TEXT, changed)).as("byte %d", at).isFalse();
            }
            assertThat(verifies(verifier, TEXT, signed)).as("it goes on").isTrue();
            PSSParameterSpec used = verifier.getParameters().getParameterSpec(PSSParameterSpec.class);
            assertThat(used.getDigestAlgorithm()).isEqualTo(hash);
            assertThat(used.getSaltLength()).isEqualTo(length);
        }
    }

    @ParameterizedTest
    @DisplayName("What is signed by such a name, by a handle or a raw key, verifies by RSASSA-PSS of SunRsaSign")
    @CsvSource({
        "SHA256withRSAandMGF1, SHA-256, 32",
        "SHA384withRSAandMGF1, SHA-384, 48",
        "SHA512withRSAandMGF1, SHA-512, 64"
    })
    void signs(String name, String hash, int length) throws Exception {
        KmsPrivateKey handle = Handles.privateKey(
                new EveryKindService().withKey("rsa", KeySpec.RSA_2048, KeyUsage.SIGN_VERIFY), "rsa");
        for (KeyPair each : List.of(pair, new KeyPair(handle.publicKey(), handle))) {
            Signature signer = Signature.getInstance(name, Handles.PROVIDER);
            signer.initSign(each.getPrivate());
            signer.update(TEXT);
            byte[] signed = signer.sign();
            Signature verifier = Signature.getInstance("RSASSA-PSS", "SunRsaSign");
            verifier.setParameter(pss(hash, length));
            verifier.initVerify(each.getPublic());
            assertThat(verifies(verifier, TEXT, signed)).isTrue();
        }
    }

    @Test
    @DisplayName("A salt of another length is the caller's to say, before the key or after it")
    void salt() throws Exception {
        byte[] signed = signedByTheJdk(pss("SHA-256", 20));
        Signature verifier = Signature.getInstance("SHA256withRSAandMGF1", Handles.PROVIDER);
        verifier.initVerify(pair.getPublic());
        assertThat(verifies(verifier, TEXT, signed))
                .as("not of the hash's length")
                .isFalse();
        verifier.setParameter(pss("SHA-256", 20));
        assertThat(verifies(verifier, TEXT, signed)).isTrue();
        verifier.setParameter(null);
        assertThat(verifies(verifier, TEXT, signed)).as("back to the name's").isFalse();
        Signature early = Signature.getInstance("SHA256withRSAandMGF1", Handles.PROVIDER);
        early.setParameter(pss("SHA-256", 20));
        early.initVerify(pair.getPublic());
        assertThat(verifies(early, TEXT, signed)).isTrue();
    }

    @Test
    @DisplayName("Parameters with another hash than the name's, or another mask, are refused, early and late")
    void wrongParameters() throws Exception {
        for (AlgorithmParameterSpec wrong : new AlgorithmParameterSpec[] {
            pss("SHA-512", 64),
            pss("SHA-1", 20),
            new PSSParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA1, 32, 1),
            new PSSParameterSpec("SHA-512", "MGF1", MGF1ParameterSpec.SHA256, 32, 1),
            new PSSParameterSpec("SHA-256", "MGF2", MGF1ParameterSpec.SHA256, 32, 1),
            new PSSParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, 32, 2),
            new PSSParameterSpec("SHA-256", "MGF1", null, 32, 1),
            PSSParameterSpec.DEFAULT,
            new ECGenParameterSpec("secp256r1")
        }) {
            Signature late = Signature.getInstance("SHA256withRSAandMGF1", Handles.PROVIDER);
            late.initVerify(pair.getPublic());
            assertThatExceptionOfType(InvalidAlgorithmParameterException.class)
                    .isThrownBy(() -> late.setParameter(wrong));
            assertThat(verifies(late, TEXT, signedByTheJdk(pss("SHA-256", 32))))
                    .as("what was refused changes nothing")
                    .isTrue();
            Signature early = Signature.getInstance("SHA256withRSAandMGF1", Handles.PROVIDER);
            early.setParameter(wrong);
            assertThatExceptionOfType(InvalidKeyException.class)
                    .isThrownBy(() -> early.initVerify(pair.getPublic()))
                    .withCauseInstanceOf(InvalidAlgorithmParameterException.class);
        }
    }

    @Test
    @DisplayName("Parameters do not change in the middle of a message, and a key of another kind is refused")
    void misuse() throws Exception {
        Security.addProvider(Handles.PROVIDER);
        Signature verifier = Signature.getInstance("SHA256withRSAandMGF1", Handles.PROVIDER);
        verifier.initVerify(pair.getPublic());
        verifier.update(TEXT);
        assertThatExceptionOfType(ProviderException.class).isThrownBy(() -> verifier.setParameter(pss("SHA-256", 20)));
        KeyPair ec = KeyPairGenerator.getInstance("EC").generateKeyPair();
        for (Signature any : List.of(
                Signature.getInstance("SHA256withRSAandMGF1"),
                Signature.getInstance("SHA256withRSAandMGF1", Handles.PROVIDER))) {
            assertThat(catchThrowable(() -> any.initVerify(ec.getPublic()))).isInstanceOf(InvalidKeyException.class);
            assertThat(catchThrowable(() -> any.initSign(ec.getPrivate()))).isInstanceOf(InvalidKeyException.class);
        }
        Signature unnamed = Signature.getInstance("SHA256withRSAandMGF1");
        assertThatExceptionOfType(InvalidKeyException.class)
                .as("no raw private key comes to us unless we are named")
                .isThrownBy(() -> unnamed.initSign(pair.getPrivate()));
    }

    @Test
    @DisplayName("An installed provider that has the name does the work, wherever we stand")
    void installed() throws Exception {
        byte[] signed = signedByTheJdk(pss("SHA-256", 32));
        Security.insertProviderAt(Handles.PROVIDER, 1);
        Security.addProvider(new BouncyCastleProvider());
        Signature verifier = Signature.getInstance("SHA256withRSAandMGF1");
        verifier.initVerify(pair.getPublic());
        assertThat(verifies(verifier, TEXT, signed)).isTrue();
        assertThat(verifier.getParameters().getProvider().getName()).isEqualTo(BouncyCastleProvider.PROVIDER_NAME);
        Security.removeProvider(BouncyCastleProvider.PROVIDER_NAME);
        verifier.initVerify(pair.getPublic());
        assertThat(verifies(verifier, TEXT, signed)).isTrue();
        assertThat(verifier.getParameters().getProvider().getName()).isEqualTo("SunRsaSign");
    }
}
