package dev.kmsenvelope.provider;

import dev.kmsenvelope.engine.MessageReader;
import dev.kmsenvelope.format.InvalidMessageException;
import java.nio.ByteBuffer;
import java.security.AlgorithmParameters;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;
import java.security.Key;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import javax.crypto.ShortBufferException;
import org.jspecify.annotations.Nullable;

/**
 * Decrypting, or unwrapping keys, with the envelope cipher. Every {@code doFinal} ends a message, well or not, and the next
 * input starts another one, with the same key and parameters and no AAD.
 */
final class DecryptOperation extends ArrayOperation {

    /** From how many bytes on it pays to look ahead for how much plaintext comes, so that it need not be copied. */
    private static final int LONG = 64 * 1024;

    /** Starts to read a message, after which the next one can be. */
    interface Messages {
        MessageReader next() throws InvalidAlgorithmParameterException;
    }

    private final Messages messages;
    private final byte @Nullable [] requiredIv;
    private final @Nullable AlgorithmParameters formatParameters;
    private MessageReader message;
    private byte @Nullable [] lastId;

    DecryptOperation(Messages messages, byte @Nullable [] requiredIv, @Nullable AlgorithmParameters formatParameters)
            throws InvalidAlgorithmParameterException {
        this.messages = messages;
        this.requiredIv = requiredIv;
        this.formatParameters = formatParameters;
        this.message = messages.next();
    }

    @Override
    @Nullable
    AlgorithmParameters formatParameters() {
        return formatParameters;
    }

    /**
     * Rounded up to a power of two while a message is held back: CipherInputStream allocates a new array whenever this
     * grows, which would be with every read.
     */
    @Override
    public int outputSize(int inputLength) {
        long bound = message.availableBound(inputLength);
        return clamp(bound == inputLength ? bound : Long.highestOneBit(Math.max(1, bound)) << 1);
    }

    @Override
    public byte @Nullable [] iv() {
        if (requiredIv != null) {
            return requiredIv.clone();
        }
        byte[] current = message.messageId();
        byte[] id = current == null ? lastId : current;
        return id == null ? null : shortIv(id);
    }

    @Override
    public void updateAad(byte[] in, int offset, int length) {
        message.updateAad(in, offset, length);
    }

    @Override
    int headLength() {
        return message.headLength();
    }

    @Override
    long processSize(byte[] in, int offset, int present, int length) {
        return message.availableAfter(in, offset, present, length);
    }

    @Override
    long processFinalSize(byte[] in, int offset, int present, int length) {
        return message.availableAtTheEnd(in, offset, present, length);
    }

    @Override
    int process(byte[] in, int offset, int length, byte[] out, int outOffset) throws ShortBufferException {
        requireRoom(processSize(in, offset, length, length), out.length - outOffset);
        return message.feed(in, offset, length, out, outOffset);
    }

    /**
     * All is decrypted into memory of ours first, whatever the message is like: on failure the output is what it was (RULES
     * 6), and it may share memory with the input.
     */
    @Override
    public int doFinal(byte[] in, int offset, int length, byte[] out, int outOffset)
            throws ShortBufferException, AEADBadTagException {
        requireRoom(processFinalSize(in, offset, length, length), out.length - outOffset);
        return endingTheMessage(() -> {
            if (length >= LONG) {
                message.expect(message.mostAtTheEnd(in, offset, length, length));
            }
            message.feed(in, offset, length);
            message.finish();
            return message.drain(out, outOffset);
        });
    }

    @Override
    int doFinalBuffers(ByteBuffer in, ByteBuffer out) throws ShortBufferException, AEADBadTagException {
        int length = in.remaining();
        byte[] head = head(in);
        requireRoom(processFinalSize(head, 0, head.length, length), out.remaining());
        return endingTheMessage(() -> {
            message.expect(message.mostAtTheEnd(head, 0, head.length, length));
            BufferChunks.forEach(in.duplicate(), (chunk, offset, count) -> message.feed(chunk, offset, count));
            message.finish();
            return message.drain(out.duplicate());
        });
    }

    @Override
    public byte @Nullable [] update(byte[] in, int offset, int length) {
        if (length < LONG) {
            message.feed(in, offset, length);
            return message.available() == 0 ? null : message.drain();
        }
        byte[] out = new byte[clamp(message.availableAfter(in, offset, length, length))];
        int written = message.feed(in, offset, length, out, 0);
        return written == 0 ? null : trimmed(out, written);
    }

    @Override
    public byte[] doFinal(byte[] in, int offset, int length) throws AEADBadTagException {
        return endingTheMessage(() -> {
            if (length < LONG) {
                message.feed(in, offset, length);
                message.finish();
                return message.drain();
            }
            byte[] out = new byte[clamp(message.mostAtTheEnd(in, offset, length, length))];
            return trimmed(out, message.finish(in, offset, length, out));
        });
    }

    private static byte[] trimmed(byte[] out, int written) {
        if (written == out.length) {
            return out;
        }
        byte[] exact = Arrays.copyOf(out, written);
        Arrays.fill(out, 0, written, (byte) 0);
        return exact;
    }

    private interface Ending<T> {
        T end() throws InvalidMessageException;
    }

    private <T> T endingTheMessage(Ending<T> ending) throws AEADBadTagException {
        try {
            T result = ending.end();
            lastId = message.messageId();
            return result;
        } catch (InvalidMessageException e) {
            throw Errors.badTag(e);
        } finally {
            message.close();
            message = next();
        }
    }

    private MessageReader next() {
        try {
            return messages.next();
        } catch (InvalidAlgorithmParameterException e) {
            throw new IllegalStateException("the parameters were good for the message before", e);
        }
    }

    private static void requireRoom(long needed, int room) throws ShortBufferException {
        if (needed > room) {
            throw new ShortBufferException("the output needs " + needed + " bytes");
        }
    }

    @Override
    public Key unwrap(byte[] wrapped, String algorithm, int type) throws InvalidKeyException, NoSuchAlgorithmException {
        byte[] encoded;
        try {
            encoded = doFinal(wrapped, 0, wrapped.length);
        } catch (AEADBadTagException e) {
            throw Errors.cannotUnwrap(e);
        }
        try {
            return WrappedKeys.decode(encoded, algorithm, type);
        } finally {
            Arrays.fill(encoded, (byte) 0);
        }
    }

    @Override
    public void close() {
        message.close();
    }
}
