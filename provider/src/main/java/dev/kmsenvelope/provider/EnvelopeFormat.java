package dev.kmsenvelope.provider;

/** The message formats of envelope encryption. */
public enum EnvelopeFormat {
    /** AWS Encryption SDK messages: transformation {@code Envelope/ESDK/NoPadding}. */
    ESDK,
    /**
     * What Tink's {@code KmsEnvelopeAead} writes with AES-GCM data keys, and its AES-GCM-HKDF streams: transformation {@code
     * Envelope/TINK/NoPadding}. They do not commit to their key.
     */
    TINK,
    /**
     * Dual-layer messages, an AWS Encryption SDK message inside another, with two data keys, two keys of a key service and
     * two implementations of the cryptography: transformation {@code Envelope/DUAL/NoPadding}. Where the outer layer's key
     * comes from, {@link KmsSecretKey#withOuterKey} says.
     */
    DUAL,
    /**
     * Bodies of objects of the Amazon S3 Encryption Client, which go with {@link S3EncryptionMetadata}: transformation {@code
     * Envelope/S3EC/NoPadding}.
     */
    S3EC
}
