package dev.kmsenvelope.dek;

/** What the data keys of a cache are for. Those of the two kinds are kept apart and have limits of their own (RULES 13). */
public enum CacheOperation {
    /** To write messages: the service generates them. */
    ENCRYPT,
    /** To read messages: the service decrypts them. */
    DECRYPT
}
