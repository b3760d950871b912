package dev.kmsenvelope.provider;

import dev.kmsenvelope.engine.MessageWriter;
import java.nio.ByteBuffer;
import java.security.AlgorithmParameters;
import java.security.InvalidKeyException;
import java.security.Key;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import javax.crypto.ShortBufferException;
import org.jspecify.annotations.Nullable;

/** Encrypting, or wrapping keys, with the envelope cipher: one message per {@code init}. */
final class EncryptOperation extends ArrayOperation {

    private final MessageWriter encryptor;
    private final byte[] iv;
    private final @Nullable AlgorithmParameters formatParameters;

    EncryptOperation(MessageWriter encryptor, byte[] iv, @Nullable AlgorithmParameters formatParameters) {
        this.encryptor = encryptor;
        this.iv = iv;
        this.formatParameters = formatParameters;
    }

    @Override
    @Nullable
    AlgorithmParameters formatParameters() {
        return formatParameters;
    }

    @Override
    public int outputSize(int inputLength) {
        return clamp(encryptor.finishSize(inputLength));
    }

    @Override
    public byte[] iv() {
        return iv.clone();
    }

    @Override
    public void updateAad(byte[] in, int offset, int length) {
        encryptor.updateAad(in, offset, length);
    }

    @Override
    int headLength() {
        return 0;
    }

    @Override
    long processSize(byte[] in, int offset, int present, int length) {
        return encryptor.updateSize(length);
    }

    @Override
    long processFinalSize(byte[] in, int offset, int present, int length) {
        return encryptor.finishSize(length);
    }

    @Override
    int process(byte[] in, int offset, int length, byte[] out, int outOffset) throws ShortBufferException {
        return encryptor.update(in, offset, length, out, outOffset);
    }

    @Override
    public int doFinal(byte[] in, int offset, int length, byte[] out, int outOffset)
            throws ShortBufferException, AEADBadTagException {
        if (Overlap.of(in, offset, length, out, outOffset).isPossible()) {
            return doFinalBuffers(
                    ByteBuffer.wrap(in, offset, length), ByteBuffer.wrap(out, outOffset, out.length - outOffset));
        }
        return encryptor.finish(in, offset, length, out, outOffset);
    }

    @Override
    int doFinalBuffers(ByteBuffer in, ByteBuffer out) throws ShortBufferException, AEADBadTagException {
        if (encryptor.finishSize(in.remaining()) > out.remaining()) {
            throw new ShortBufferException("the output needs " + encryptor.finishSize(in.remaining()) + " bytes");
        }
        return BufferChunks.run(in, out, new BufferChunks.Steps() {
            @Override
            public long size(byte[] chunk, int offset, int length, boolean last) {
                return last ? encryptor.finishSize(length) : encryptor.updateSize(length);
            }

            @Override
            public int run(byte[] chunk, int offset, int length, boolean last, byte[] room, int roomOffset)
                    throws ShortBufferException {
                return last
                        ? encryptor.finish(chunk, offset, length, room, roomOffset)
                        : encryptor.update(chunk, offset, length, room, roomOffset);
            }
        });
    }

    @Override
    public byte @Nullable [] update(byte[] in, int offset, int length) {
        byte[] out = allocate(encryptor.updateSize(length));
        int written;
        try {
            written = encryptor.update(in, offset, length, out, 0);
        } catch (ShortBufferException e) {
            throw new IllegalStateException("the size is an upper bound", e);
        }
        return written == 0 ? null : written == out.length ? out : Arrays.copyOf(out, written);
    }

    @Override
    public byte[] doFinal(byte[] in, int offset, int length) {
        byte[] all = allocate(encryptor.finishSize(length));
        int written;
        try {
            written = encryptor.finish(in, offset, length, all, 0);
        } catch (ShortBufferException e) {
            throw new IllegalStateException("the size is an upper bound", e);
        }
        return written == all.length ? all : Arrays.copyOf(all, written);
    }

    private static byte[] allocate(long size) {
        if (size > Integer.MAX_VALUE - 8) {
            throw new IllegalStateException("the output of one call would be larger than an array; use smaller pieces");
        }
        return new byte[(int) size];
    }

    @Override
    public byte[] wrap(Key key) throws InvalidKeyException {
        byte[] encoded = WrappedKeys.encode(key);
        try {
            return doFinal(encoded, 0, encoded.length);
        } finally {
            Arrays.fill(encoded, (byte) 0);
        }
    }

    @Override
    public void close() {
        encryptor.close();
    }
}
