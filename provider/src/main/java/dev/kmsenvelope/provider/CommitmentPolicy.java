package dev.kmsenvelope.provider;

import dev.kmsenvelope.engine.Commitment;

/**
 * Which AWS Encryption SDK messages are written and read, by whether they commit to their key, so that they open to one
 * plaintext only. Those of suites 0478 and 0578 do; all others, which are of message version 1, do not.
 */
public enum CommitmentPolicy {
    /** Only such messages are written and read: the default. */
    REQUIRE_ENCRYPT_REQUIRE_DECRYPT(Commitment.REQUIRE_ENCRYPT_REQUIRE_DECRYPT),
    /** Only such messages are written; all are read. */
    REQUIRE_ENCRYPT_ALLOW_DECRYPT(Commitment.REQUIRE_ENCRYPT_ALLOW_DECRYPT),
    /** Only others are written, for readers that know no other ones; all are read. */
    FORBID_ENCRYPT_ALLOW_DECRYPT(Commitment.FORBID_ENCRYPT_ALLOW_DECRYPT);

    private final Commitment commitment;

    CommitmentPolicy(Commitment commitment) {
        this.commitment = commitment;
    }

    Commitment commitment() {
        return commitment;
    }
}
