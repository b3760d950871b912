package dev.kmsenvelope.provider;

import dev.kmsenvelope.crypto.RandomSource;
import dev.kmsenvelope.engine.EngineSettings;
import dev.kmsenvelope.engine.MessageDecryptor;
import dev.kmsenvelope.engine.MessageDecryptor.Release;
import dev.kmsenvelope.engine.MessageEncryptor;
import dev.kmsenvelope.engine.MessageId;
import dev.kmsenvelope.engine.Recipient;
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
 * @param release when plaintext is released
 * @param random where message ids and IVs come from
 */
record EnvelopeKind(Release release, RandomSource random) implements KmsCipherSpi.Kind<KmsSecretKey> {

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
        EnvelopeParameterSpec spec = envelopeSpec(parameters);
        EncryptionContext context = contextFor(key, spec);
        byte[] iv = spec.iv().orElse(null);
        return mode == Cipher.ENCRYPT_MODE || mode == Cipher.WRAP_MODE
                ? encrypt(key, context, spec, iv)
                : decrypt(key, context, iv);
    }

    private CipherOperation encrypt(
            KmsSecretKey key, EncryptionContext context, EnvelopeParameterSpec spec, byte @Nullable [] givenIv) {
        EngineSettings configured = key.policy().settings();
        EngineSettings settings = spec.frameLength().isPresent()
                ? configured.withFrameLength(spec.frameLength().getAsInt())
                : configured;
        byte[] messageId = givenIv == null ? MessageId.create(random) : MessageId.create(random, givenIv);
        byte[] iv = givenIv == null ? MessageId.iv(messageId, MessageId.MIN_IV_LENGTH) : givenIv;
        return new EncryptOperation(MessageEncryptor.start(key.dataKeys(), key.id(), context, messageId, settings), iv);
    }

    private CipherOperation decrypt(KmsSecretKey key, EncryptionContext context, byte @Nullable [] iv) {
        Recipient recipient = key.recipient(context);
        return new DecryptOperation(
                () -> new MessageDecryptor(recipient, key.policy().settings(), release, iv), iv);
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
        if (!(parameters instanceof GCMParameterSpec gcm)) {
            throw new InvalidAlgorithmParameterException(
                    "the parameters must be a GCMParameterSpec or an EnvelopeParameterSpec");
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
            return parameters.getParameterSpec(GCMParameterSpec.class);
        } catch (InvalidParameterSpecException e) {
            throw new InvalidAlgorithmParameterException("the parameters must be those of GCM", e);
        }
    }
}
