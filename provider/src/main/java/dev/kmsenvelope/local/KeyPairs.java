package dev.kmsenvelope.local;

import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.kms.KmsConfigurationException;
import dev.kmsenvelope.kms.KmsException;
import dev.kmsenvelope.kms.SecretBytes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.ProviderException;
import java.security.SecureRandom;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.NamedParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.RSAKeyGenParameterSpec;
import javax.security.auth.DestroyFailedException;
import javax.security.auth.Destroyable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.edec.EdECObjectIdentifiers;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.crypto.AsymmetricCipherKeyPair;
import org.bouncycastle.crypto.AsymmetricCipherKeyPairGenerator;
import org.bouncycastle.crypto.generators.ECKeyPairGenerator;
import org.bouncycastle.crypto.generators.MLDSAKeyPairGenerator;
import org.bouncycastle.crypto.params.AsymmetricKeyParameter;
import org.bouncycastle.crypto.params.ECKeyGenerationParameters;
import org.bouncycastle.crypto.params.ECNamedDomainParameters;
import org.bouncycastle.crypto.params.MLDSAKeyGenerationParameters;
import org.bouncycastle.crypto.params.MLDSAParameters;
import org.bouncycastle.crypto.params.MLDSAPrivateKeyParameters;
import org.bouncycastle.crypto.util.PrivateKeyFactory;
import org.bouncycastle.crypto.util.PrivateKeyInfoFactory;
import org.bouncycastle.crypto.util.SubjectPublicKeyInfoFactory;

/**
 * Makes key pairs, and reads them. RSA, the NIST curves and Ed25519 come from the JDK; secp256k1, which the JDK has given
 * up, and ML-DSA come from BouncyCastle, on a JDK that has ML-DSA too: so one key file serves all JDKs. The private key of
 * ML-DSA is its 32-byte seed (RFC 9881).
 */
final class KeyPairs {

    private KeyPairs() {}

    /**
     * Makes a pair.
     *
     * @throws IllegalArgumentException if keys of that kind are no pairs
     * @throws KmsConfigurationException if this Java runtime has no such keys
     */
    static KeyMaterial generate(KeySpec spec, SecureRandom random) {
        return switch (spec) {
            case RSA_2048 -> generateRsa(spec, 2048, random);
            case RSA_3072 -> generateRsa(spec, 3072, random);
            case RSA_4096 -> generateRsa(spec, 4096, random);
            case ECC_NIST_P256, ECC_NIST_P384, ECC_NIST_P521 ->
                generateByJdk(spec, new ECGenParameterSpec(curve(spec).getId()), random);
            case ECC_NIST_EDWARDS25519 -> generateByJdk(spec, NamedParameterSpec.ED25519, random);
            case ECC_SECG_P256K1 -> {
                ECKeyPairGenerator generator = new ECKeyPairGenerator();
                generator.init(new ECKeyGenerationParameters(ECNamedDomainParameters.lookup(curve(spec)), random));
                yield generate(generator);
            }
            case ML_DSA_44, ML_DSA_65, ML_DSA_87 -> {
                MLDSAKeyPairGenerator generator = new MLDSAKeyPairGenerator();
                generator.init(new MLDSAKeyGenerationParameters(random, mlDsa(spec)));
                yield generate(generator);
            }
            case SYMMETRIC_DEFAULT, HMAC_224, HMAC_256, HMAC_384, HMAC_512, OTHER ->
                throw new IllegalArgumentException("keys of kind " + spec + " are no pairs");
        };
    }

    private static KeyMaterial generateRsa(KeySpec spec, int bits, SecureRandom random) {
        return generateByJdk(spec, new RSAKeyGenParameterSpec(bits, RSAKeyGenParameterSpec.F4), random);
    }

    private static KeyMaterial generateByJdk(KeySpec spec, AlgorithmParameterSpec parameters, SecureRandom random) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm(spec), provider(spec));
            generator.initialize(parameters, random);
            KeyPair pair = generator.generateKeyPair();
            try {
                return new KeyMaterial(
                        SecretBytes.owning(pair.getPrivate().getEncoded()),
                        pair.getPublic().getEncoded());
            } finally {
                destroy(pair.getPrivate());
            }
        } catch (GeneralSecurityException | ProviderException e) {
            throw translated(spec, e);
        }
    }

    private static KeyMaterial generate(AsymmetricCipherKeyPairGenerator generator) {
        AsymmetricCipherKeyPair pair = generator.generateKeyPair();
        AsymmetricKeyParameter key = pair.getPrivate();
        try {
            return new KeyMaterial(
                    SecretBytes.owning(PrivateKeyInfoFactory.createPrivateKeyInfo(
                                    key instanceof MLDSAPrivateKeyParameters seeded
                                            ? seeded.withPreferredFormat(MLDSAPrivateKeyParameters.SEED_ONLY)
                                            : key)
                            .getEncoded()),
                    SubjectPublicKeyInfoFactory.createSubjectPublicKeyInfo(pair.getPublic())
                            .getEncoded());
        } catch (IOException e) {
            throw new UncheckedIOException("encoding in memory does not fail", e);
        } finally {
            destroy(key);
        }
    }

    /** A private key of RSA, a NIST curve or Ed25519, for the JDK; the caller destroys it. */
    static PrivateKey forJdk(KeySpec spec, byte[] privateKey) throws GeneralSecurityException {
        return KeyFactory.getInstance(algorithm(spec), provider(spec))
                .generatePrivate(new PKCS8EncodedKeySpec(privateKey));
    }

    /** A private key of any kind, for BouncyCastle; the caller destroys it. */
    static AsymmetricKeyParameter forBouncyCastle(byte[] privateKey) throws GeneralSecurityException {
        try {
            return PrivateKeyFactory.createKey(privateKey);
        } catch (IOException | RuntimeException e) {
            // Without the cause, which may quote what it stumbled over.
            throw new GeneralSecurityException("a private key that cannot be read");
        }
    }

    /** Wipes a private key where its class can do that. The JDK's own cannot; they are only let go. */
    static void destroy(Object key) {
        if (key instanceof Destroyable secret) {
            try {
                secret.destroy();
            } catch (DestroyFailedException e) {
                // Nobody can help it: there is no other way to wipe an object of that class.
            }
        }
    }

    /**
     * Reads a public key.
     *
     * @throws IllegalArgumentException if it is malformed or of another kind
     */
    static SubjectPublicKeyInfo publicKey(KeySpec spec, byte[] encoded) {
        try {
            SubjectPublicKeyInfo info = SubjectPublicKeyInfo.getInstance(ASN1Primitive.fromByteArray(encoded));
            if (info != null && info.getAlgorithm().equals(algorithmIdentifier(spec))) {
                return info;
            }
        } catch (IOException | RuntimeException e) {
            throw new IllegalArgumentException("a public key that is malformed", e);
        }
        throw new IllegalArgumentException("a public key that is not of kind " + spec);
    }

    private static AlgorithmIdentifier algorithmIdentifier(KeySpec spec) {
        if (spec.isRsa()) {
            return new AlgorithmIdentifier(PKCSObjectIdentifiers.rsaEncryption, DERNull.INSTANCE);
        }
        if (spec.isEllipticCurve()) {
            return new AlgorithmIdentifier(X9ObjectIdentifiers.id_ecPublicKey, curve(spec));
        }
        return new AlgorithmIdentifier(
                switch (spec) {
                    case ECC_NIST_EDWARDS25519 -> EdECObjectIdentifiers.id_Ed25519;
                    case ML_DSA_44 -> NISTObjectIdentifiers.id_ml_dsa_44;
                    case ML_DSA_65 -> NISTObjectIdentifiers.id_ml_dsa_65;
                    case ML_DSA_87 -> NISTObjectIdentifiers.id_ml_dsa_87;
                    default -> throw new IllegalArgumentException("keys of kind " + spec + " are no pairs");
                });
    }

    private static ASN1ObjectIdentifier curve(KeySpec spec) {
        return switch (spec) {
            case ECC_NIST_P256 -> SECObjectIdentifiers.secp256r1;
            case ECC_NIST_P384 -> SECObjectIdentifiers.secp384r1;
            case ECC_NIST_P521 -> SECObjectIdentifiers.secp521r1;
            case ECC_SECG_P256K1 -> SECObjectIdentifiers.secp256k1;
            default -> throw new IllegalArgumentException("keys of kind " + spec + " have no curve");
        };
    }

    private static MLDSAParameters mlDsa(KeySpec spec) {
        return switch (spec) {
            case ML_DSA_44 -> MLDSAParameters.ml_dsa_44;
            case ML_DSA_65 -> MLDSAParameters.ml_dsa_65;
            default -> MLDSAParameters.ml_dsa_87;
        };
    }

    private static String algorithm(KeySpec spec) {
        return spec.isRsa() ? "RSA" : spec.isEllipticCurve() ? "EC" : "Ed25519";
    }

    private static String provider(KeySpec spec) {
        return spec.isRsa() ? "SunRsaSign" : "SunEC";
    }

    /** What a failure inside JDK or BouncyCastle is to our callers; missing randomness comes out of the JDK wrapped. */
    static ProviderException translated(KeySpec spec, Exception failure) {
        if (failure instanceof KmsException ours) {
            return ours;
        }
        if (failure.getCause() instanceof KmsException ours) {
            return ours;
        }
        return new KmsConfigurationException(
                "this Java runtime cannot work with a key of kind " + spec + ": " + failure.getMessage(), failure);
    }
}
