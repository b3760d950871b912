package dev.kmsenvelope.provider;

import dev.kmsenvelope.crypto.RandomSource;
import dev.kmsenvelope.engine.MessageDecryptor.Release;
import dev.kmsenvelope.engine.MessageReader;
import dev.kmsenvelope.engine.RandomAccessMessage;
import dev.kmsenvelope.format.InvalidMessageException;
import dev.kmsenvelope.format.InvalidMessageException.Reason;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.s3.ContentAlgorithm;
import dev.kmsenvelope.s3.ContentMetadata;
import dev.kmsenvelope.s3.ObjectReader;
import dev.kmsenvelope.s3.ObjectWriter;
import dev.kmsenvelope.s3.S3Settings;
import java.nio.channels.SeekableByteChannel;
import java.security.InvalidAlgorithmParameterException;

/**
 * Objects of the Amazon S3 Encryption Client. What the metadata of one says comes from, and goes to, {@link
 * S3EncryptionMetadata}; the message is the body.
 *
 * @param random where message ids and IVs come from
 */
record S3Codec(RandomSource random) implements EnvelopeCodec {

    @Override
    public boolean hasMetadata() {
        return true;
    }

    @Override
    public BegunMessage write(KmsSecretKey key, EnvelopeParameterSpec spec, EncryptionContext context)
            throws InvalidAlgorithmParameterException {
        refuse(spec.iv().isPresent(), "has an IV or message id of its own choice, and takes none");
        refuse(spec.frameLength().isPresent(), "has no frames");
        refuse(spec.suite().isPresent(), "has no suite");
        EsdkParameters.requireNoRequiredContext(EnvelopeFormat.S3EC, key, spec);
        refuse(spec.s3Metadata().isPresent(), "makes its metadata itself when encrypting");
        refuse(
                context.containsName(ContentMetadata.ALGORITHM_PAIR),
                "puts " + ContentMetadata.ALGORITHM_PAIR + " into the encryption context itself");
        KmsSecretKey writing = key.seenThrough(S3RawKeys::of);
        refuse(writing.encryptionKeys().size() > 1, "has one encrypted data key, so it cannot be for several keys");
        refuse(
                !context.isEmpty() && S3RawKeys.isView(writing.service()),
                "binds no encryption context under a key that is at hand");
        ContentAlgorithm algorithm = settings(key, spec).commitment().writesCommitting()
                ? ContentAlgorithm.COMMITTING
                : ContentAlgorithm.GCM;
        ObjectWriter writer = ObjectWriter.start(
                new ObjectWriter.Keys(writing.dataKeys(), writing.service(), writing.id()),
                context,
                algorithm,
                key.policy().settings().gcm(),
                random);
        return new BegunMessage(
                writer,
                ArrayOperation.shortIv(writer.metadata().nonce()),
                S3EncryptionMetadata.of(writer.metadata().toPairs()));
    }

    @Override
    public MessageReader read(KmsSecretKey key, EnvelopeParameterSpec spec, EncryptionContext context, Release release)
            throws InvalidAlgorithmParameterException {
        refuse(spec.iv().isPresent(), "has its IV or message id in its metadata, and takes no other");
        refuse(spec.suite().isPresent(), "has no suite");
        EsdkParameters.requireNoRequiredContext(EnvelopeFormat.S3EC, key, spec);
        S3EncryptionMetadata metadata = spec.s3Metadata()
                .orElseThrow(() -> new InvalidAlgorithmParameterException(
                        "an object of the Amazon S3 Encryption Client is decrypted with S3EncryptionMetadata"));
        return new ObjectReader(
                metadata.asMap(),
                key.seenThrough(S3RawKeys::of).recipient(context),
                settings(key, spec),
                key.policy().settings());
    }

    @Override
    public RandomAccessMessage open(
            KmsSecretKey key,
            EnvelopeParameterSpec spec,
            EncryptionContext context,
            byte[] aad,
            SeekableByteChannel message)
            throws InvalidMessageException {
        throw new InvalidMessageException(
                Reason.NOT_ALLOWED,
                "an object of the Amazon S3 Encryption Client has one tag, so no part of it can be verified for itself");
    }

    /** The caller's policy, else the configured one. */
    private static S3Settings settings(KmsSecretKey key, EnvelopeParameterSpec spec) {
        S3Settings configured = key.policy().s3();
        return spec.commitmentPolicy()
                .map(policy -> configured.withCommitment(policy.commitment()))
                .orElse(configured);
    }

    private static void refuse(boolean wrong, String because) throws InvalidAlgorithmParameterException {
        if (wrong) {
            throw new InvalidAlgorithmParameterException("an object of the Amazon S3 Encryption Client " + because);
        }
    }
}
