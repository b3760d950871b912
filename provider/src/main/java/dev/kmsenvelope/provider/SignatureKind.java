package dev.kmsenvelope.provider;

import dev.kmsenvelope.kms.KeyUsage;
import dev.kmsenvelope.kms.SigningAlgorithm;
import dev.kmsenvelope.kms.SigningService;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.EdDSAParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Starts signing under a handle, for one name of JCA's. */
interface SignatureKind {

    /** How the names of {@link SigningAlgorithm} for ECDSA start, before the hash. */
    String ECDSA = "ECDSA_SHA_";

    /** Starts an operation; {@code parameters} are null when the caller gave none. */
    SigningOperation start(KmsPrivateKey key, @Nullable AlgorithmParameterSpec parameters)
            throws InvalidKeyException, InvalidAlgorithmParameterException;

    /** A name under which other providers do the same with parameters, or null: the JDK has no name of PSS with a hash in it. */
    default @Nullable String otherName() {
        return null;
    }

    /** The parameters for the other name; {@code given} are null when the caller gave none. */
    default @Nullable AlgorithmParameterSpec underOtherName(@Nullable AlgorithmParameterSpec given)
            throws InvalidAlgorithmParameterException {
        return given;
    }

    /** The kind of a name that the provider lists. */
    static SignatureKind of(String name) {
        return switch (name) {
            case "SHA256withRSA" -> new Rsa(Hash.SHA256);
            case "SHA384withRSA" -> new Rsa(Hash.SHA384);
            case "SHA512withRSA" -> new Rsa(Hash.SHA512);
            case "RSASSA-PSS" -> new Pss(null);
            case "SHA256withRSAandMGF1" -> new Pss(Hash.SHA256);
            case "SHA384withRSAandMGF1" -> new Pss(Hash.SHA384);
            case "SHA512withRSAandMGF1" -> new Pss(Hash.SHA512);
            case "SHA256withECDSA" -> new Ecdsa(Hash.SHA256);
            case "SHA384withECDSA" -> new Ecdsa(Hash.SHA384);
            case "SHA512withECDSA" -> new Ecdsa(Hash.SHA512);
            case "Ed25519", "EdDSA" -> new Ed();
            case "ML-DSA" -> new MlDsa(null);
            case "ML-DSA-44", "ML-DSA-65", "ML-DSA-87" -> new MlDsa(name.replace('-', '_'));
            default -> throw new IllegalArgumentException(name);
        };
    }

    /** Tools of the JDK choose a hash by themselves, and can be told another one. */
    private static String inJava(String fitting) {
        if (!fitting.startsWith(ECDSA)) {
            return "";
        }
        String name = "SHA" + fitting.substring(ECDSA.length()) + "withECDSA";
        return ", which is " + name + " in Java; keytool and jarsigner take -sigalg " + name;
    }

    /** The service, if the key is one that signs in this way. */
    static SigningService service(KmsPrivateKey key, SigningAlgorithm algorithm) throws InvalidKeyException {
        if (!algorithm.fits(key.spec())) {
            String fitting = Arrays.stream(SigningAlgorithm.values())
                    .filter(other -> other.fits(key.spec()))
                    .map(SigningAlgorithm::name)
                    .collect(Collectors.joining(", "));
            throw new InvalidKeyException("the key " + key.id() + " is " + key.spec() + ", which does not do "
                    + algorithm + "; a key service signs with it by " + fitting + inJava(fitting));
        }
        return key.capability(SigningService.class, KeyUsage.SIGN_VERIFY);
    }

    private static InvalidAlgorithmParameterException noParameters(String what) {
        return new InvalidAlgorithmParameterException(what + " takes no parameters");
    }

    /** RSASSA-PKCS1-v1_5. */
    record Rsa(Hash hash) implements SignatureKind {
        @Override
        public SigningOperation start(KmsPrivateKey key, @Nullable AlgorithmParameterSpec parameters)
                throws InvalidKeyException, InvalidAlgorithmParameterException {
            if (parameters != null) {
                throw noParameters("RSASSA-PKCS1-v1_5");
            }
            return new DigestSigning(key, service(key, hash.rsa()), hash.rsa(), hash, null);
        }
    }

    /** RSASSA-PSS: with a hash in its name, or with one in its parameters. */
    record Pss(@Nullable Hash named) implements SignatureKind {

        private static final String NAME = "RSASSA-PSS";

        @Override
        public @Nullable String otherName() {
            return named == null ? null : NAME;
        }

        /** The name says which hash; the salt may have any length, as it may under the same name of BouncyCastle's. */
        @Override
        public @Nullable AlgorithmParameterSpec underOtherName(@Nullable AlgorithmParameterSpec given)
                throws InvalidAlgorithmParameterException {
            if (named == null) {
                return given;
            }
            if (given == null) {
                return named.pssParameters();
            }
            if (given instanceof PSSParameterSpec pss && named.isHashOf(pss)) {
                return pss;
            }
            throw new InvalidAlgorithmParameterException("the parameters are a PSSParameterSpec with "
                    + named.algorithm() + ", which the name of the algorithm says, and MGF1 with the same hash");
        }

        @Override
        public SigningOperation start(KmsPrivateKey key, @Nullable AlgorithmParameterSpec parameters)
                throws InvalidKeyException, InvalidAlgorithmParameterException {
            Hash hash = parameters == null ? named : hash(parameters);
            if (hash == null) {
                service(key, SigningAlgorithm.RSASSA_PSS_SHA_256);
                return new UnparameterizedSigning();
            }
            return new DigestSigning(key, service(key, hash.pss()), hash.pss(), hash, hash.pssParameters());
        }

        private Hash hash(AlgorithmParameterSpec parameters) throws InvalidAlgorithmParameterException {
            if (!(parameters instanceof PSSParameterSpec pss)) {
                throw new InvalidAlgorithmParameterException(NAME + " takes a PSSParameterSpec");
            }
            for (Hash hash : Hash.values()) {
                if (hash.isPss(pss) && (named == null || named == hash)) {
                    return hash;
                }
            }
            String example = named == null ? "SHA-256" : named.algorithm();
            throw new InvalidAlgorithmParameterException("a key service signs with a salt as long as the hash, and MGF1"
                    + " with that hash" + (named == null ? ", which is SHA-256, SHA-384 or SHA-512" : "") + ": new"
                    + " PSSParameterSpec(\"" + example + "\", \"MGF1\", new MGF1ParameterSpec(\"" + example + "\"), "
                    + (named == null ? Hash.SHA256 : named).length() + ", 1)");
        }
    }

    /** ECDSA, on the curve that goes with the hash. */
    record Ecdsa(Hash hash) implements SignatureKind {
        @Override
        public SigningOperation start(KmsPrivateKey key, @Nullable AlgorithmParameterSpec parameters)
                throws InvalidKeyException, InvalidAlgorithmParameterException {
            SigningService service = service(key, hash.ecdsa());
            if (parameters != null
                    && !(key instanceof KmsEcPrivateKey ec
                            && parameters instanceof ECParameterSpec curve
                            && EcPoints.sameCurve(curve, ec.getParams()))) {
                throw new InvalidAlgorithmParameterException("ECDSA takes no parameters but the curve of the key");
            }
            return new DigestSigning(key, service, hash.ecdsa(), hash, null);
        }
    }

    /** Ed25519, the pure variant. */
    record Ed() implements SignatureKind {
        @Override
        public SigningOperation start(KmsPrivateKey key, @Nullable AlgorithmParameterSpec parameters)
                throws InvalidKeyException, InvalidAlgorithmParameterException {
            if (parameters != null
                    && !(parameters instanceof EdDSAParameterSpec ed
                            && !ed.isPrehash()
                            && ed.getContext().isEmpty())) {
                throw new InvalidAlgorithmParameterException(
                        "a key service signs with pure Ed25519 without context only");
            }
            return new MessageSigning(key, service(key, SigningAlgorithm.ED25519_SHA_512));
        }
    }

    /** ML-DSA with an empty context; {@code spec} is the parameter set in the name, or null for any. */
    record MlDsa(@Nullable String spec) implements SignatureKind {
        @Override
        public SigningOperation start(KmsPrivateKey key, @Nullable AlgorithmParameterSpec parameters)
                throws InvalidKeyException, InvalidAlgorithmParameterException {
            if (parameters != null) {
                throw noParameters("ML-DSA");
            }
            if (spec != null && !key.spec().name().equals(spec)) {
                throw new InvalidKeyException("the key " + key.id() + " is " + key.spec() + ", not " + spec);
            }
            return new MlDsaSigning(key, service(key, SigningAlgorithm.ML_DSA_SHAKE_256));
        }
    }
}
