package dev.kmsenvelope.dual;

import dev.kmsenvelope.engine.EngineSettings;
import dev.kmsenvelope.engine.MessageDecryptor;
import dev.kmsenvelope.engine.MessageDecryptor.Release;
import dev.kmsenvelope.engine.MessageId;
import dev.kmsenvelope.engine.MessageReader;
import dev.kmsenvelope.engine.Ongoing;
import dev.kmsenvelope.engine.Recipient;
import dev.kmsenvelope.format.InvalidMessageException;
import dev.kmsenvelope.format.MessageHeader;
import dev.kmsenvelope.kms.EncryptionContext;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads a dual-layer message (see {@link Layer}), in constant memory: what the outer layer's decryptor verified goes to the
 * inner one's, and nothing is released but what that verified too. The end is proven for both: {@link #finish()} throws
 * unless each saw its final frame and nothing behind it.
 *
 * <p>How long the inner header is, nobody knows before it is decrypted: its length depends on how the key service of the inner
 * layer encrypts data keys. Until then the sizes, such as {@link #availableAtTheEnd}, count it as plaintext and so are more
 * than what comes; from then on they are exact. Not thread-safe.
 */
public final class DualReader implements MessageReader {

    private static final byte[] NOTHING = new byte[0];

    /** Bytes of the message that both layers work on in one go: with a mebibyte of plaintext, all of them. */
    private static final int PIECE = 1024 * 1024 + 64 * 1024;

    private final MessageDecryptor outer;
    private final LayerKeys keys = new LayerKeys();
    private final Recipient innerRecipient;
    private final EngineSettings innerSettings;
    private final Release release;
    private final LayerBuffer buffer = new LayerBuffer();
    private @Nullable ByteArrayOutputStream aad;
    private @Nullable MessageDecryptor inner;
    private long expected;

    /**
     * Starts.
     *
     * @param outerRecipient who reads the outer layer, without a mark in the context that is required
     * @param innerRecipient who reads the inner layer; its context must have all pairs of the outer one's
     * @param settings what is accepted
     * @param engines who does the cryptography
     * @param release when plaintext is released
     * @param iv the IV that the message must have been encrypted with, or null when any will do
     */
    public DualReader(
            Recipient outerRecipient,
            Recipient innerRecipient,
            EngineSettings settings,
            DualEngines engines,
            Release release,
            byte @Nullable [] iv) {
        DualEngines.Settings both = engines.pinned(settings);
        this.outer = new MessageDecryptor(
                keys.watched(Layer.OUTER, outerRecipient, outerRecipient.required()),
                both.outer(),
                Release.EACH_FRAME,
                iv);
        this.innerRecipient = innerRecipient;
        this.innerSettings = both.inner();
        this.release = release;
    }

    @Override
    public void updateAad(byte[] in, int offset, int length) {
        outer.updateAad(in, offset, length);
        if (aad == null) {
            aad = new ByteArrayOutputStream(length);
        }
        aad.write(in, offset, length);
    }

    @Override
    public void feed(byte[] in, int offset, int length) {
        for (int taken = 0; taken < length && !hasFailed(); ) {
            int piece = Math.min(PIECE, length - taken);
            feedInner(beginOuter(in, offset + taken, piece).finish());
            taken += piece;
        }
    }

    @Override
    public int feed(byte[] in, int offset, int length, byte[] out, int outOffset) {
        int written = 0;
        for (int taken = 0; taken < length; ) {
            int piece = Math.min(PIECE, length - taken);
            written +=
                    begin(in, offset + taken, piece, out, outOffset + written).finish();
            taken += piece;
        }
        return written;
    }

    @Override
    public Ongoing begin(byte[] in, int offset, int length, byte[] out, int outOffset) {
        if (length > PIECE) {
            int written = feed(in, offset, length, out, outOffset);
            return () -> written;
        }
        if (hasFailed()) {
            return () -> drain(out, outOffset);
        }
        Ongoing outside = beginOuter(in, offset, length);
        return () -> feedInner(outside.finish(), out, outOffset);
    }

    /** Has the outer layer give to the buffer what it verified. Before its header was read, that is less than it takes. */
    private Ongoing beginOuter(byte[] in, int offset, int length) {
        long most = outer.verifiedHeader() == null ? length : outer.availableAfter(in, offset, length, length);
        return outer.begin(in, offset, length, buffer.room(most), 0);
    }

    @Override
    public int finish(byte[] in, int offset, int length, byte[] out) throws InvalidMessageException {
        boolean verified = false;
        try {
            int written = feed(in, offset, length, out, 0);
            finish();
            verified = true;
            return written + drain(out, written);
        } finally {
            if (!verified) {
                Arrays.fill(out, (byte) 0);
            }
        }
    }

    /** Passes on what the outer layer gave; what that releases is held. */
    private void feedInner(int length) {
        MessageDecryptor reader = inner();
        if (reader != null && length > 0) {
            reader.feed(buffer.bytes(), 0, length);
        }
    }

    private int feedInner(int length, byte[] out, int outOffset) {
        MessageDecryptor reader = inner();
        return reader == null || length == 0 ? 0 : reader.feed(buffer.bytes(), 0, length, out, outOffset);
    }

    /** The inner layer's reader, as soon as the outer header tells which inner message belongs to it; or null. */
    private @Nullable MessageDecryptor inner() {
        MessageHeader header = outer.verifiedHeader();
        if (inner != null || header == null) {
            return inner;
        }
        byte[] id = header.messageId();
        MessageDecryptor made = new MessageDecryptor(
                keys.watched(Layer.INNER, innerRecipient, Layer.OUTER.unmarked(header.context())),
                innerSettings,
                release,
                MessageId.iv(id, MessageId.MAX_IV_LENGTH));
        if (aad != null) {
            made.updateAad(aad.toByteArray(), 0, aad.size());
        }
        made.expect(expected);
        inner = made;
        return made;
    }

    @Override
    public void expect(long length) {
        expected = length;
        if (inner != null) {
            inner.expect(length);
        }
    }

    @Override
    public void finish() throws InvalidMessageException {
        boolean verified = false;
        try {
            if (inner == null || !inner.hasFailed()) {
                finishOuter();
            }
            finishInner();
            verified = true;
        } finally {
            buffer.close();
            if (!verified) {
                wipe();
            }
        }
    }

    private void finishOuter() throws InvalidMessageException {
        try {
            outer.finish();
        } catch (InvalidMessageException e) {
            throw in("outer", e);
        }
        feedInner(outer.drain(buffer.room(outer.available()), 0));
    }

    private void finishInner() throws InvalidMessageException {
        MessageDecryptor reader = inner();
        if (reader == null) {
            throw new IllegalStateException("the outer layer ended without a header");
        }
        try {
            reader.finish();
        } catch (InvalidMessageException e) {
            throw in("inner", e);
        }
    }

    private static InvalidMessageException in(String layer, InvalidMessageException e) {
        return new InvalidMessageException(e.reason(), e.getMessage() + " (" + layer + " layer)", e);
    }

    @Override
    public boolean hasFailed() {
        return outer.hasFailed() || (inner != null && inner.hasFailed());
    }

    @Override
    public int available() {
        return inner != null ? inner.available() : 0;
    }

    @Override
    public int drain(byte[] out, int offset) {
        return inner != null ? inner.drain(out, offset) : 0;
    }

    @Override
    public int drain(ByteBuffer out) {
        return inner != null ? inner.drain(out) : 0;
    }

    @Override
    public byte[] drain() {
        return inner != null ? inner.drain() : NOTHING;
    }

    @Override
    public long availableBound(int length) {
        return outer.availableBound(length) + (inner == null ? 0 : inner.availableBound(0));
    }

    @Override
    public int headLength() {
        return outer.headLength();
    }

    @Override
    public long availableAtTheEnd(byte[] in, int offset, int present, int length) {
        int between = toInt(
                innerIsVerified()
                        ? outer.availableAtTheEnd(in, offset, present, length)
                        : outer.mostAtTheEnd(in, offset, present, length));
        return ofInner(between, reader -> reader.availableAtTheEnd(NOTHING, 0, 0, between));
    }

    @Override
    public long mostAtTheEnd(byte[] in, int offset, int present, int length) {
        int between = toInt(outer.mostAtTheEnd(in, offset, present, length));
        return ofInner(between, reader -> reader.mostAtTheEnd(NOTHING, 0, 0, between));
    }

    @Override
    public long availableAfter(byte[] in, int offset, int present, int length) {
        int between = toInt(outer.availableAfter(in, offset, present, length));
        return ofInner(between, reader -> reader.availableAfter(NOTHING, 0, 0, between));
    }

    private static int toInt(long length) {
        return (int) Math.min(Integer.MAX_VALUE, length);
    }

    private boolean innerIsVerified() {
        return inner != null && inner.verifiedHeader() != null;
    }

    private interface Size {
        long of(MessageDecryptor inner);
    }

    /** What the inner layer says of so many bytes; before its header was read, no more than those and what it has. */
    private long ofInner(int between, Size size) {
        if (inner == null) {
            return between;
        }
        return innerIsVerified() || inner.hasFailed() ? size.of(inner) : inner.availableBound(between);
    }

    @Override
    public byte @Nullable [] messageId() {
        return innerIsVerified() ? outer.messageId() : null;
    }

    @Override
    public @Nullable EncryptionContext verifiedContext() {
        EncryptionContext verified = inner == null ? null : inner.verifiedContext();
        return verified == null ? null : Layer.INNER.unmarked(verified);
    }

    private void wipe() {
        if (inner != null) {
            inner.close();
        }
        outer.close();
    }

    @Override
    public void close() {
        wipe();
        buffer.close();
    }
}
