package dev.kmsenvelope.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.kmsenvelope.kms.KeyAgreementService;
import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.kms.KeyUsage;
import dev.kmsenvelope.kms.KmsThrottledException;
import dev.kmsenvelope.testing.EveryKindService;
import dev.kmsenvelope.testing.Handles;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Security;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.util.Arrays;
import javax.crypto.KeyAgreement;
import javax.crypto.SecretKey;
import javax.crypto.ShortBufferException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** ECDH in the service gives what the JDK gives on the other side. */
class KeyAgreementTest {

    private final EveryKindService service = new EveryKindService()
            .withKey("p256", KeySpec.ECC_NIST_P256, KeyUsage.KEY_AGREEMENT)
            .withKey("p384", KeySpec.ECC_NIST_P384, KeyUsage.KEY_AGREEMENT)
            .withKey("p521", KeySpec.ECC_NIST_P521, KeyUsage.KEY_AGREEMENT)
            .withKey("signing", KeySpec.ECC_NIST_P256)
            .withKey("rsa", KeySpec.RSA_2048);

    @AfterEach
    void removeTheProvider() {
        Security.removeProvider(KmsEnvelopeProvider.NAME);
    }

    private static KeyPair pair(String curve) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC", "SunEC");
        generator.initialize(new ECGenParameterSpec(curve));
        return generator.generateKeyPair();
    }

    private static byte[] jdk(PrivateKey mine, PublicKey theirs) throws Exception {
        KeyAgreement agreement = KeyAgreement.getInstance("ECDH", "SunEC");
        agreement.init(mine);
        agreement.doPhase(theirs, true);
        return agreement.generateSecret();
    }

    private static KeyAgreement ours(PrivateKey key) throws Exception {
        KeyAgreement agreement = KeyAgreement.getInstance("ECDH", Handles.PROVIDER);
        agreement.init(key);
        return agreement;
    }

    @ParameterizedTest
    @DisplayName("Without a provider named, a handle reaches the service, in every form of the result")
    @CsvSource({"p256, secp256r1, 32", "p384, secp384r1, 48", "p521, secp521r1, 66"})
    void agrees(String name, String curve, int length) throws Exception {
        Security.addProvider(Handles.PROVIDER);
        KmsPrivateKey key = Handles.privateKey(service, name);
        KeyPair other = pair(curve);
        byte[] expected = jdk(other.getPrivate(), key.publicKey());
        KeyAgreement agreement = KeyAgreement.getInstance("ECDH");
        agreement.init(key);
        assertThat(agreement.getProvider()).isEqualTo(Handles.PROVIDER);
        assertThat(agreement.doPhase(other.getPublic(), true)).isNull();
        assertThat(agreement.generateSecret()).isEqualTo(expected).hasSize(length);
        agreement.doPhase(other.getPublic(), true);
        SecretKey secret = agreement.generateSecret("TlsPremasterSecret");
        assertThat(secret.getEncoded()).isEqualTo(expected);
        agreement.doPhase(EveryKindService.generate(key.spec()).getPublic(), true);
        byte[] out = new byte[length + 1];
        service.calls.clear();
        assertThatExceptionOfType(ShortBufferException.class).isThrownBy(() -> agreement.generateSecret(out, 2));
        assertThat(service.calls).isEmpty();
        assertThat(agreement.generateSecret(out, 1)).isEqualTo(length);
        assertThat(Arrays.copyOfRange(out, 1, out.length)).isNotEqualTo(expected);
    }

    @Test
    @DisplayName("The other side's key must be a point of the same curve: one that is not would give our key away")
    void otherSide() throws Exception {
        KeyAgreement agreement = ours(Handles.privateKey(service, "p256"));
        ECPublicKey right = (ECPublicKey) pair("secp256r1").getPublic();
        ECPoint offTheCurve =
                new ECPoint(right.getW().getAffineX(), right.getW().getAffineX());
        for (PublicKey wrong : new PublicKey[] {
            pair("secp384r1").getPublic(),
            EveryKindService.pair(KeySpec.ECC_SECG_P256K1).getPublic(),
            EveryKindService.pair(KeySpec.RSA_2048).getPublic(),
            new Forged(offTheCurve, right.getParams()),
            new Forged(ECPoint.POINT_INFINITY, right.getParams())
        }) {
            assertThatExceptionOfType(InvalidKeyException.class).isThrownBy(() -> agreement.doPhase(wrong, true));
        }
        assertThat(service.calls).doesNotContain("deriveSharedSecret");
        agreement.doPhase(right, true);
        assertThat(agreement.generateSecret()).hasSize(32);
    }

    private record Forged(ECPoint point, ECParameterSpec curve) implements ECPublicKey {
        @Override
        public ECPoint getW() {
            return point;
        }

        @Override
        public ECParameterSpec getParams() {
            return curve;
        }

        @Override
        public String getAlgorithm() {
            return "EC";
        }

        @Override
        public String getFormat() {
            return "X.509";
        }

        @Override
        public byte[] getEncoded() {
            return new byte[0];
        }
    }

    @Test
    @DisplayName("Calls out of order, keys for other things and other algorithms are refused")
    void wrongUse() throws Exception {
        PublicKey other = pair("secp256r1").getPublic();
        KmsPrivateKey key = Handles.privateKey(service, "p256");
        KeyAgreement agreement = ours(key);
        assertThatExceptionOfType(IllegalStateException.class).isThrownBy(agreement::generateSecret);
        assertThatExceptionOfType(IllegalStateException.class).isThrownBy(() -> agreement.doPhase(other, false));
        agreement.doPhase(other, true);
        assertThatExceptionOfType(IllegalStateException.class).isThrownBy(() -> agreement.doPhase(other, true));
        assertThatExceptionOfType(NoSuchAlgorithmException.class).isThrownBy(() -> agreement.generateSecret("AES"));
        agreement.generateSecret();
        assertThatExceptionOfType(IllegalStateException.class).isThrownBy(agreement::generateSecret);
        assertThatExceptionOfType(InvalidKeyException.class)
                .isThrownBy(() -> ours(Handles.privateKey(service, "signing")))
                .withMessageContaining("SIGN_VERIFY");
        assertThatExceptionOfType(InvalidKeyException.class).isThrownBy(() -> ours(Handles.privateKey(service, "rsa")));
        assertThatExceptionOfType(InvalidAlgorithmParameterException.class)
                .isThrownBy(() -> agreement.init(key, new ECGenParameterSpec("secp256r1")));
        service.without(KeyAgreementService.class);
        assertThatExceptionOfType(InvalidKeyException.class).isThrownBy(() -> ours(key));
    }

    @Test
    @DisplayName("RULES 19: trouble of the service leaves generateSecret as it is")
    void serviceFails() throws Exception {
        KeyAgreement agreement = ours(Handles.privateKey(service, "p256"));
        agreement.doPhase(pair("secp256r1").getPublic(), true);
        service.failWith(() -> new KmsThrottledException("slow down"));
        assertThatExceptionOfType(KmsThrottledException.class).isThrownBy(agreement::generateSecret);
    }

    @ParameterizedTest
    @DisplayName("With the provider named, or first and pinned, raw keys go to the JDK")
    @ValueSource(booleans = {true, false})
    void rawKeys(boolean named) throws Exception {
        if (!named) {
            Security.insertProviderAt(Handles.PROVIDER, 1);
        }
        KeyPair one = pair("secp256r1");
        KeyPair other = pair("secp256r1");
        KeyAgreement agreement =
                named ? KeyAgreement.getInstance("ECDH", Handles.PROVIDER) : KeyAgreement.getInstance("ECDH");
        assertThat(agreement.getProvider()).isEqualTo(Handles.PROVIDER);
        byte[] expected = jdk(other.getPrivate(), one.getPublic());
        byte[] out = new byte[32];
        agreement.init(one.getPrivate());
        agreement.doPhase(other.getPublic(), true);
        assertThat(agreement.generateSecret()).isEqualTo(expected);
        agreement.doPhase(other.getPublic(), true);
        assertThat(agreement.generateSecret(out, 0)).isEqualTo(32);
        assertThat(out).isEqualTo(expected);
        agreement.doPhase(other.getPublic(), true);
        assertThat(agreement.generateSecret("TlsPremasterSecret").getEncoded()).isEqualTo(expected);
        KmsPrivateKey key = Handles.privateKey(service, "p256");
        agreement.init(key);
        agreement.doPhase(other.getPublic(), true);
        assertThat(agreement.generateSecret()).isEqualTo(jdk(other.getPrivate(), key.publicKey()));
    }
}
