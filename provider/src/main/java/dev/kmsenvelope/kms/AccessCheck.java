package dev.kmsenvelope.kms;

import java.util.Map;

/** A {@link KeyService} that can tell what the present identity may do with a key, by trying. Thread-safe. */
public interface AccessCheck {

    /** What can be asked of a key, named as AWS KMS names it. */
    enum Operation {
        /** Looking it up. */
        DESCRIBE_KEY,
        /** Making data keys. */
        GENERATE_DATA_KEY,
        /** Encrypting a few bytes. */
        ENCRYPT,
        /** Decrypting. */
        DECRYPT,
        /** Moving what was encrypted under it to itself. */
        RE_ENCRYPT,
        /** Reading its public half. */
        GET_PUBLIC_KEY,
        /** Signing. */
        SIGN,
        /** Computing a message authentication code. */
        GENERATE_MAC,
        /** Deriving a shared secret. */
        DERIVE_SHARED_SECRET
    }

    /**
     * What came of trying.
     *
     * @param allowed whether it would work now
     * @param reason why not, in the words of an exception's text; empty if it would
     */
    record Outcome(boolean allowed, String reason) {}

    /**
     * Tries everything that a key of that kind and usage is for. Nothing is changed by it; where the service has a dry run,
     * nothing is done either.
     *
     * @param key the key, as {@link KeyDirectory#describe} gave it
     * @return the outcomes, in the order of {@link Operation}
     */
    Map<Operation, Outcome> check(KeyDescription key);
}
