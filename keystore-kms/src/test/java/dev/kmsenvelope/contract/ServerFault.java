package dev.kmsenvelope.contract;

/** What a server that is not AWS gets wrong, so that a backend that talks to it cannot keep the contract there. */
enum ServerFault {
    /** Keys that are disabled or pending deletion are used all the same. */
    IGNORES_STATES,
    /** The context {@code {a:bc}} is the same as {@code {ab:c}}. */
    JOINS_CONTEXTS,
    /** Decrypting with another key is denied, not refused as the wrong key. */
    DENIES_WRONG_KEYS,
    /** Keys do what keys of their kind or usage cannot, or it is refused as a request that is wrong. */
    IGNORES_KINDS,
    /** The rotation period is always a year. */
    FORGETS_ROTATION_PERIODS,
    /** RSA ciphertexts are none, and RSASSA-PSS has another salt. */
    HAS_OTHER_RSA,
    /** DeriveSharedSecret does not exist, and GenerateDataKeyPair fails. */
    LACKS_OPERATIONS,
    /** A dry run is done, or refused for another reason. */
    LACKS_DRY_RUNS
}
