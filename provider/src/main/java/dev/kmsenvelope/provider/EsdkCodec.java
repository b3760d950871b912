package dev.kmsenvelope.provider;

import dev.kmsenvelope.crypto.RandomSource;
import dev.kmsenvelope.engine.EngineSettings;
import dev.kmsenvelope.engine.FrameRanges;
import dev.kmsenvelope.engine.MessageDecryptor;
import dev.kmsenvelope.engine.MessageDecryptor.Release;
import dev.kmsenvelope.engine.MessageEncryptor;
import dev.kmsenvelope.engine.MessageId;
import dev.kmsenvelope.engine.MessageReader;
import dev.kmsenvelope.engine.RandomAccessMessage;
import dev.kmsenvelope.format.InvalidMessageException;
import dev.kmsenvelope.kms.EncryptionContext;
import java.io.IOException;
import java.nio.channels.SeekableByteChannel;

/**
 * AWS Encryption SDK messages. The caller's IV is the end of the message id (RULES 1).
 *
 * @param random where message ids and IVs come from
 */
record EsdkCodec(RandomSource random) implements EnvelopeCodec {

    @Override
    public BegunMessage write(KmsSecretKey key, EnvelopeParameterSpec spec, EncryptionContext context) {
        EngineSettings configured = key.policy().settings();
        EngineSettings settings = spec.frameLength().isPresent()
                ? configured.withFrameLength(spec.frameLength().getAsInt())
                : configured;
        byte[] given = spec.iv().orElse(null);
        byte[] messageId = given == null ? MessageId.create(random) : MessageId.create(random, given);
        byte[] iv = given == null ? MessageId.iv(messageId, MessageId.MIN_IV_LENGTH) : given;
        return new BegunMessage(MessageEncryptor.start(key.dataKeys(), key.id(), context, messageId, settings), iv);
    }

    @Override
    public MessageReader read(
            KmsSecretKey key, EnvelopeParameterSpec spec, EncryptionContext context, Release release) {
        return new MessageDecryptor(
                key.recipient(context),
                key.policy().settings(),
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
            throws InvalidMessageException, IOException {
        return FrameRanges.open(
                message,
                key.recipient(context),
                key.policy().settings(),
                aad,
                spec.iv().orElse(null));
    }
}
