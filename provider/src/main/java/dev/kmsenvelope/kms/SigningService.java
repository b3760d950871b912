package dev.kmsenvelope.kms;

/** A {@link KeyService} that signs. Thread-safe. */
public interface SigningService {

    /** The most bytes of a message that is not given as a digest, as in AWS KMS. */
    int MAX_RAW_MESSAGE = 4096;

    /** What the bytes that are to be signed are. */
    enum MessageType {
        /** The message, 1 to {@link #MAX_RAW_MESSAGE} bytes. */
        RAW,
        /** Its digest by the hash of the algorithm; not for Ed25519 and ML-DSA. */
        DIGEST,
        /** The 64-byte message representative mu of FIPS 204; for ML-DSA only. */
        EXTERNAL_MU
    }

    /**
     * Signs.
     *
     * @param key an alias, key id or ARN of a key for {@link KeyUsage#SIGN_VERIFY}
     * @param algorithm one that {@linkplain SigningAlgorithm#fits fits} the key
     * @param type what {@code message} is
     * @param message the bytes to sign
     * @return the signature: for ECDSA the DER encoding of ECDSA-Sig-Value (RFC 3279, section 2.2.3), otherwise as the
     *     algorithm's specification encodes it
     * @throws IllegalArgumentException if the message has a length that its type does not allow
     * @throws InvalidKeyUsageException if the key is of another kind or usage
     */
    byte[] sign(KeyId key, SigningAlgorithm algorithm, MessageType type, byte[] message);
}
