package dev.kmsenvelope.provider;

/** The message formats of envelope encryption. */
public enum EnvelopeFormat {
    /** AWS Encryption SDK messages: transformation {@code Envelope/ESDK/NoPadding}. */
    ESDK
}
