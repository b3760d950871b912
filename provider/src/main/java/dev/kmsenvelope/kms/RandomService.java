package dev.kmsenvelope.kms;

/** A {@link KeyService} that gives random bytes out of its own source. Thread-safe. */
public interface RandomService {

    /** The most bytes of one call, as in AWS KMS. */
    int MAX_RANDOM = 1024;

    /**
     * Draws random bytes.
     *
     * @param numberOfBytes 1 to {@link #MAX_RANDOM}
     * @return that many bytes
     * @throws IllegalArgumentException if the number is out of range
     */
    byte[] generateRandom(int numberOfBytes);
}
