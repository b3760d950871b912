package dev.kmsenvelope.provider;

import dev.kmsenvelope.kms.SigningAlgorithm;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.Locale;

/** The hashes of the signature algorithms that take a digest. */
enum Hash {
    SHA256(
            "SHA-256",
            32,
            SigningAlgorithm.RSASSA_PKCS1_V1_5_SHA_256,
            SigningAlgorithm.RSASSA_PSS_SHA_256,
            SigningAlgorithm.ECDSA_SHA_256),
    SHA384(
            "SHA-384",
            48,
            SigningAlgorithm.RSASSA_PKCS1_V1_5_SHA_384,
            SigningAlgorithm.RSASSA_PSS_SHA_384,
            SigningAlgorithm.ECDSA_SHA_384),
    SHA512(
            "SHA-512",
            64,
            SigningAlgorithm.RSASSA_PKCS1_V1_5_SHA_512,
            SigningAlgorithm.RSASSA_PSS_SHA_512,
            SigningAlgorithm.ECDSA_SHA_512);

    private final String algorithm;
    private final int length;
    private final SigningAlgorithm rsa;
    private final SigningAlgorithm pss;
    private final SigningAlgorithm ecdsa;

    Hash(String algorithm, int length, SigningAlgorithm rsa, SigningAlgorithm pss, SigningAlgorithm ecdsa) {
        this.algorithm = algorithm;
        this.length = length;
        this.rsa = rsa;
        this.pss = pss;
        this.ecdsa = ecdsa;
    }

    String algorithm() {
        return algorithm;
    }

    /** In bytes. */
    int length() {
        return length;
    }

    SigningAlgorithm rsa() {
        return rsa;
    }

    SigningAlgorithm pss() {
        return pss;
    }

    SigningAlgorithm ecdsa() {
        return ecdsa;
    }

    /** What key services do under this hash. */
    PSSParameterSpec pssParameters() {
        return new PSSParameterSpec(
                algorithm, "MGF1", new MGF1ParameterSpec(algorithm), length, PSSParameterSpec.TRAILER_FIELD_BC);
    }

    boolean isPss(PSSParameterSpec spec) {
        return isHashOf(spec)
                && spec.getSaltLength() == length
                && spec.getTrailerField() == PSSParameterSpec.TRAILER_FIELD_BC;
    }

    /** Whether this is the hash of the message and of MGF1. */
    boolean isHashOf(PSSParameterSpec spec) {
        return same(spec.getDigestAlgorithm(), algorithm)
                && spec.getMGFAlgorithm().equalsIgnoreCase("MGF1")
                && spec.getMGFParameters() instanceof MGF1ParameterSpec mgf
                && same(mgf.getDigestAlgorithm(), algorithm);
    }

    /** Whether two names mean the same hash: {@code SHA-256} and {@code sha256} do, and {@code SHA} is SHA-1. */
    static boolean same(String one, String other) {
        return canonical(one).equals(canonical(other));
    }

    private static String canonical(String name) {
        String plain = name.toUpperCase(Locale.ROOT).replace("-", "");
        return plain.equals("SHA") ? "SHA1" : plain;
    }
}
