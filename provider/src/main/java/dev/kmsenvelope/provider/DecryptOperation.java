package dev.kmsenvelope.provider;

import dev.kmsenvelope.engine.MessageDecryptor;
import dev.kmsenvelope.format.InvalidMessageException;
import java.security.InvalidKeyException;
import java.security.Key;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.function.Supplier;
import javax.crypto.AEADBadTagException;
import javax.crypto.ShortBufferException;
import org.jspecify.annotations.Nullable;

/**
 * Decrypting, or unwrapping keys, with the envelope cipher. Every {@code doFinal} ends a message, well or not, and the next
 * input starts another one, with the same key and parameters and no AAD.
 */
final class DecryptOperation extends ArrayOperation {

    private final Supplier<MessageDecryptor> messages;
    private final byte @Nullable [] requiredIv;
    private MessageDecryptor message;
    private byte @Nullable [] lastIv;

    DecryptOperation(Supplier<MessageDecryptor> messages, byte @Nullable [] requiredIv) {
        this.messages = messages;
        this.requiredIv = requiredIv;
        this.message = messages.get();
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
        byte[] id = message.messageId();
        return id == null ? lastIv : shortIv(id);
    }

    @Override
    public void updateAad(byte[] in, int offset, int length) {
        message.updateAad(in, offset, length);
    }

    @Override
    long processSize(byte[] in, int offset, int length) {
        return message.availableAfter(in, offset, length);
    }

    @Override
    long processFinalSize(byte[] in, int offset, int length) {
        return message.availableAtTheEnd(in, offset, length);
    }

    @Override
    int process(byte[] in, int offset, int length, byte[] out, int outOffset) throws ShortBufferException {
        requireRoom(processSize(in, offset, length), out, outOffset);
        message.feed(in, offset, length);
        return message.drain(out, outOffset);
    }

    @Override
    int processFinal(byte[] in, int offset, int length, byte[] out, int outOffset)
            throws ShortBufferException, AEADBadTagException {
        requireRoom(processFinalSize(in, offset, length), out, outOffset);
        return endingTheMessage(in, offset, length, () -> message.drain(out, outOffset));
    }

    @Override
    public byte @Nullable [] update(byte[] in, int offset, int length) {
        message.feed(in, offset, length);
        int available = message.available();
        return available == 0 ? null : drain(available);
    }

    @Override
    public byte[] doFinal(byte[] in, int offset, int length) throws AEADBadTagException {
        return endingTheMessage(in, offset, length, () -> drain(message.available()));
    }

    private byte[] drain(int available) {
        byte[] out = new byte[available];
        message.drain(out, 0);
        return out;
    }

    private <T> T endingTheMessage(byte[] in, int offset, int length, Supplier<T> result) throws AEADBadTagException {
        try {
            message.feed(in, offset, length);
            message.finish();
            byte[] id = message.messageId();
            lastIv = id == null ? null : shortIv(id);
            return result.get();
        } catch (InvalidMessageException e) {
            throw Errors.badTag(e);
        } finally {
            message.close();
            message = messages.get();
        }
    }

    private static void requireRoom(long needed, byte[] out, int outOffset) throws ShortBufferException {
        if (needed > out.length - outOffset) {
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
