package dev.kmsenvelope.kms;

/** What a key is for, named as AWS KMS names it. A key has one usage for all its life. */
public enum KeyUsage {
    /** Encrypting and decrypting; for the symmetric kind also data keys. */
    ENCRYPT_DECRYPT,
    /** Signing; whoever has the public key can verify. */
    SIGN_VERIFY,
    /** Message authentication codes. */
    GENERATE_VERIFY_MAC,
    /** Deriving shared secrets (ECDH). */
    KEY_AGREEMENT,
    /** A usage that this version of the library does not know. */
    OTHER
}
