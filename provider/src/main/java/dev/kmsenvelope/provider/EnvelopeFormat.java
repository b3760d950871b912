package dev.kmsenvelope.provider;

/** The message formats of envelope encryption. */
public enum EnvelopeFormat {
    /** AWS Encryption SDK messages: transformation {@code Envelope/ESDK/NoPadding}. */
    ESDK,
    /**
     * Bodies of objects of the Amazon S3 Encryption Client, which go with {@link S3EncryptionMetadata}: transformation {@code
     * Envelope/S3EC/NoPadding}.
     */
    S3EC
}
