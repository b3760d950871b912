package dev.kmsenvelope.contract;

import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.kms.RsaDecryptionService.Padding;
import dev.kmsenvelope.kms.SigningAlgorithm;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.PublicKey;
import java.security.Security;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.PSSParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import javax.crypto.Cipher;
import javax.crypto.KeyAgreement;
import javax.crypto.spec.OAEPParameterSpec;
import javax.crypto.spec.PSource;
import org.bouncycastle.crypto.CryptoException;
import org.bouncycastle.crypto.params.MLDSAPublicKeyParameters;
import org.bouncycastle.crypto.signers.MLDSASigner;
import org.bouncycastle.crypto.util.PublicKeyFactory;
import org.bouncycastle.jce.provider.BouncyCastleProvider;

/** The other side of what a service computes: the JDK's cryptography, and BouncyCastle's for what the JDK 17 lacks. */
final class Crypto {

    private static final Provider BOUNCY_CASTLE = new BouncyCastleProvider();

    private Crypto() {}

    private static Provider provider(KeySpec spec) {
        if (spec.isRsa()) {
            return Security.getProvider("SunRsaSign");
        }
        return spec.isMlDsa() || spec == KeySpec.ECC_SECG_P256K1 ? BOUNCY_CASTLE : Security.getProvider("SunEC");
    }

    private static String keyAlgorithm(KeySpec spec) {
        if (spec.isRsa()) {
            return "RSA";
        }
        return spec.isEllipticCurve() ? "EC" : spec.isMlDsa() ? "ML-DSA" : "Ed25519";
    }

    /** The parsed key; its size and curve are those of the kind. */
    static PublicKey publicKey(KeySpec spec, byte[] encoded) {
        try {
            return KeyFactory.getInstance(keyAlgorithm(spec), provider(spec))
                    .generatePublic(new X509EncodedKeySpec(encoded));
        } catch (GeneralSecurityException e) {
            throw new AssertionError("no public key of " + spec, e);
        }
    }

    static KeyPair generate(KeySpec spec) throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance(keyAlgorithm(spec), provider(spec));
        switch (spec) {
            case RSA_2048 -> generator.initialize(2048);
            case ECC_NIST_P256 -> generator.initialize(new ECGenParameterSpec("secp256r1"));
            case ECC_NIST_P384 -> generator.initialize(new ECGenParameterSpec("secp384r1"));
            case ECC_NIST_P521 -> generator.initialize(new ECGenParameterSpec("secp521r1"));
            default -> throw new IllegalArgumentException(spec.name());
        }
        return generator.generateKeyPair();
    }

    static byte[] encryptRsa(PublicKey key, Padding padding, byte[] text) throws GeneralSecurityException {
        String hash = padding == Padding.RSAES_OAEP_SHA_1 ? "SHA-1" : "SHA-256";
        Cipher cipher = Cipher.getInstance("RSA/ECB/OAEPPadding", "SunJCE");
        cipher.init(
                Cipher.ENCRYPT_MODE,
                key,
                new OAEPParameterSpec(hash, "MGF1", new MGF1ParameterSpec(hash), PSource.PSpecified.DEFAULT));
        return cipher.doFinal(text);
    }

    static boolean verify(PublicKey key, SigningAlgorithm algorithm, byte[] message, byte[] signature)
            throws GeneralSecurityException {
        Signature verifier = verifier(key, algorithm);
        verifier.initVerify(key);
        verifier.update(message);
        return verifier.verify(signature);
    }

    private static Signature verifier(PublicKey key, SigningAlgorithm algorithm) throws GeneralSecurityException {
        int bits = Integer.parseInt(algorithm.name().substring(algorithm.name().length() - 3));
        Provider bouncyCastleOrSun =
                key.getClass().getName().startsWith("org.bouncycastle") ? BOUNCY_CASTLE : Security.getProvider("SunEC");
        return switch (algorithm) {
            case RSASSA_PSS_SHA_256, RSASSA_PSS_SHA_384, RSASSA_PSS_SHA_512 -> {
                Signature pss = Signature.getInstance("RSASSA-PSS", "SunRsaSign");
                String hash = "SHA-" + bits;
                pss.setParameter(new PSSParameterSpec(hash, "MGF1", new MGF1ParameterSpec(hash), bits / 8, 1));
                yield pss;
            }
            case RSASSA_PKCS1_V1_5_SHA_256, RSASSA_PKCS1_V1_5_SHA_384, RSASSA_PKCS1_V1_5_SHA_512 ->
                Signature.getInstance("SHA" + bits + "withRSA", "SunRsaSign");
            case ECDSA_SHA_256, ECDSA_SHA_384, ECDSA_SHA_512 ->
                Signature.getInstance("SHA" + bits + "withECDSA", bouncyCastleOrSun);
            case ED25519_SHA_512 -> Signature.getInstance("Ed25519", "SunEC");
            case ML_DSA_SHAKE_256 -> Signature.getInstance("ML-DSA", BOUNCY_CASTLE);
        };
    }

    /** The message representative of FIPS 204 for a message with an empty context. */
    static byte[] mu(PublicKey key, byte[] message) throws Exception {
        MLDSASigner signer = new MLDSASigner();
        MLDSAPublicKeyParameters parameters = (MLDSAPublicKeyParameters) PublicKeyFactory.createKey(key.getEncoded());
        signer.init(false, parameters);
        signer.update(message, 0, message.length);
        try {
            return signer.generateMu();
        } catch (CryptoException e) {
            throw new AssertionError(e);
        }
    }

    static byte[] agree(KeyPair mine, PublicKey other) throws GeneralSecurityException {
        KeyAgreement agreement = KeyAgreement.getInstance("ECDH", "SunEC");
        agreement.init(mine.getPrivate());
        agreement.doPhase(other, true);
        return agreement.generateSecret();
    }

    static boolean belongTogether(KeySpec spec, byte[] publicKey, byte[] privateKey) throws GeneralSecurityException {
        KeyFactory factory = KeyFactory.getInstance(keyAlgorithm(spec), provider(spec));
        PrivateKey parsed = factory.generatePrivate(new PKCS8EncodedKeySpec(privateKey));
        Signature signature = Signature.getInstance(spec.isRsa() ? "SHA256withRSA" : "SHA256withECDSA", provider(spec));
        signature.initSign(parsed);
        byte[] signed = signature.sign();
        signature.initVerify(factory.generatePublic(new X509EncodedKeySpec(publicKey)));
        return signature.verify(signed);
    }
}
