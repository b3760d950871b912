package dev.kmsenvelope.provider;

import dev.kmsenvelope.engine.MessageDecryptor.Release;
import dev.kmsenvelope.kms.EncryptionContext;
import java.security.AlgorithmParameters;
import java.security.InvalidAlgorithmParameterException;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.InvalidParameterSpecException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import org.jspecify.annotations.Nullable;

/**
 * Envelope encryption: {@code AES/GCM/NoPadding} under a handle, and the explicit name {@code Envelope}. They differ in when
 * a decrypting cipher releases plaintext (RULES 6).
 *
 * @param codec the format of the messages
 * @param release when plaintext is released
 */
record EnvelopeKind(EnvelopeCodec codec, Release release) implements KmsCipherSpi.Kind<KmsSecretKey> {

    private static final int TAG_BITS = 128;
    private static final EnvelopeParameterSpec NO_PARAMETERS =
            EnvelopeParameterSpec.builder().build();

    @Override
    public Class<KmsSecretKey> keyType() {
        return KmsSecretKey.class;
    }

    @Override
    public CipherOperation start(int mode, KmsSecretKey key, @Nullable AlgorithmParameterSpec parameters)
            throws InvalidAlgorithmParameterException {
        EnvelopeCodec chosen = parameters == null || isCommon(parameters) ? codec : codec.with(parameters);
        EnvelopeParameterSpec spec =
                parameters == null || isCommon(parameters) ? envelopeSpec(parameters) : NO_PARAMETERS;
        EncryptionContext context = contextFor(key, spec);
        if (mode == Cipher.ENCRYPT_MODE || mode == Cipher.WRAP_MODE) {
            BegunMessage message = chosen.write(key, spec, context);
            return new EncryptOperation(message.writer(), message.iv(), parameters(message.metadata()));
        }
        return new DecryptOperation(
                () -> chosen.read(key, spec, context, release),
                spec.iv().orElse(null),
                parameters(spec.s3Metadata().orElse(null)));
    }

    private static boolean isCommon(AlgorithmParameterSpec parameters) {
        return parameters instanceof GCMParameterSpec
                || parameters instanceof S3EncryptionMetadata
                || parameters instanceof EnvelopeParameterSpec;
    }

    private static @Nullable AlgorithmParameters parameters(@Nullable S3EncryptionMetadata metadata) {
        return metadata == null ? null : S3Parameters.of(metadata);
    }

    static EncryptionContext contextFor(KmsSecretKey key, EnvelopeParameterSpec spec)
            throws InvalidAlgorithmParameterException {
        try {
            return key.policy().context().plus(spec.context());
        } catch (IllegalArgumentException e) {
            throw new InvalidAlgorithmParameterException(
                    "the encryption context contradicts the configured one: " + e.getMessage(), e);
        }
    }

    private static EnvelopeParameterSpec envelopeSpec(@Nullable AlgorithmParameterSpec parameters)
            throws InvalidAlgorithmParameterException {
        if (parameters == null) {
            return NO_PARAMETERS;
        }
        if (parameters instanceof EnvelopeParameterSpec envelope) {
            return envelope;
        }
        if (parameters instanceof S3EncryptionMetadata metadata) {
            return EnvelopeParameterSpec.builder().s3Metadata(metadata).build();
        }
        if (!(parameters instanceof GCMParameterSpec gcm)) {
            throw new IllegalStateException("parameters of a single format are for its codec");
        }
        if (gcm.getTLen() != TAG_BITS) {
            throw new InvalidAlgorithmParameterException("a tag has 128 bits, not " + gcm.getTLen());
        }
        try {
            return EnvelopeParameterSpec.builder().iv(gcm.getIV()).build();
        } catch (IllegalArgumentException e) {
            throw new InvalidAlgorithmParameterException(e.getMessage(), e);
        }
    }

    @Override
    public AlgorithmParameterSpec specOf(AlgorithmParameters parameters) throws InvalidAlgorithmParameterException {
        try {
            if (parameters.getAlgorithm().equalsIgnoreCase(S3Parameters.NAME)) {
                return parameters.getParameterSpec(S3EncryptionMetadata.class);
            }
            return parameters.getParameterSpec(GCMParameterSpec.class);
        } catch (InvalidParameterSpecException e) {
            throw new InvalidAlgorithmParameterException("the parameters must be those of GCM", e);
        }
    }
}
