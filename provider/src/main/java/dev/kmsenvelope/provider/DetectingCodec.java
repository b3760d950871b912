package dev.kmsenvelope.provider;

import dev.kmsenvelope.crypto.RandomSource;
import dev.kmsenvelope.engine.MessageDecryptor.Release;
import dev.kmsenvelope.engine.MessageReader;
import dev.kmsenvelope.engine.RandomAccessMessage;
import dev.kmsenvelope.format.InvalidMessageException;
import dev.kmsenvelope.format.InvalidMessageException.Reason;
import dev.kmsenvelope.kms.EncryptionContext;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.security.InvalidAlgorithmParameterException;
import java.security.spec.AlgorithmParameterSpec;
import org.jspecify.annotations.Nullable;

/**
 * The codec where no format is named. It writes AWS Encryption SDK messages, and reads the formats that the setting {@code
 * decrypt.formats} has, told by their first bytes ({@link FormatDetector}). Where that is the first one alone, as it is by
 * default, nothing is looked at and its own reader reads.
 *
 * <p>The parameters hold for whatever the message turns out to be. What its format has no place for, such as an encryption
 * context and Tink, makes the message one that is refused: it does not have what was asked for (RULES 3). What is for writing
 * only, a frame length and a suite, is left out.
 *
 * @param random where message ids and IVs come from
 * @param tink which kind of message those of Tink are; null for envelope messages with any prefix
 */
record DetectingCodec(RandomSource random, @Nullable TinkParameterSpec tink) implements EnvelopeCodec {

    private static final int PIECE = 4096;

    /** Declared as the interface: the JVM need then not load it to check who calls this. */
    static EnvelopeCodec create() {
        return new DetectingCodec(RandomSource.operatingSystem(), null);
    }

    @Override
    public EnvelopeCodec with(AlgorithmParameterSpec own) throws InvalidAlgorithmParameterException {
        if (own instanceof TinkParameterSpec given) {
            return new DetectingCodec(random, given);
        }
        return EnvelopeCodec.super.with(own);
    }

    @Override
    public BegunMessage write(KmsSecretKey key, EnvelopeParameterSpec spec, EncryptionContext context)
            throws InvalidAlgorithmParameterException {
        if (tink != null) {
            throw new InvalidAlgorithmParameterException(
                    "messages of Tink are written by Envelope/TINK/NoPadding, which a TinkParameterSpec goes with");
        }
        return esdk().write(key, spec, context);
    }

    private EsdkCodec esdk() {
        return new EsdkCodec(random);
    }

    private EnvelopeCodec codec(EnvelopeFormat format) {
        return switch (format) {
            case ESDK -> esdk();
            case TINK -> new TinkCodec(random, tink);
            case DUAL -> new DualCodec(random);
            case S3EC -> throw new IllegalStateException("no bytes tell this format");
        };
    }

    @Override
    public MessageReader read(KmsSecretKey key, EnvelopeParameterSpec spec, EncryptionContext context, Release release)
            throws InvalidAlgorithmParameterException {
        ReadableFormats allowed = allowed(key);
        if (allowed.isEsdkOnly()) {
            return esdk().read(key, spec, context, release);
        }
        EsdkParameters.requireNoMetadata(spec);
        DetectingReader reader = new DetectingReader(
                detector(key, allowed), format -> codec(format).read(key, specFor(format, spec), context, release));
        if (allowed.has(EnvelopeFormat.ESDK)) {
            reader.prepare(EnvelopeFormat.ESDK); // so that what is wrong with parameters is told by init
        } else if (allowed.formats().size() == 1) {
            reader.prepare(allowed.formats().iterator().next());
        }
        return reader;
    }

    private ReadableFormats allowed(KmsSecretKey key) throws InvalidAlgorithmParameterException {
        ReadableFormats allowed = key.policy().readableFormats();
        if (tink != null && !allowed.has(EnvelopeFormat.TINK)) {
            throw new InvalidAlgorithmParameterException("a TinkParameterSpec goes with Envelope/TINK/NoPadding, and"
                    + " with other names where the setting " + ReadableFormats.SETTING + " has tink; it has: "
                    + allowed.labels());
        }
        return allowed;
    }

    private FormatDetector detector(KmsSecretKey key, ReadableFormats allowed) {
        return new FormatDetector(
                allowed,
                tink != null && tink.keyset().isPresent(),
                key.policy().settings().limits());
    }

    private static EnvelopeParameterSpec specFor(EnvelopeFormat format, EnvelopeParameterSpec spec) {
        boolean isForEsdkOnly = spec.frameLength().isPresent() || spec.suite().isPresent();
        if (format == EnvelopeFormat.ESDK || !isForEsdkOnly) {
            return spec;
        }
        EnvelopeParameterSpec.Builder builder = EnvelopeParameterSpec.builder()
                .context(spec.context().asMap())
                .requiredContextNames(spec.requiredContextNames());
        spec.iv().ifPresent(builder::iv);
        spec.commitmentPolicy().ifPresent(builder::commitmentPolicy);
        return builder.build();
    }

    @Override
    public RandomAccessMessage open(
            KmsSecretKey key,
            EnvelopeParameterSpec spec,
            EncryptionContext context,
            byte[] aad,
            SeekableByteChannel message)
            throws InvalidAlgorithmParameterException, InvalidMessageException, IOException {
        ReadableFormats allowed = allowed(key);
        EnvelopeFormat format = allowed.isEsdkOnly() ? EnvelopeFormat.ESDK : detect(detector(key, allowed), message);
        return codec(format).open(key, specFor(format, spec), context, aad, message);
    }

    private static EnvelopeFormat detect(FormatDetector detector, SeekableByteChannel message)
            throws InvalidMessageException, IOException {
        ByteBuffer piece = ByteBuffer.allocate(PIECE);
        message.position(0);
        EnvelopeFormat format = null;
        while (format == null) {
            if (message.read(piece.clear()) < 0) {
                throw truncated(detector);
            }
            detector.feed(piece.array(), 0, piece.position());
            format = detector.format();
        }
        return format;
    }

    /** A message that ends before its format is known. */
    static InvalidMessageException truncated(FormatDetector detector) {
        return new InvalidMessageException(
                Reason.TRUNCATED,
                detector.size() == 0 ? "there is no message: 0 bytes" : "the message ends within its header");
    }
}
