package dev.kmsenvelope.provider;

import dev.kmsenvelope.crypto.RandomSource;
import dev.kmsenvelope.engine.ContextTooLongException;
import dev.kmsenvelope.engine.EngineSettings;
import dev.kmsenvelope.engine.FrameRanges;
import dev.kmsenvelope.engine.MessageDecryptor;
import dev.kmsenvelope.engine.MessageDecryptor.Release;
import dev.kmsenvelope.engine.MessageEncryptor;
import dev.kmsenvelope.engine.MessageId;
import dev.kmsenvelope.engine.MessageOptions;
import dev.kmsenvelope.engine.MessageReader;
import dev.kmsenvelope.engine.RandomAccessMessage;
import dev.kmsenvelope.format.InvalidMessageException;
import dev.kmsenvelope.kms.EncryptionContext;
import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.security.InvalidAlgorithmParameterException;

/**
 * AWS Encryption SDK messages. In version 2 the caller's IV is the end of the message id (RULES 1); in version 1, whose ids
 * are shorter, there can be none, and what is told as the IV is the end of the random id.
 *
 * @param random where message ids and IVs come from
 */
record EsdkCodec(RandomSource random) implements EnvelopeCodec {

    @Override
    public BegunMessage write(KmsSecretKey key, EnvelopeParameterSpec spec, EncryptionContext context)
            throws InvalidAlgorithmParameterException {
        EngineSettings configured = key.policy().settings();
        EngineSettings settings = spec.frameLength().isPresent()
                ? configured.withFrameLength(spec.frameLength().getAsInt())
                : configured;
        MessageOptions options = EsdkParameters.writing(key, spec, context);
        byte[] given = spec.iv().orElse(null);
        byte[] messageId = given == null ? MessageId.create(random, options.suite()) : MessageId.create(random, given);
        byte[] iv = given == null ? MessageId.iv(messageId, MessageId.MIN_IV_LENGTH) : given;
        return new BegunMessage(start(key, options, messageId, settings), iv);
    }

    private static MessageEncryptor start(
            KmsSecretKey key, MessageOptions options, byte[] messageId, EngineSettings settings)
            throws InvalidAlgorithmParameterException {
        try {
            return MessageEncryptor.start(key.dataKeys(), key.id(), options, messageId, settings);
        } catch (ContextTooLongException e) {
            throw new InvalidAlgorithmParameterException(e.getMessage(), e);
        }
    }

    @Override
    public MessageReader read(KmsSecretKey key, EnvelopeParameterSpec spec, EncryptionContext context, Release release)
            throws InvalidAlgorithmParameterException {
        return new MessageDecryptor(
                key.recipient(context).withNotStored(EsdkParameters.notStored(key, spec, context)),
                EsdkParameters.reading(key, spec),
                release,
                spec.iv().orElse(null));
    }

    @Override
    public RandomAccessMessage open(
            KmsSecretKey key,
            EnvelopeParameterSpec spec,
            EncryptionContext context,
            byte[] aad,
            SeekableByteChannel message)
            throws InvalidAlgorithmParameterException, InvalidMessageException, IOException {
        return FrameRanges.open(
                message,
                key.recipient(context).withNotStored(EsdkParameters.notStored(key, spec, context)),
                EsdkParameters.reading(key, spec),
                aad,
                spec.iv().orElse(null));
    }
}
