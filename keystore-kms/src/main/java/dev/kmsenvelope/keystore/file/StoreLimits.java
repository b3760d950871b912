package dev.kmsenvelope.keystore.file;

/** How much of everything a keystore file may have: far beyond what is needed, and far below what hurts. */
final class StoreLimits {

    static final int ENTRIES = 10_000;
    static final int VERSIONS = 1_000;
    static final int CHAIN = 32;
    static final int CONTEXT_PAIRS = 64;

    /** Characters of an alias. */
    static final int ALIAS = 256;

    /** Characters of the name of a private key's algorithm. */
    static final int ALGORITHM = 64;

    /** Bytes of an encrypted data key. */
    static final int BLOB = 64 << 10;

    /** Bytes of a certificate. */
    static final int CERTIFICATE = 64 << 10;

    /** Bytes of an encrypted private key. */
    static final int MESSAGE = 1 << 20;

    private StoreLimits() {}

    static <T> T require(boolean condition, T value, String otherwise) {
        if (!condition) {
            throw new IllegalArgumentException(otherwise);
        }
        return value;
    }
}
