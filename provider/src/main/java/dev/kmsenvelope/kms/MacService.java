package dev.kmsenvelope.kms;

/** A {@link KeyService} that computes message authentication codes. Thread-safe. */
public interface MacService {

    /** The most bytes of a message, as in AWS KMS. */
    int MAX_MAC_MESSAGE = 4096;

    /** The algorithms; each goes with the {@link KeySpec} of the same number. */
    enum MacAlgorithm {
        /** HMAC (RFC 2104) with SHA-224, for {@link KeySpec#HMAC_224}. */
        HMAC_SHA_224,
        /** HMAC with SHA-256, for {@link KeySpec#HMAC_256}. */
        HMAC_SHA_256,
        /** HMAC with SHA-384, for {@link KeySpec#HMAC_384}. */
        HMAC_SHA_384,
        /** HMAC with SHA-512, for {@link KeySpec#HMAC_512}. */
        HMAC_SHA_512;

        /**
         * Tells whether keys of a kind compute this.
         *
         * @param spec the kind of a key
         * @return true if they do
         */
        public boolean fits(KeySpec spec) {
            return switch (this) {
                case HMAC_SHA_224 -> spec == KeySpec.HMAC_224;
                case HMAC_SHA_256 -> spec == KeySpec.HMAC_256;
                case HMAC_SHA_384 -> spec == KeySpec.HMAC_384;
                case HMAC_SHA_512 -> spec == KeySpec.HMAC_512;
            };
        }
    }

    /**
     * Computes a code.
     *
     * @param key an alias, key id or ARN of a key for {@link KeyUsage#GENERATE_VERIFY_MAC}
     * @param algorithm the one that {@linkplain MacAlgorithm#fits fits} the key
     * @param message 1 to {@link #MAX_MAC_MESSAGE} bytes
     * @return the code, of the length of the hash
     * @throws IllegalArgumentException if the length of the message is out of range
     * @throws InvalidKeyUsageException if the key is of another kind or usage
     */
    byte[] generateMac(KeyId key, MacAlgorithm algorithm, byte[] message);
}
