package dev.kmsenvelope.provider;

import dev.kmsenvelope.crypto.RandomSource;
import dev.kmsenvelope.engine.MessageDecryptor.Release;
import dev.kmsenvelope.engine.MessageReader;
import dev.kmsenvelope.engine.RandomAccessMessage;
import dev.kmsenvelope.engine.Recipient;
import dev.kmsenvelope.format.InvalidMessageException;
import dev.kmsenvelope.format.InvalidMessageException.Reason;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.tink.EncryptedKeyset;
import dev.kmsenvelope.tink.SegmentRanges;
import dev.kmsenvelope.tink.TinkDataKeySource;
import dev.kmsenvelope.tink.TinkEnvelopeReader;
import dev.kmsenvelope.tink.TinkEnvelopeWriter;
import dev.kmsenvelope.tink.TinkStreamReader;
import dev.kmsenvelope.tink.TinkStreamWriter;
import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.security.InvalidAlgorithmParameterException;
import java.security.spec.AlgorithmParameterSpec;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Messages of Tink. What they have no place for is refused rather than left out: an encryption context, several recipients, a
 * frame length, and an IV of the caller's, which would be a nonce (RULES 1). To read, an IV of 12 bytes may be asked for:
 * the one that the writer told.
 *
 * @param random where keys, IVs and salts come from
 * @param parameters which kind of message; null for those of {@code KmsEnvelopeAead} without a prefix
 */
record TinkCodec(RandomSource random, @Nullable TinkParameterSpec parameters) implements EnvelopeCodec {

    private static final int IV_LENGTH = 12;

    static TinkCodec of(TinkParameterSpec parameters) {
        return new TinkCodec(RandomSource.operatingSystem(), parameters);
    }

    @Override
    public boolean hasContext() {
        return false;
    }

    @Override
    public EnvelopeCodec with(AlgorithmParameterSpec own) throws InvalidAlgorithmParameterException {
        if (own instanceof TinkParameterSpec given) {
            return new TinkCodec(random, given);
        }
        throw new InvalidAlgorithmParameterException("the parameters must be a TinkParameterSpec");
    }

    private OptionalInt keyId() {
        return parameters == null ? OptionalInt.empty() : parameters.keyId();
    }

    private Optional<EncryptedKeyset> keyset() {
        return parameters == null ? Optional.empty() : parameters.keyset();
    }

    /** Why a handle cannot write; null if it can. */
    static @Nullable String refusal(KmsSecretKey key, EncryptionContext context) {
        if (!context.asMap().isEmpty()) {
            return "messages and keysets of Tink have no encryption context, and one that is left out would protect"
                    + " nothing; give associated data (AAD), and use a handle without key.*.context.*";
        }
        if (key.encryptionKeys().size() > 1) {
            return "messages and keysets of Tink are for one key, and the handle to " + key.id() + " has recipients";
        }
        return null;
    }

    @Override
    public BegunMessage write(KmsSecretKey key, EnvelopeParameterSpec spec, EncryptionContext context)
            throws InvalidAlgorithmParameterException {
        require(refusal(key, context));
        EsdkParameters.requireNone(EnvelopeFormat.TINK, key, spec);
        requireNoFrameLength(spec);
        if (spec.iv().isPresent()) {
            throw new InvalidAlgorithmParameterException(
                    "messages of Tink are encrypted with an IV of their own, which getIV tells; give none");
        }
        if (keyset().isPresent()) {
            TinkStreamWriter writer = TinkStreamWriter.start(
                    recipientToWrite(key), keyset().get(), key.policy().settings(), random);
            return new BegunMessage(writer, writer.iv());
        }
        TinkEnvelopeWriter writer = TinkEnvelopeWriter.start(
                key.dataKeysOf(new TinkDataKeySource(key.service(), random)),
                key.policy().tinkMessages(),
                key.service(),
                key.id(),
                keyId(),
                key.policy().settings(),
                random);
        return new BegunMessage(writer, writer.iv());
    }

    /** Also to write streams, the keyset has to be decrypted. */
    private static Recipient recipientToWrite(KmsSecretKey key) throws InvalidAlgorithmParameterException {
        if (key.policy().usage() == KeyPolicy.Usage.ENCRYPT) {
            throw new InvalidAlgorithmParameterException(
                    "to write, the keyset of Tink has to be decrypted, and the handle to " + key.id()
                            + " may only encrypt");
        }
        return key.recipient(EncryptionContext.empty());
    }

    @Override
    public MessageReader read(KmsSecretKey key, EnvelopeParameterSpec spec, EncryptionContext context, Release release)
            throws InvalidAlgorithmParameterException {
        byte[] iv = ivToRead(key, spec, context);
        Recipient recipient = key.recipient(EncryptionContext.empty());
        return keyset().isPresent()
                ? new TinkStreamReader(recipient, keyset().get(), key.policy().settings(), release, iv)
                : new TinkEnvelopeReader(recipient, key.policy().settings(), keyId(), iv);
    }

    @Override
    public RandomAccessMessage open(
            KmsSecretKey key,
            EnvelopeParameterSpec spec,
            EncryptionContext context,
            byte[] aad,
            SeekableByteChannel message)
            throws InvalidAlgorithmParameterException, InvalidMessageException, IOException {
        byte[] iv = ivToRead(key, spec, context);
        if (keyset().isEmpty()) {
            throw new InvalidMessageException(
                    Reason.NOT_ALLOWED,
                    "an envelope message of Tink has one tag, so no part of it can be verified for itself; a stream is"
                            + " opened with its keyset");
        }
        return SegmentRanges.open(
                message,
                key.recipient(EncryptionContext.empty()),
                keyset().get(),
                key.policy().settings(),
                aad,
                iv);
    }

    /** Refuses to read with what there is no place for. */
    private static byte @Nullable [] ivToRead(KmsSecretKey key, EnvelopeParameterSpec spec, EncryptionContext context)
            throws InvalidAlgorithmParameterException {
        if (!context.asMap().isEmpty()) {
            require(refusal(key, context));
        }
        EsdkParameters.requireNone(EnvelopeFormat.TINK, key, spec);
        requireNoFrameLength(spec);
        byte[] iv = spec.iv().orElse(null);
        if (iv != null && iv.length != IV_LENGTH) {
            throw new InvalidAlgorithmParameterException(
                    "the IV of a message of Tink has " + IV_LENGTH + " bytes, not " + iv.length);
        }
        return iv;
    }

    private static void require(@Nullable String refusal) throws InvalidAlgorithmParameterException {
        if (refusal != null) {
            throw new InvalidAlgorithmParameterException(refusal);
        }
    }

    private static void requireNoFrameLength(EnvelopeParameterSpec spec) throws InvalidAlgorithmParameterException {
        if (spec.frameLength().isPresent()) {
            throw new InvalidAlgorithmParameterException(
                    "messages of Tink have no frame length; that of a stream's segments comes with its keyset");
        }
    }
}
