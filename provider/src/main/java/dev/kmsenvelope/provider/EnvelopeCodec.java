package dev.kmsenvelope.provider;

import dev.kmsenvelope.crypto.RandomSource;
import dev.kmsenvelope.engine.MessageDecryptor.Release;
import dev.kmsenvelope.engine.MessageReader;
import dev.kmsenvelope.engine.RandomAccessMessage;
import dev.kmsenvelope.format.InvalidMessageException;
import dev.kmsenvelope.kms.EncryptionContext;
import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.security.InvalidAlgorithmParameterException;
import java.security.spec.AlgorithmParameterSpec;

/** How messages of one format are written and read under a handle. Thread-safe. */
interface EnvelopeCodec {

    /** The codec of a format. */
    static EnvelopeCodec of(EnvelopeFormat format) {
        return switch (format) {
            case ESDK -> new EsdkCodec(RandomSource.operatingSystem());
            case TINK -> new TinkCodec(RandomSource.operatingSystem(), null);
            case DUAL -> new DualCodec(RandomSource.operatingSystem());
            case S3EC -> new S3Codec(RandomSource.operatingSystem());
        };
    }

    /** Whether what is written needs metadata beside it to be read. */
    default boolean hasMetadata() {
        return false;
    }

    /** Whether messages have an encryption context. */
    default boolean hasContext() {
        return true;
    }

    /**
     * The codec with parameters that only its format has.
     *
     * @param own neither a {@code GCMParameterSpec} nor an {@link EnvelopeParameterSpec}
     * @return another codec of the same format
     * @throws InvalidAlgorithmParameterException if the format has none of that type
     */
    default EnvelopeCodec with(AlgorithmParameterSpec own) throws InvalidAlgorithmParameterException {
        throw new InvalidAlgorithmParameterException(
                "the parameters must be a GCMParameterSpec or an EnvelopeParameterSpec");
    }

    /**
     * Starts to write a message.
     *
     * @param key may encrypt
     * @param spec the caller's parameters
     * @param context the configured encryption context and the caller's
     * @return what writes it; the caller closes that
     * @throws InvalidAlgorithmParameterException if the format has no place for something that the parameters ask for
     * @throws dev.kmsenvelope.kms.KmsException if there is no data key to be had
     */
    BegunMessage write(KmsSecretKey key, EnvelopeParameterSpec spec, EncryptionContext context)
            throws InvalidAlgorithmParameterException;

    /**
     * Starts to read a message.
     *
     * @param key may decrypt
     * @param spec the caller's parameters
     * @param context the configured encryption context and the caller's, which the message must have
     * @param release when plaintext is released
     * @return what reads it; the caller closes that
     * @throws InvalidAlgorithmParameterException if the format cannot satisfy the parameters
     */
    MessageReader read(KmsSecretKey key, EnvelopeParameterSpec spec, EncryptionContext context, Release release)
            throws InvalidAlgorithmParameterException;

    /**
     * Opens a message for reading any part of it. Refuses, unless the format can.
     *
     * @param key may decrypt
     * @param spec the caller's parameters
     * @param context the configured encryption context and the caller's, which the message must have
     * @param aad the caller's associated data; no bytes for none
     * @param message all of the channel is the message
     * @return its plaintext; the caller closes that
     * @throws InvalidAlgorithmParameterException if the format cannot satisfy the parameters
     * @throws InvalidMessageException if something is wrong with the message, or no part of it can be verified for itself
     * @throws IOException if reading fails
     */
    default RandomAccessMessage open(
            KmsSecretKey key,
            EnvelopeParameterSpec spec,
            EncryptionContext context,
            byte[] aad,
            SeekableByteChannel message)
            throws InvalidAlgorithmParameterException, InvalidMessageException, IOException {
        throw new InvalidMessageException(
                InvalidMessageException.Reason.NOT_ALLOWED,
                "messages of this format cannot be read in parts: decrypt the whole, then read parts");
    }
}
