package dev.kmsenvelope.provider;

import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.kms.KmsUnavailableException;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.Provider;
import java.security.PublicKey;
import java.security.Security;
import java.security.interfaces.RSAKey;
import java.security.spec.X509EncodedKeySpec;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.edec.EdECObjectIdentifiers;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;

/** Turns the SubjectPublicKeyInfo that a service answers into a public key of the JDK's, or where it has none, BouncyCastle's. */
final class PublicKeys {

    private PublicKeys() {}

    /** The kind is checked by the identifiers in the encoding, so that a handle never claims a curve that it is not on. */
    static <T extends PublicKey> T parse(KeyId id, KeySpec spec, byte[] encoded, Class<T> type) {
        try {
            AlgorithmIdentifier algorithm =
                    SubjectPublicKeyInfo.getInstance(encoded).getAlgorithm();
            PublicKey key = fits(algorithm, spec) ? decode(spec, encoded) : null;
            if (type.isInstance(key) && (!(key instanceof RSAKey rsa) || bits(rsa) == bits(spec))) {
                return type.cast(key);
            }
        } catch (IllegalArgumentException | GeneralSecurityException e) {
            throw new KmsUnavailableException(notThat(id, spec), e);
        }
        throw new KmsUnavailableException(notThat(id, spec));
    }

    private static String notThat(KeyId id, KeySpec spec) {
        return "the service's answer is no public key of the kind " + spec + ", which the key " + id + " is";
    }

    private static PublicKey decode(KeySpec spec, byte[] encoded) throws GeneralSecurityException {
        String algorithm = algorithm(spec);
        X509EncodedKeySpec keySpec = new X509EncodedKeySpec(encoded);
        for (String name : new String[] {"SunRsaSign", "SunEC", "SUN"}) {
            Provider provider = Security.getProvider(name);
            if (provider != null && provider.getService("KeyFactory", algorithm) != null && jdkKnows(spec)) {
                return KeyFactory.getInstance(algorithm, provider).generatePublic(keySpec);
            }
        }
        return KeyFactory.getInstance(algorithm, OtherProviders.bouncyCastle()).generatePublic(keySpec);
    }

    /** Later JDKs have no secp256k1 any more. */
    private static boolean jdkKnows(KeySpec spec) {
        return spec != KeySpec.ECC_SECG_P256K1;
    }

    private static String algorithm(KeySpec spec) {
        if (spec.isRsa()) {
            return "RSA";
        }
        if (spec.isMlDsa()) {
            return "ML-DSA";
        }
        return spec.isEllipticCurve() ? "EC" : "Ed25519";
    }

    private static int bits(RSAKey key) {
        return key.getModulus().bitLength();
    }

    private static int bits(KeySpec spec) {
        return Integer.parseInt(spec.name().substring("RSA_".length()));
    }

    private static boolean fits(AlgorithmIdentifier algorithm, KeySpec spec) {
        return switch (spec) {
            case RSA_2048, RSA_3072, RSA_4096 -> is(algorithm, PKCSObjectIdentifiers.rsaEncryption);
            case ECC_NIST_P256 -> isCurve(algorithm, SECObjectIdentifiers.secp256r1);
            case ECC_NIST_P384 -> isCurve(algorithm, SECObjectIdentifiers.secp384r1);
            case ECC_NIST_P521 -> isCurve(algorithm, SECObjectIdentifiers.secp521r1);
            case ECC_SECG_P256K1 -> isCurve(algorithm, SECObjectIdentifiers.secp256k1);
            case ECC_NIST_EDWARDS25519 -> is(algorithm, EdECObjectIdentifiers.id_Ed25519);
            case ML_DSA_44 -> is(algorithm, NISTObjectIdentifiers.id_ml_dsa_44);
            case ML_DSA_65 -> is(algorithm, NISTObjectIdentifiers.id_ml_dsa_65);
            case ML_DSA_87 -> is(algorithm, NISTObjectIdentifiers.id_ml_dsa_87);
            default -> false;
        };
    }

    private static boolean is(AlgorithmIdentifier algorithm, ASN1ObjectIdentifier expected) {
        return algorithm.getAlgorithm().equals(expected);
    }

    private static boolean isCurve(AlgorithmIdentifier algorithm, ASN1ObjectIdentifier curve) {
        return is(algorithm, X9ObjectIdentifiers.id_ecPublicKey) && curve.equals(algorithm.getParameters());
    }
}
