package dev.kmsenvelope.kms;

import java.util.EnumSet;
import java.util.Set;

/** The kinds of key that a service can hold, named as AWS KMS names them. */
public enum KeySpec {
    /** A symmetric 256-bit AES-GCM key that never leaves the service. */
    SYMMETRIC_DEFAULT(KeyUsage.ENCRYPT_DECRYPT),
    /** An RSA key pair with a modulus of 2048 bits. */
    RSA_2048(KeyUsage.ENCRYPT_DECRYPT, KeyUsage.SIGN_VERIFY),
    /** An RSA key pair with a modulus of 3072 bits. */
    RSA_3072(KeyUsage.ENCRYPT_DECRYPT, KeyUsage.SIGN_VERIFY),
    /** An RSA key pair with a modulus of 4096 bits. */
    RSA_4096(KeyUsage.ENCRYPT_DECRYPT, KeyUsage.SIGN_VERIFY),
    /** A key pair on the curve P-256 (secp256r1). */
    ECC_NIST_P256(KeyUsage.SIGN_VERIFY, KeyUsage.KEY_AGREEMENT),
    /** A key pair on the curve P-384 (secp384r1). */
    ECC_NIST_P384(KeyUsage.SIGN_VERIFY, KeyUsage.KEY_AGREEMENT),
    /** A key pair on the curve P-521 (secp521r1). */
    ECC_NIST_P521(KeyUsage.SIGN_VERIFY, KeyUsage.KEY_AGREEMENT),
    /** A key pair on the curve secp256k1. */
    ECC_SECG_P256K1(KeyUsage.SIGN_VERIFY),
    /** An Ed25519 key pair (RFC 8032). */
    ECC_NIST_EDWARDS25519(KeyUsage.SIGN_VERIFY),
    /** An HMAC key of 28 bytes, for HMAC-SHA-224. */
    HMAC_224(KeyUsage.GENERATE_VERIFY_MAC),
    /** An HMAC key of 32 bytes, for HMAC-SHA-256. */
    HMAC_256(KeyUsage.GENERATE_VERIFY_MAC),
    /** An HMAC key of 48 bytes, for HMAC-SHA-384. */
    HMAC_384(KeyUsage.GENERATE_VERIFY_MAC),
    /** An HMAC key of 64 bytes, for HMAC-SHA-512. */
    HMAC_512(KeyUsage.GENERATE_VERIFY_MAC),
    /** An ML-DSA-44 key pair (FIPS 204). */
    ML_DSA_44(KeyUsage.SIGN_VERIFY),
    /** An ML-DSA-65 key pair (FIPS 204). */
    ML_DSA_65(KeyUsage.SIGN_VERIFY),
    /** An ML-DSA-87 key pair (FIPS 204). */
    ML_DSA_87(KeyUsage.SIGN_VERIFY),
    /** A kind that this version of the library does not know: such a key is listed, and cannot be used. */
    OTHER(KeyUsage.OTHER);

    private final KeyUsage defaultUsage;

    @SuppressWarnings("ImmutableEnumChecker") // unmodifiable
    private final Set<KeyUsage> usages;

    KeySpec(KeyUsage defaultUsage, KeyUsage... moreUsages) {
        this.defaultUsage = defaultUsage;
        this.usages = Set.copyOf(EnumSet.of(defaultUsage, moreUsages));
    }

    /**
     * What a key of this kind is for when nothing is said.
     *
     * @return the usage
     */
    public KeyUsage defaultUsage() {
        return defaultUsage;
    }

    /**
     * What a key of this kind can be for; a key has exactly one of these for all its life.
     *
     * @return an unmodifiable set
     */
    public Set<KeyUsage> usages() {
        return usages;
    }

    /**
     * Tells whether a key of this kind has a public half.
     *
     * @return true for RSA, elliptic curves and ML-DSA
     */
    public boolean isAsymmetric() {
        return this != SYMMETRIC_DEFAULT && this != OTHER && defaultUsage != KeyUsage.GENERATE_VERIFY_MAC;
    }

    /**
     * Tells whether this is an RSA key pair.
     *
     * @return true for {@code RSA_*}
     */
    public boolean isRsa() {
        return name().startsWith("RSA_");
    }

    /**
     * Tells whether this is a key pair on a Weierstrass curve, as ECDSA and ECDH use them.
     *
     * @return true for the NIST curves P-256, P-384 and P-521, and for secp256k1
     */
    public boolean isEllipticCurve() {
        return name().startsWith("ECC_") && this != ECC_NIST_EDWARDS25519;
    }

    /**
     * Tells whether this is an ML-DSA key pair.
     *
     * @return true for {@code ML_DSA_*}
     */
    public boolean isMlDsa() {
        return name().startsWith("ML_DSA_");
    }
}
