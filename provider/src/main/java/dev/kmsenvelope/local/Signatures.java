package dev.kmsenvelope.local;

import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.kms.SigningAlgorithm;
import dev.kmsenvelope.kms.SigningService;
import dev.kmsenvelope.kms.SigningService.MessageType;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.SignatureException;
import org.bouncycastle.crypto.CryptoException;
import org.bouncycastle.crypto.Digest;
import org.bouncycastle.crypto.Signer;
import org.bouncycastle.crypto.digests.Prehash;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.digests.SHA384Digest;
import org.bouncycastle.crypto.digests.SHA512Digest;
import org.bouncycastle.crypto.engines.RSABlindedEngine;
import org.bouncycastle.crypto.params.AsymmetricKeyParameter;
import org.bouncycastle.crypto.params.ECPrivateKeyParameters;
import org.bouncycastle.crypto.params.ParametersWithRandom;
import org.bouncycastle.crypto.signers.ECDSASigner;
import org.bouncycastle.crypto.signers.MLDSASigner;
import org.bouncycastle.crypto.signers.PSSSigner;
import org.bouncycastle.crypto.signers.RSADigestSigner;
import org.bouncycastle.crypto.signers.StandardDSAEncoding;

/**
 * Signs with private keys. A message and its digest go the same way: the message is hashed first. ECDSA on NIST curves and
 * Ed25519 are the JDK's; RSA is BouncyCastle's, blinded, because the JDK's signs no digest that was made elsewhere;
 * secp256k1 and ML-DSA are BouncyCastle's as in {@link KeyPairs}.
 */
final class Signatures {

    /** Length of the message representative mu of FIPS 204, in bytes. */
    private static final int MU_LENGTH = 64;

    private static final String EC_PROVIDER = "SunEC";

    private Signatures() {}

    /**
     * Checks what shall be signed.
     *
     * @throws IllegalArgumentException if the algorithm does not take that type, or the type not that length
     */
    static void requireMessage(SigningAlgorithm algorithm, MessageType type, int length) {
        switch (type) {
            case RAW -> {
                if (length < 1 || length > SigningService.MAX_RAW_MESSAGE) {
                    throw new IllegalArgumentException("a message to sign has 1 to " + SigningService.MAX_RAW_MESSAGE
                            + " bytes, not " + length + "; sign its digest");
                }
            }
            case DIGEST -> {
                if (algorithm == SigningAlgorithm.ED25519_SHA_512 || algorithm == SigningAlgorithm.ML_DSA_SHAKE_256) {
                    throw new IllegalArgumentException(algorithm + " signs messages, not digests");
                }
                requireLength(algorithm + " signs a digest", digest(algorithm).getDigestSize(), length);
            }
            case EXTERNAL_MU -> {
                if (algorithm != SigningAlgorithm.ML_DSA_SHAKE_256) {
                    throw new IllegalArgumentException(algorithm + " knows no mu, which is ML-DSA's");
                }
                requireLength("a mu", MU_LENGTH, length);
            }
        }
    }

    private static void requireLength(String what, int expected, int length) {
        if (length != expected) {
            throw new IllegalArgumentException(what + " of " + expected + " bytes, not " + length);
        }
    }

    /**
     * Signs.
     *
     * @param spec the kind of the key, which the algorithm fits
     * @param privateKey its PrivateKeyInfo
     * @param message as {@link #requireMessage} allows it
     */
    static byte[] sign(
            KeySpec spec,
            byte[] privateKey,
            SigningAlgorithm algorithm,
            MessageType type,
            byte[] message,
            SecureRandom random)
            throws GeneralSecurityException {
        return switch (algorithm) {
            case RSASSA_PSS_SHA_256,
                    RSASSA_PSS_SHA_384,
                    RSASSA_PSS_SHA_512,
                    RSASSA_PKCS1_V1_5_SHA_256,
                    RSASSA_PKCS1_V1_5_SHA_384,
                    RSASSA_PKCS1_V1_5_SHA_512 ->
                signRsa(privateKey, algorithm, hashed(algorithm, type, message), random);
            case ECDSA_SHA_256, ECDSA_SHA_384, ECDSA_SHA_512 -> {
                byte[] hash = hashed(algorithm, type, message);
                yield spec == KeySpec.ECC_SECG_P256K1
                        ? signSecp256k1(privateKey, hash, random)
                        : signByJdk(spec, privateKey, "NONEwithECDSA", hash, random);
            }
            case ED25519_SHA_512 -> signByJdk(spec, privateKey, "Ed25519", message, random);
            case ML_DSA_SHAKE_256 -> signMlDsa(privateKey, type, message, random);
        };
    }

    private static byte[] hashed(SigningAlgorithm algorithm, MessageType type, byte[] message)
            throws GeneralSecurityException {
        return type == MessageType.DIGEST
                ? message
                : MessageDigest.getInstance(digest(algorithm).getAlgorithmName(), "SUN")
                        .digest(message);
    }

    private static Digest digest(SigningAlgorithm algorithm) {
        return switch (algorithm) {
            case RSASSA_PSS_SHA_256, RSASSA_PKCS1_V1_5_SHA_256, ECDSA_SHA_256 -> new SHA256Digest();
            case RSASSA_PSS_SHA_384, RSASSA_PKCS1_V1_5_SHA_384, ECDSA_SHA_384 -> new SHA384Digest();
            case RSASSA_PSS_SHA_512, RSASSA_PKCS1_V1_5_SHA_512, ECDSA_SHA_512 -> new SHA512Digest();
            case ED25519_SHA_512, ML_DSA_SHAKE_256 ->
                throw new IllegalArgumentException(algorithm + " has no digest of its own");
        };
    }

    private static byte[] signByJdk(
            KeySpec spec, byte[] privateKey, String algorithm, byte[] message, SecureRandom random)
            throws GeneralSecurityException {
        PrivateKey key = KeyPairs.forJdk(spec, privateKey);
        try {
            Signature signature = Signature.getInstance(algorithm, EC_PROVIDER);
            signature.initSign(key, random);
            signature.update(message);
            return signature.sign();
        } finally {
            KeyPairs.destroy(key);
        }
    }

    private static byte[] signRsa(byte[] privateKey, SigningAlgorithm algorithm, byte[] hash, SecureRandom random)
            throws GeneralSecurityException {
        Digest digest = digest(algorithm);
        Signer signer = algorithm.name().startsWith("RSASSA_PSS")
                ? PSSSigner.createRawSigner(
                        new RSABlindedEngine(),
                        digest,
                        digest(algorithm),
                        digest.getDigestSize(),
                        PSSSigner.TRAILER_IMPLICIT)
                : new RSADigestSigner(Prehash.forDigest(digest));
        AsymmetricKeyParameter key = KeyPairs.forBouncyCastle(privateKey);
        signer.init(true, new ParametersWithRandom(key, random));
        signer.update(hash, 0, hash.length);
        try {
            return signer.generateSignature();
        } catch (CryptoException e) {
            throw new SignatureException(e.getMessage(), e);
        } finally {
            KeyPairs.destroy(key);
        }
    }

    private static byte[] signSecp256k1(byte[] privateKey, byte[] hash, SecureRandom random)
            throws GeneralSecurityException {
        AsymmetricKeyParameter key = KeyPairs.forBouncyCastle(privateKey);
        try {
            ECDSASigner signer = new ECDSASigner();
            signer.init(true, new ParametersWithRandom(key, random));
            BigInteger[] numbers = signer.generateSignature(hash);
            BigInteger order = ((ECPrivateKeyParameters) key).getParameters().getN();
            return StandardDSAEncoding.INSTANCE.encode(order, numbers[0], numbers[1]);
        } catch (IOException e) {
            throw new SignatureException(e.getMessage(), e);
        } finally {
            KeyPairs.destroy(key);
        }
    }

    private static byte[] signMlDsa(byte[] privateKey, MessageType type, byte[] message, SecureRandom random)
            throws GeneralSecurityException {
        AsymmetricKeyParameter key = KeyPairs.forBouncyCastle(privateKey);
        MLDSASigner signer = new MLDSASigner();
        try {
            signer.init(true, new ParametersWithRandom(key, random));
            if (type == MessageType.EXTERNAL_MU) {
                return signer.generateMuSignature(message);
            }
            signer.update(message, 0, message.length);
            return signer.generateSignature();
        } catch (CryptoException e) {
            throw new SignatureException(e.getMessage(), e);
        } finally {
            KeyPairs.destroy(key);
        }
    }
}
