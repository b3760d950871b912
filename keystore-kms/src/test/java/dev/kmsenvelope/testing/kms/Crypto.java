package dev.kmsenvelope.testing.kms;

import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.testing.kms.Algorithms.Encryption;
import dev.kmsenvelope.testing.kms.Algorithms.MessageType;
import dev.kmsenvelope.testing.kms.Algorithms.Signing;
import java.security.GeneralSecurityException;
import java.security.InvalidAlgorithmParameterException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.HexFormat;
import javax.crypto.Cipher;
import javax.crypto.KeyAgreement;
import javax.crypto.Mac;
import javax.crypto.spec.OAEPParameterSpec;
import javax.crypto.spec.PSource;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.DigestInfo;
import org.bouncycastle.jce.provider.BouncyCastleProvider;

/** The cryptography of the service, BouncyCastle's but for RSA key pairs, so that tests can check it against the JDK's. */
final class Crypto {

    /** An operation that fails only if this server is wrong. */
    interface Operation<T> {
        T run() throws Exception;
    }

    static final BouncyCastleProvider PROVIDER = new BouncyCastleProvider();

    private static final SecureRandom RANDOM = new SecureRandom();

    private Crypto() {}

    static <T> T always(Operation<T> operation) {
        try {
            return operation.run();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    static byte[] random(int length) {
        byte[] bytes = new byte[length];
        RANDOM.nextBytes(bytes);
        return bytes;
    }

    static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    static int secretLength(KeySpec spec) {
        return switch (spec) {
            case HMAC_224 -> 28;
            case HMAC_384 -> 48;
            case HMAC_512 -> 64;
            default -> 32;
        };
    }

    static KeyPair generate(KeySpec spec) {
        return always(() -> {
            if (spec.isRsa()) {
                // The JDK's is several times as fast at this.
                KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA", "SunRsaSign");
                generator.initialize(Integer.parseInt(spec.name().substring("RSA_".length())), RANDOM);
                return generator.generateKeyPair();
            }
            KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm(spec), PROVIDER);
            if (spec.isEllipticCurve()) {
                generator.initialize(new ECGenParameterSpec(curve(spec)), RANDOM);
            }
            return generator.generateKeyPair();
        });
    }

    private static String algorithm(KeySpec spec) {
        return spec.isEllipticCurve() ? "EC" : spec.isMlDsa() ? spec.name().replace('_', '-') : "Ed25519";
    }

    private static String curve(KeySpec spec) {
        return switch (spec) {
            case ECC_NIST_P256 -> "secp256r1";
            case ECC_NIST_P384 -> "secp384r1";
            case ECC_NIST_P521 -> "secp521r1";
            default -> "secp256k1";
        };
    }

    static byte[] sign(PrivateKey key, Signing algorithm, MessageType type, byte[] message) {
        return always(() -> {
            Signature signature = signature(algorithm, type);
            signature.initSign(key, RANDOM);
            signature.update(input(algorithm, type, message));
            return signature.sign();
        });
    }

    static boolean verify(PublicKey key, Signing algorithm, MessageType type, byte[] message, byte[] signed) {
        Signature signature = always(() -> {
            Signature made = signature(algorithm, type);
            made.initVerify(key);
            made.update(input(algorithm, type, message));
            return made;
        });
        try {
            return signature.verify(signed);
        } catch (GeneralSecurityException e) {
            return false; // What is no signature at all is no valid one.
        }
    }

    private static Signature signature(Signing algorithm, MessageType type) throws GeneralSecurityException {
        if (algorithm == Signing.ED25519_SHA_512) {
            return Signature.getInstance("Ed25519", PROVIDER);
        }
        if (algorithm == Signing.ML_DSA_SHAKE_256) {
            return Signature.getInstance(type == MessageType.EXTERNAL_MU ? "ML-DSA-EXTERNAL-MU" : "ML-DSA", PROVIDER);
        }
        if (!algorithm.isPss()) {
            return Signature.getInstance(algorithm.isRsa() ? "NONEwithRSA" : "NONEwithECDSA", PROVIDER);
        }
        Signature signature = Signature.getInstance("RAWRSASSA-PSS", PROVIDER);
        String hash = "SHA-" + algorithm.hashBits;
        signature.setParameter(
                new PSSParameterSpec(hash, "MGF1", new MGF1ParameterSpec(hash), algorithm.hashBits / 8, 1));
        return signature;
    }

    /** What the signature takes: the message, its digest, or that in a DigestInfo (RFC 8017, section 9.2). */
    private static byte[] input(Signing algorithm, MessageType type, byte[] message) throws Exception {
        if (algorithm == Signing.ED25519_SHA_512 || algorithm == Signing.ML_DSA_SHAKE_256) {
            return message;
        }
        byte[] digest = type == MessageType.DIGEST
                ? message
                : MessageDigest.getInstance("SHA-" + algorithm.hashBits, PROVIDER)
                        .digest(message);
        if (!algorithm.isRsa() || algorithm.isPss()) {
            return digest;
        }
        var hash = switch (algorithm.hashBits) {
            case 256 -> NISTObjectIdentifiers.id_sha256;
            case 384 -> NISTObjectIdentifiers.id_sha384;
            default -> NISTObjectIdentifiers.id_sha512;
        };
        return new DigestInfo(new AlgorithmIdentifier(hash, DERNull.INSTANCE), digest).getEncoded("DER");
    }

    static byte[] mac(byte[] secret, Algorithms.Mac algorithm, byte[] message) {
        return always(() -> {
            String name = algorithm.name().replace("_", "").replace("HMAC", "Hmac");
            Mac mac = Mac.getInstance(name, PROVIDER);
            mac.init(new SecretKeySpec(secret, name));
            return mac.doFinal(message);
        });
    }

    static byte[] agree(KeyPair pair, byte[] publicKey) throws GeneralSecurityException {
        PublicKey other = KeyFactory.getInstance("EC", PROVIDER).generatePublic(new X509EncodedKeySpec(publicKey));
        KeyAgreement agreement = KeyAgreement.getInstance("ECDH", PROVIDER);
        agreement.init(pair.getPrivate());
        agreement.doPhase(other, true);
        return agreement.generateSecret();
    }

    static byte[] encryptRsa(PublicKey key, Encryption padding, byte[] plaintext) throws GeneralSecurityException {
        return oaep(Cipher.ENCRYPT_MODE, key, padding).doFinal(plaintext);
    }

    static byte[] decryptRsa(PrivateKey key, Encryption padding, byte[] ciphertext) throws GeneralSecurityException {
        return oaep(Cipher.DECRYPT_MODE, key, padding).doFinal(ciphertext);
    }

    private static Cipher oaep(int mode, java.security.Key key, Encryption padding)
            throws GeneralSecurityException, InvalidAlgorithmParameterException {
        String hash = padding == Encryption.RSAES_OAEP_SHA_1 ? "SHA-1" : "SHA-256";
        Cipher cipher = Cipher.getInstance("RSA/ECB/OAEPPadding", PROVIDER);
        cipher.init(
                mode,
                key,
                new OAEPParameterSpec(hash, "MGF1", new MGF1ParameterSpec(hash), PSource.PSpecified.DEFAULT),
                RANDOM);
        return cipher;
    }
}
