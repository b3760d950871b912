package dev.kmsenvelope.benchmarks.contenders;

/** What is measured. */
public enum Operation {
    /** Plaintext to message. */
    ENCRYPT,
    /** Message to plaintext. */
    DECRYPT
}
