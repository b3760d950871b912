package dev.kmsenvelope.kms;

/** The kinds of key that a service can hold, named as AWS KMS names them. */
public enum KeySpec {
    /** A symmetric 256-bit AES-GCM key that never leaves the service. */
    SYMMETRIC_DEFAULT
}
