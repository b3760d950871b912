package dev.kmsenvelope.engine;

import dev.kmsenvelope.format.AlgorithmSuite;

/** Which algorithm suites are written and read, by whether their messages commit to their key (RULES 8). */
public enum Commitment {
    /** Only such messages are written and read. */
    REQUIRE_ENCRYPT_REQUIRE_DECRYPT,
    /** Only such messages are written; all are read. */
    REQUIRE_ENCRYPT_ALLOW_DECRYPT,
    /** Only others are written; all are read. */
    FORBID_ENCRYPT_ALLOW_DECRYPT;

    /**
     * Whether messages of a suite may be written.
     *
     * @param suite theirs
     * @return whether they may
     */
    public boolean allowsWriting(AlgorithmSuite suite) {
        return suite.isCommitting() != (this == FORBID_ENCRYPT_ALLOW_DECRYPT);
    }

    /**
     * Whether messages of a suite may be read.
     *
     * @param suite theirs
     * @return whether they may
     */
    public boolean allowsReading(AlgorithmSuite suite) {
        return suite.isCommitting() || this != REQUIRE_ENCRYPT_REQUIRE_DECRYPT;
    }

    /**
     * The suite of messages where none is set: of those that may be written, the longest key, derived, and no signature.
     *
     * @return 0478 or 0178
     */
    public AlgorithmSuite defaultSuite() {
        return this == FORBID_ENCRYPT_ALLOW_DECRYPT
                ? AlgorithmSuite.AES_256_GCM_HKDF_SHA256
                : AlgorithmSuite.AES_256_GCM_HKDF_SHA512_COMMIT_KEY;
    }

    /** As the setting has it, such as {@code require-encrypt-allow-decrypt}. */
    String settingValue() {
        return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
    }
}
