package dev.kmsenvelope.crypto;

import org.bouncycastle.crypto.Digest;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.digests.SHA384Digest;
import org.bouncycastle.crypto.digests.SHA512Digest;
import org.bouncycastle.crypto.generators.HKDFBytesGenerator;
import org.bouncycastle.crypto.params.HKDFParameters;

/** HKDF (RFC 5869), done by BouncyCastle, in its two steps, so that one extraction can serve several expansions. Thread-safe. */
public enum Hkdf {
    /** With HMAC-SHA256. */
    SHA256(32),
    /** With HMAC-SHA384. */
    SHA384(48),
    /** With HMAC-SHA512. */
    SHA512(64);

    private final int hashLength;

    Hkdf(int hashLength) {
        this.hashLength = hashLength;
    }

    /**
     * How long a hash, and so a pseudorandom key, is.
     *
     * @return the length in bytes
     */
    public int hashLength() {
        return hashLength;
    }

    /**
     * HKDF-Extract.
     *
     * @param salt any length; empty counts as a hash length of zeros
     * @param inputKey the input keying material; not modified
     * @return the pseudorandom key, which the caller wipes
     */
    public byte[] extract(byte[] salt, byte[] inputKey) {
        return new HKDFBytesGenerator(newDigest()).extractPRK(salt, inputKey);
    }

    /**
     * HKDF-Expand.
     *
     * @param pseudorandomKey what {@link #extract} gave; not modified
     * @param info context of the derived key
     * @param length 1 to 255 times {@link #hashLength()} bytes
     * @return the derived key, which the caller wipes
     * @throws IllegalArgumentException if the length is out of range
     */
    public byte[] expand(byte[] pseudorandomKey, byte[] info, int length) {
        if (length < 1 || length > 255 * hashLength) {
            throw new IllegalArgumentException("HKDF gives 1 to " + 255 * hashLength + " bytes, not " + length);
        }
        HKDFBytesGenerator generator = new HKDFBytesGenerator(newDigest());
        generator.init(HKDFParameters.skipExtractParameters(pseudorandomKey, info));
        byte[] out = new byte[length];
        generator.generateBytes(out, 0, length);
        return out;
    }

    private Digest newDigest() {
        return switch (this) {
            case SHA256 -> new SHA256Digest();
            case SHA384 -> new SHA384Digest();
            case SHA512 -> new SHA512Digest();
        };
    }
}
