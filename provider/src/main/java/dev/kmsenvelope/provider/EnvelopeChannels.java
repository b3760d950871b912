package dev.kmsenvelope.provider;

import dev.kmsenvelope.engine.MessageDecryptor.Release;
import dev.kmsenvelope.engine.MessageReader;
import dev.kmsenvelope.engine.MessageWriter;
import dev.kmsenvelope.engine.SpoolException;
import dev.kmsenvelope.format.InvalidMessageException;
import dev.kmsenvelope.kms.EncryptionContext;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Function;
import javax.crypto.AEADBadTagException;
import org.jspecify.annotations.Nullable;

/**
 * Encrypts and decrypts what is longer than memory: from channel to channel, or from stream to stream, in constant memory
 * (two batches of a mebibyte, whatever the length) and on several processors (setting {@code parallelism}). The messages are
 * those of the cipher {@code Envelope}, and either opens what the other wrote. While one batch is being worked on, the one
 * before is written and the next one read, as far as input is known to be there: what comes from a pipe or a socket goes on
 * as soon as it arrived.
 *
 * <p>A decrypted frame reaches the output when it was verified, and no byte before. That holds for each frame and not for the
 * end: a message that breaks off, or is bad further on, has had its good start written when the exception comes. So trust
 * the output only when the call has returned.
 *
 * <p>Input and output must not be the same file: what is written would be read again. Channels have to be in blocking mode. They may take or give less than they are asked for. Neither channels nor streams
 * are closed. Memory of ours that held plaintext is wiped. An interrupt does what it does to the channels: most are closed and
 * throw a {@link java.nio.channels.ClosedByInterruptException}.
 *
 * <p>Immutable and thread-safe: one object serves any number of messages at once.
 */
public final class EnvelopeChannels {

    private final KmsSecretKey key;
    private final EnvelopeParameterSpec parameters;
    private final EncryptionContext context;
    private final byte[] aad;
    private final EnvelopeCodec codec;
    private final @Nullable Consumer<? super S3EncryptionMetadata> metadataReceiver;

    private EnvelopeChannels(
            KmsSecretKey key,
            EnvelopeCodec codec,
            EnvelopeParameterSpec parameters,
            EncryptionContext context,
            byte[] aad,
            @Nullable Consumer<? super S3EncryptionMetadata> metadataReceiver) {
        this.metadataReceiver = metadataReceiver;
        this.codec = codec;
        this.key = key;
        this.parameters = parameters;
        this.context = context;
        this.aad = aad;
    }

    /**
     * What became of a message.
     *
     * @param plaintextLength how many bytes of plaintext were read or written
     * @param messageLength how many bytes the message has
     * @param context the encryption context of the message: given, or found in it and verified
     */
    public record Result(long plaintextLength, long messageLength, EncryptionContext context) {}

    /**
     * Uses a key, without parameters and associated data. As long as no format is named, AWS Encryption SDK messages are written,
     * and those formats read that the setting {@code decrypt.formats} has, which the first bytes of a message tell.
     *
     * @param key a handle
     * @return what encrypts and decrypts with it
     */
    public static EnvelopeChannels of(KmsSecretKey key) {
        return new EnvelopeChannels(
                key,
                DetectingCodec.create(),
                EnvelopeParameterSpec.builder().build(),
                key.policy().context(),
                new byte[0],
                null);
    }

    /**
     * With parameters.
     *
     * @param spec the context is bound to what is encrypted and required of what is decrypted, besides that of the settings.
     *     An IV serves one message: do not encrypt two with the object that this returns
     * @return what encrypts and decrypts so
     * @throws InvalidAlgorithmParameterException if the context contradicts the configured one
     */
    public EnvelopeChannels with(EnvelopeParameterSpec spec) throws InvalidAlgorithmParameterException {
        return new EnvelopeChannels(key, codec, spec, EnvelopeKind.contextFor(key, spec), aad, metadataReceiver);
    }

    /**
     * With messages of Tink, with parameters that only those have.
     *
     * @param spec of a prefix, or of streams
     * @return what encrypts and decrypts so
     */
    public EnvelopeChannels with(TinkParameterSpec spec) {
        return new EnvelopeChannels(key, TinkCodec.of(spec), parameters, context, aad, metadataReceiver);
    }

    /**
     * With messages of one format, whatever the setting {@code decrypt.formats} has.
     *
     * @param format theirs
     * @return what encrypts and decrypts so
     */
    public EnvelopeChannels format(EnvelopeFormat format) {
        return new EnvelopeChannels(key, EnvelopeCodec.of(format), parameters, context, aad, metadataReceiver);
    }

    /**
     * With a receiver of what has to be stored beside an object: format {@link EnvelopeFormat#S3EC} does not encrypt without.
     *
     * @param receiver is given the metadata of each object that is encrypted, before its first byte is written
     * @return what encrypts and decrypts so
     */
    public EnvelopeChannels withS3MetadataTo(Consumer<? super S3EncryptionMetadata> receiver) {
        return new EnvelopeChannels(key, codec, parameters, context, aad, Objects.requireNonNull(receiver, "receiver"));
    }

    /**
     * With associated data, which is authenticated with each message and not part of it.
     *
     * @param data copied
     * @return what encrypts and decrypts so
     */
    public EnvelopeChannels withAad(byte[] data) {
        return new EnvelopeChannels(key, codec, parameters, context, data.clone(), metadataReceiver);
    }

    /**
     * Encrypts.
     *
     * @param in the plaintext, read to its end
     * @param out receives the message, which is complete only if this returns
     * @return what became of it
     * @throws IOException if reading or writing fails
     * @throws InvalidKeyException if the handle may not encrypt
     * @throws IllegalArgumentException if one file channel is given as both, or the format has no place for a parameter
     * @throws java.nio.channels.IllegalBlockingModeException if a channel is not in blocking mode
     * @throws dev.kmsenvelope.kms.KmsException if the key service fails
     */
    public Result encrypt(ReadableByteChannel in, WritableByteChannel out) throws IOException, InvalidKeyException {
        requireTwo(in, out);
        return encrypt(ByteSource.of(in), ByteSink.of(out));
    }

    /**
     * Encrypts.
     *
     * @param in the plaintext, read to its end
     * @param out receives the message, which is complete only if this returns; not flushed
     * @return what became of it
     * @throws IOException if reading or writing fails
     * @throws InvalidKeyException if the handle may not encrypt
     * @throws dev.kmsenvelope.kms.KmsException if the key service fails
     */
    public Result encrypt(InputStream in, OutputStream out) throws IOException, InvalidKeyException {
        return encrypt(ByteSource.of(in), out::write);
    }

    /**
     * Decrypts.
     *
     * @param in the message, read to its end, which is the end of the message
     * @param out receives the plaintext, which is complete only if this returns
     * @return what became of it
     * @throws IOException if reading or writing fails
     * @throws AEADBadTagException if something is wrong with the message, or it is for another key, context or associated data
     * @throws InvalidKeyException if the handle may not decrypt
     * @throws IllegalArgumentException if one channel is given as both, or the format has no place for a parameter
     * @throws java.nio.channels.IllegalBlockingModeException if a channel is not in blocking mode
     * @throws dev.kmsenvelope.kms.KmsException if the key service fails
     */
    public Result decrypt(ReadableByteChannel in, WritableByteChannel out)
            throws IOException, AEADBadTagException, InvalidKeyException {
        requireTwo(in, out);
        ByteSink sink = ByteSink.of(out);
        return decryptInto(ByteSource.of(in), message -> sink);
    }

    /**
     * Decrypts.
     *
     * @param in the message, read to its end, which is the end of the message
     * @param out receives the plaintext, which is complete only if this returns; not flushed
     * @return what became of it
     * @throws IOException if reading or writing fails
     * @throws AEADBadTagException if something is wrong with the message, or it is for another key, context or associated data
     * @throws InvalidKeyException if the handle may not decrypt
     * @throws dev.kmsenvelope.kms.KmsException if the key service fails
     */
    public Result decrypt(InputStream in, OutputStream out)
            throws IOException, AEADBadTagException, InvalidKeyException {
        return decryptInto(ByteSource.of(in), message -> out::write);
    }

    /**
     * Opens a message for reading any part of its plaintext: of the message only the header, the end, and the frames that are
     * asked for are read. Header and end are verified before this returns, so the size that the channel tells is proven; each
     * frame is verified before a byte of it is given. It must be a message of the AWS Encryption SDK that is framed and
     * unsigned, or a stream of Tink, whose segments are its frames; and must not change meanwhile.
     *
     * @param message all of the channel is the message, whatever its position; used, and closed, by the channel that this
     *     returns and, if this throws, left open
     * @return the plaintext, which cannot be written. Thread-safe. Its {@code read} may give less than there is room for, and
     *     throws an IOException with an {@link AEADBadTagException} as its cause where the message was changed
     * @throws IOException if reading fails
     * @throws AEADBadTagException if something is wrong with the message, or it is for another key, context or associated
     *     data, or it can only be verified as a whole
     * @throws InvalidKeyException if the handle may not decrypt
     * @throws IllegalArgumentException if the format has no place for a parameter
     * @throws dev.kmsenvelope.kms.KmsException if the key service fails
     */
    public SeekableByteChannel open(SeekableByteChannel message)
            throws IOException, AEADBadTagException, InvalidKeyException {
        KeyPolicies.requireUsage(key, false);
        try {
            return new PlaintextChannel(message, codec.open(key, parameters, context, aad, message));
        } catch (InvalidMessageException e) {
            throw CipherOperation.Errors.badTag(e);
        } catch (InvalidAlgorithmParameterException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    @SuppressWarnings("ReferenceEquality") // one object, which would read what it wrote
    private static void requireTwo(ReadableByteChannel in, WritableByteChannel out) {
        Object input = Objects.requireNonNull(in, "in");
        if (input == Objects.requireNonNull(out, "out") && in instanceof SeekableByteChannel) {
            throw new IllegalArgumentException("one file channel cannot be both input and output");
        }
    }

    /** Whether messages of the format have an encryption context. */
    boolean hasContext() {
        return codec.hasContext();
    }

    /** The configured encryption context and that of the parameters. */
    EncryptionContext context() {
        return context;
    }

    private Result encrypt(ByteSource in, ByteSink out) throws IOException, InvalidKeyException {
        try (MessageWriter message = begin(context)) {
            BatchPump.Totals totals = new BatchPump(BatchPump.encrypting(message), in, out).run();
            return new Result(totals.read(), totals.written(), context);
        } catch (InvalidMessageException e) {
            throw new IllegalStateException("encrypting reads no message", e);
        }
    }

    /** Starts a message with that encryption context; the caller closes the writer. */
    MessageWriter begin(EncryptionContext bound) throws InvalidKeyException {
        KeyPolicies.requireUsage(key, true);
        Consumer<? super S3EncryptionMetadata> receiver = metadataReceiver;
        if (codec.hasMetadata() && receiver == null) {
            throw new IllegalArgumentException(
                    "an object without its metadata is lost: say by withS3MetadataTo where to");
        }
        BegunMessage begun = write(bound);
        boolean complete = false;
        try {
            S3EncryptionMetadata metadata = begun.metadata();
            if (metadata != null && receiver != null) {
                receiver.accept(metadata);
            }
            if (aad.length > 0) {
                begun.writer().updateAad(aad, 0, aad.length);
            }
            complete = true;
            return begun.writer();
        } finally {
            if (!complete) {
                begun.writer().close();
            }
        }
    }

    private BegunMessage write(EncryptionContext bound) {
        try {
            return codec.write(key, parameters, bound);
        } catch (InvalidAlgorithmParameterException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    /** Decrypts into a sink that may ask the message for what was verified. */
    Result decryptInto(ByteSource in, Function<MessageReader, ByteSink> out)
            throws IOException, AEADBadTagException, InvalidKeyException {
        KeyPolicies.requireUsage(key, false);
        try (MessageReader message = codec.read(key, parameters, context, Release.EACH_FRAME)) {
            if (aad.length > 0) {
                message.updateAad(aad, 0, aad.length);
            }
            BatchPump.Totals totals = new BatchPump(BatchPump.decrypting(message), in, out.apply(message)).run();
            EncryptionContext verified = message.verifiedContext();
            if (verified == null) {
                throw new IllegalStateException("a message was verified and its context was not");
            }
            return new Result(totals.written(), totals.read(), verified);
        } catch (SpoolException e) {
            throw new IOException(e.getMessage(), e.failure());
        } catch (InvalidMessageException e) {
            throw CipherOperation.Errors.badTag(e);
        } catch (InvalidAlgorithmParameterException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }
}
