package dev.kmsenvelope.engine;

import dev.kmsenvelope.format.AlgorithmSuite;

/**
 * How messages are signed: ECDSA (FIPS 186-5) over header and body, with a key pair of the message's own, whose public key
 * stands in the encryption context under {@link #PUBLIC_KEY} as base64 of a compressed point (SEC 1).
 */
enum FooterAlgorithm {
    /** On P-256 with SHA-256. */
    P256("secp256r1", "SHA256withECDSA", 256),
    /** On P-384 with SHA-384. */
    P384("secp384r1", "SHA384withECDSA", 384);

    static final String PUBLIC_KEY = "aws-crypto-public-key";

    /** Named, so that no other provider of the process, ours among them, is asked. */
    static final String PROVIDER = "SunEC";

    private final String curve;
    private final String signature;
    private final int bits;

    FooterAlgorithm(String curve, String signature, int bits) {
        this.curve = curve;
        this.signature = signature;
        this.bits = bits;
    }

    /** That of a signed suite. */
    static FooterAlgorithm of(AlgorithmSuite suite) {
        if (!suite.isSigned()) {
            throw new IllegalArgumentException("messages of suite " + suite.hexId() + " are not signed");
        }
        return suite == AlgorithmSuite.AES_128_GCM_HKDF_SHA256_ECDSA_P256 ? P256 : P384;
    }

    String curve() {
        return curve;
    }

    String signature() {
        return signature;
    }

    /** How long a coordinate of a point is, in bytes. */
    int coordinateLength() {
        return bits / Byte.SIZE;
    }

    /** The longest signature in DER: a sequence of two integers, each with a zero byte in front. */
    int maxLength() {
        return 2 + 2 * (2 + 1 + coordinateLength());
    }
}
