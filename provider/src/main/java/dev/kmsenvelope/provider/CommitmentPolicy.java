package dev.kmsenvelope.provider;

import dev.kmsenvelope.engine.Commitment;

/**
 * Which messages are written and read, by whether they commit to their key, so that they open to one plaintext only. Of those of
 * the AWS Encryption SDK, suites 0478 and 0578 do; all others, which are of message version 1, do not. Of objects of the
 * Amazon S3 Encryption Client, version 3 does; version 2 does not.
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
