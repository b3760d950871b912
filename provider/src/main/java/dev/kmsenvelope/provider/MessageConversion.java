package dev.kmsenvelope.provider;

import dev.kmsenvelope.engine.MessageReader;
import dev.kmsenvelope.engine.MessageWriter;
import dev.kmsenvelope.format.InvalidMessageException;
import dev.kmsenvelope.format.InvalidMessageException.Reason;
import dev.kmsenvelope.kms.EncryptionContext;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.crypto.AEADBadTagException;
import javax.crypto.ShortBufferException;
import org.jspecify.annotations.Nullable;

/**
 * Moves messages from one format to another: each is decrypted, and what was verified of it is encrypted again, in constant
 * memory as far as the old format can be read so. The new message has a data key of its own, and keeps of the old one the
 * plaintext and the encryption context. It does not keep a signature, the message id or IV, recipients, or frame length; what
 * it has of these, and its associated data, is what its {@link EnvelopeChannels} say.
 *
 * <p>Of the encryption context, those pairs are kept that stand in the old message and that a caller could have given. The pairs
 * of a format itself are left out: the public key of a signature, the marks of two layers, the algorithm of an object. Pairs
 * that were required and do not stand in the old message are not written into the new one.
 *
 * <p>Nobody who holds the old message and its data key loses access to what it says.
 *
 * <p>Immutable and thread-safe, if what is given to it is.
 */
public final class MessageConversion {

    private final EnvelopeChannels from;
    private final EnvelopeChannels to;
    private final boolean dropsContext;

    private MessageConversion(EnvelopeChannels from, EnvelopeChannels to, boolean dropsContext) {
        this.from = from;
        this.to = to;
        this.dropsContext = dropsContext;
    }

    /**
     * Converts messages, whose encryption context is kept.
     *
     * @param from decrypts the old messages
     * @param to encrypts the new ones; its encryption context is bound to them besides the old one
     * @return what converts
     */
    public static MessageConversion of(EnvelopeChannels from, EnvelopeChannels to) {
        return new MessageConversion(from, to, false);
    }

    /**
     * Converts messages, whose encryption context may be lost: the new ones have that of their channels only.
     *
     * @return what converts so
     */
    public MessageConversion droppingContext() {
        return new MessageConversion(from, to, true);
    }

    /**
     * Converts one message. Use the new one only if this returns: it is being written while the old one is still being read.
     *
     * @param in the old message, read to its end, which is the end of the message; not closed
     * @param out receives the new message; neither flushed nor closed
     * @return what became of it: the length of the plaintext, and the length and the encryption context of the new message
     * @throws IOException if reading or writing fails
     * @throws AEADBadTagException if something is wrong with the old message, or it is for another key, context or associated
     *     data
     * @throws InvalidKeyException if the handle of the old message may not decrypt
     * @throws IllegalArgumentException if the format of the old message has no place for a parameter
     * @throws dev.kmsenvelope.kms.KmsException if the key service of the old message fails
     * @throws ConversionException if the new message is at fault, with the reason as its cause: its handle may not encrypt, its
     *     format has no place for a parameter, its key service fails, its encryption context contradicts the old one, or the
     *     old one has an encryption context and the new format none
     */
    public EnvelopeChannels.Result run(InputStream in, OutputStream out)
            throws IOException, AEADBadTagException, InvalidKeyException {
        try (NewMessage message = new NewMessage(out)) {
            MessageReader[] reader = new MessageReader[1];
            EnvelopeChannels.Result old = from.decryptInto(ByteSource.of(in), opened -> {
                reader[0] = opened;
                return (bytes, offset, length) -> message.write(opened, bytes, offset, length);
            });
            message.finish(reader[0]);
            return new EnvelopeChannels.Result(old.plaintextLength(), message.length, message.context);
        }
    }

    /** The encryption context of the new message. */
    private EncryptionContext bound(EncryptionContext found) throws InvalidMessageException {
        if (dropsContext) {
            return to.context();
        }
        Map<String, String> kept = new LinkedHashMap<>(found.asMap());
        kept.keySet().removeIf(name -> name.startsWith(EncryptionContext.RESERVED_PREFIX));
        if (!kept.isEmpty() && !to.hasContext()) {
            throw new InvalidMessageException(
                    Reason.NOT_ALLOWED,
                    "the old one has an encryption context, for which its format has no place; that it is lost has to be"
                            + " allowed (kms-envelope convert --drop-context)");
        }
        return EncryptionContext.of(kept).plus(to.context());
    }

    private interface Step<T> {
        T run() throws InvalidKeyException, InvalidMessageException, ShortBufferException;
    }

    /** Tells failures of the new message from those of the old one. */
    private static <T> T inNewMessage(Step<T> step) {
        try {
            return step.run();
        } catch (IllegalArgumentException e) {
            throw new ConversionException(
                    e.getCause() instanceof InvalidAlgorithmParameterException cause
                            ? cause
                            : new InvalidAlgorithmParameterException(e.getMessage(), e));
        } catch (RuntimeException | InvalidKeyException | InvalidMessageException | ShortBufferException e) {
            throw new ConversionException(e);
        }
    }

    /** A message that begins with the first verified bytes of the old one: then its encryption context is verified too. */
    private final class NewMessage implements AutoCloseable {

        private final OutputStream out;
        private EncryptionContext context = EncryptionContext.empty();
        private @Nullable MessageWriter begun;
        private byte[] sealed = ArrayOperation.NOTHING;
        private long length;

        NewMessage(OutputStream out) {
            this.out = out;
        }

        private MessageWriter begin(MessageReader old) {
            MessageWriter writer = begun;
            if (writer == null) {
                EncryptionContext found = contextOf(old);
                writer = inNewMessage(() -> {
                    context = bound(found);
                    return to.begin(context);
                });
                begun = writer;
            }
            return writer;
        }

        void write(MessageReader old, byte[] plaintext, int offset, int count) throws IOException {
            if (count == 0) {
                return;
            }
            MessageWriter writer = begin(old);
            int written = inNewMessage(() -> {
                makeRoom(writer.updateSize(count));
                return writer.update(plaintext, offset, count, sealed, 0);
            });
            pass(written);
        }

        private EncryptionContext contextOf(MessageReader old) {
            EncryptionContext verified = old.storedContext();
            if (verified == null && from.hasContext()) {
                throw new IllegalStateException("plaintext was verified and its context was not");
            }
            return verified == null ? EncryptionContext.empty() : verified;
        }

        /** Ends it, after all of the old one was verified. */
        void finish(MessageReader old) throws IOException {
            MessageWriter writer = begin(old);
            int written = inNewMessage(() -> {
                makeRoom(writer.finishSize(0));
                return writer.finish(ArrayOperation.NOTHING, 0, 0, sealed, 0);
            });
            pass(written);
        }

        private void makeRoom(long size) {
            if (size > sealed.length) {
                sealed = new byte[Math.toIntExact(size)];
            }
        }

        private void pass(int count) throws IOException {
            out.write(sealed, 0, count);
            length += count;
        }

        @Override
        public void close() {
            if (begun != null) {
                begun.close();
            }
        }
    }
}
