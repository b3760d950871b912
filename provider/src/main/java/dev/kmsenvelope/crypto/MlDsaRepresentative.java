package dev.kmsenvelope.crypto;

import org.bouncycastle.crypto.digests.SHAKEDigest;

/**
 * The message representative mu of ML-DSA (FIPS 204, algorithm 7, line 6, with the message M' of algorithm 2 for an empty
 * context): SHAKE256(SHAKE256(public key, 64) || 0 || 0 || message, 64). Whoever holds the private key can sign it in place of
 * the message. Not thread-safe.
 */
public final class MlDsaRepresentative {

    /** The length of a representative in bytes. */
    public static final int LENGTH = 64;

    private static final int SECURITY_BITS = 256;

    private final SHAKEDigest shake = new SHAKEDigest(SECURITY_BITS);

    /**
     * Starts one.
     *
     * @param publicKey the public key as FIPS 204 encodes it, without SubjectPublicKeyInfo around it
     */
    public MlDsaRepresentative(byte[] publicKey) {
        byte[] publicKeyHash = new byte[LENGTH];
        shake.update(publicKey, 0, publicKey.length);
        shake.doFinal(publicKeyHash, 0, LENGTH);
        shake.update(publicKeyHash, 0, LENGTH);
        shake.update((byte) 0); // the pure variant, not that of a pre-hashed message
        shake.update((byte) 0); // the length of the context
    }

    /**
     * Takes a part of the message.
     *
     * @param in where it is
     * @param offset where it starts
     * @param length how many bytes it has
     */
    public void update(byte[] in, int offset, int length) {
        shake.update(in, offset, length);
    }

    /**
     * Ends the message. Nothing can be done with this afterwards.
     *
     * @return 64 bytes
     */
    public byte[] finish() {
        byte[] mu = new byte[LENGTH];
        shake.doFinal(mu, 0, LENGTH);
        return mu;
    }
}
