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

    /** Whether something would work now. */
    enum Verdict {
        /** It would. */
        ALLOWED,
        /** The service, or the state of the key, refuses it. */
        REFUSED,
        /** The service did not answer, or not in a way that tells. */
        UNKNOWN
    }

    /**
     * What came of trying.
     *
     * @param verdict whether it would work now
     * @param reason why not, or why that is not known, in the words of an exception's text; empty if it would
     */
    record Outcome(Verdict verdict, String reason) {

        private static final Outcome SUCCESS = new Outcome(Verdict.ALLOWED, "");

        /**
         * It works.
         *
         * @return the outcome
         */
        public static Outcome success() {
            return SUCCESS;
        }

        /**
         * It failed. An outage refuses nothing, and bytes that do not decrypt tell nothing about who may decrypt.
         *
         * @param failure what the service said
         * @return the outcome
         */
        public static Outcome of(KmsException failure) {
            boolean unknown = failure.isRetryable() || failure instanceof InvalidCiphertextException;
            return new Outcome(unknown ? Verdict.UNKNOWN : Verdict.REFUSED, String.valueOf(failure.getMessage()));
        }

        /**
         * Tells whether it would work.
         *
         * @return true for {@link Verdict#ALLOWED}
         */
        public boolean allowed() {
            return verdict == Verdict.ALLOWED;
        }
    }

    /**
     * Tries everything that a key of that kind and usage is for. Nothing is changed by it; where the service has a dry run,
     * nothing is done either.
     *
     * @param key the key, as {@link KeyDirectory#describe} gave it
     * @return the outcomes, in the order of {@link Operation}
     */
    Map<Operation, Outcome> check(KeyDescription key);
}
