package dev.kmsenvelope.telemetry;

/** What a key service was asked to do. */
public enum KmsOperation {
    /** Make a data key. */
    GENERATE_DATA_KEY,
    /** Encrypt a few bytes. */
    ENCRYPT,
    /** Decrypt an encrypted data key. */
    DECRYPT,
    /** Encrypt an encrypted data key again, inside the service. */
    RE_ENCRYPT,
    /** Describe a key. */
    DESCRIBE_KEY,
    /** List the keys. */
    LIST_KEYS,
    /**
     * Find the keys that a name stands for. Services mostly remember that, so only a look-up that fails counts as a call.
     */
    RESOLVE_KEY,
    /** Find out under which version of a key something is encrypted; counts where that takes a request. */
    READ_VERSION,
    /** Give a public key. */
    GET_PUBLIC_KEY,
    /** Decrypt by an RSA key. */
    DECRYPT_RSA,
    /** Sign. */
    SIGN,
    /** Make a message authentication code. */
    GENERATE_MAC,
    /** Agree on a secret. */
    DERIVE_SHARED_SECRET,
    /** Make a key pair to be used outside the service. */
    GENERATE_DATA_KEY_PAIR,
    /** Give random bytes. */
    GENERATE_RANDOM,
    /** Try what an identity may do with a key: one call, whatever the service does for it. */
    CHECK_ACCESS
}
