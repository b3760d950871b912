package dev.kmsenvelope.kms;

/** The signature algorithms of the port, named as AWS KMS names them. */
public enum SigningAlgorithm {
    /** RSASSA-PSS (RFC 8017, section 8.1) with SHA-256, MGF1 over the same hash, and a salt of 32 bytes. */
    RSASSA_PSS_SHA_256,
    /** RSASSA-PSS with SHA-384, MGF1 over the same hash, and a salt of 48 bytes. */
    RSASSA_PSS_SHA_384,
    /** RSASSA-PSS with SHA-512, MGF1 over the same hash, and a salt of 64 bytes. */
    RSASSA_PSS_SHA_512,
    /** RSASSA-PKCS1-v1_5 (RFC 8017, section 8.2) with SHA-256. */
    RSASSA_PKCS1_V1_5_SHA_256,
    /** RSASSA-PKCS1-v1_5 with SHA-384. */
    RSASSA_PKCS1_V1_5_SHA_384,
    /** RSASSA-PKCS1-v1_5 with SHA-512. */
    RSASSA_PKCS1_V1_5_SHA_512,
    /** ECDSA (FIPS 186-5) with SHA-256, on P-256 and secp256k1. */
    ECDSA_SHA_256,
    /** ECDSA with SHA-384, on P-384. */
    ECDSA_SHA_384,
    /** ECDSA with SHA-512, on P-521. */
    ECDSA_SHA_512,
    /** Ed25519 (RFC 8032), the pure variant: takes the message, never a digest. */
    ED25519_SHA_512,
    /** ML-DSA (FIPS 204), with an empty context: takes the message, or its representative mu. */
    ML_DSA_SHAKE_256;

    /**
     * Tells whether keys of a kind sign with this.
     *
     * @param spec the kind of a key for {@link KeyUsage#SIGN_VERIFY}
     * @return true if they do
     */
    public boolean fits(KeySpec spec) {
        return switch (this) {
            case RSASSA_PSS_SHA_256,
                    RSASSA_PSS_SHA_384,
                    RSASSA_PSS_SHA_512,
                    RSASSA_PKCS1_V1_5_SHA_256,
                    RSASSA_PKCS1_V1_5_SHA_384,
                    RSASSA_PKCS1_V1_5_SHA_512 -> spec.isRsa();
            case ECDSA_SHA_256 -> spec == KeySpec.ECC_NIST_P256 || spec == KeySpec.ECC_SECG_P256K1;
            case ECDSA_SHA_384 -> spec == KeySpec.ECC_NIST_P384;
            case ECDSA_SHA_512 -> spec == KeySpec.ECC_NIST_P521;
            case ED25519_SHA_512 -> spec == KeySpec.ECC_NIST_EDWARDS25519;
            case ML_DSA_SHAKE_256 -> spec.isMlDsa();
        };
    }
}
