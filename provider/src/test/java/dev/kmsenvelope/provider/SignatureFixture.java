package dev.kmsenvelope.provider;

import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.kms.KeyUsage;
import dev.kmsenvelope.testing.Ciphers;
import dev.kmsenvelope.testing.EveryKindService;
import dev.kmsenvelope.testing.Handles;
import java.security.GeneralSecurityException;
import java.security.Provider;
import java.security.PublicKey;
import java.security.Security;
import java.security.Signature;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.junit.jupiter.api.AfterEach;

/** Keys in a service that signs, and what verifies. */
abstract class SignatureFixture {

    static final Provider BC = new BouncyCastleProvider();
    static final byte[] TEXT = Ciphers.random(10_000);

    final EveryKindService service = new EveryKindService()
            .withKey("rsa", KeySpec.RSA_2048, KeyUsage.SIGN_VERIFY)
            .withKey("rsa-decrypting", KeySpec.RSA_2048)
            .withKey("p256", KeySpec.ECC_NIST_P256)
            .withKey("p384", KeySpec.ECC_NIST_P384)
            .withKey("p521", KeySpec.ECC_NIST_P521)
            .withKey("k1", KeySpec.ECC_SECG_P256K1)
            .withKey("p256-agreeing", KeySpec.ECC_NIST_P256, KeyUsage.KEY_AGREEMENT)
            .withKey("ed", KeySpec.ECC_NIST_EDWARDS25519)
            .withKey("ml44", KeySpec.ML_DSA_44)
            .withKey("ml65", KeySpec.ML_DSA_65)
            .withKey("ml87", KeySpec.ML_DSA_87);

    @AfterEach
    void removeTheProvider() {
        Security.removeProvider(KmsEnvelopeProvider.NAME);
    }

    static Signature ours(String algorithm) throws GeneralSecurityException {
        return Signature.getInstance(algorithm, Handles.PROVIDER);
    }

    static PSSParameterSpec pss(String hash, int salt) {
        return new PSSParameterSpec(hash, "MGF1", new MGF1ParameterSpec(hash), salt, 1);
    }

    static boolean verifies(
            Signature verifier, PublicKey key, AlgorithmParameterSpec parameters, byte[] message, byte[] signature)
            throws GeneralSecurityException {
        if (parameters != null) {
            verifier.setParameter(parameters);
        }
        verifier.initVerify(key);
        verifier.update(message);
        return verifier.verify(signature);
    }

    /** The installed providers that verify under this key, and BouncyCastle. */
    static List<Provider> verifiers(String algorithm, KmsPrivateKey handle) {
        List<Provider> found = new ArrayList<>(List.of(BC));
        if (handle.spec() == KeySpec.ECC_SECG_P256K1) {
            return found; // the JDK has this curve no more
        }
        PublicKey key = handle.publicKey();
        for (Provider provider : Security.getProviders()) {
            Provider.Service offered = provider.getService("Signature", algorithm);
            if (offered != null && offered.supportsParameter(key)) {
                found.add(provider);
            }
        }
        return found;
    }
}
