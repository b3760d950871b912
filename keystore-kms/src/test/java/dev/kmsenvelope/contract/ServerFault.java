package dev.kmsenvelope.contract;

/** What a server that is not AWS gets wrong, so that a backend that talks to it cannot keep the contract there. */
enum ServerFault {
    /** Keys that are disabled or pending deletion are used all the same. */
    IGNORES_STATES,
    /** The context {@code {a:bc}} is the same as {@code {ab:c}}. */
    JOINS_CONTEXTS,
    /** Decrypting with another key is denied, not refused as the wrong key. */
    DENIES_WRONG_KEYS
}
