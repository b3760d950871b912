package dev.kmsenvelope.tink;

import dev.kmsenvelope.engine.EngineSettings;
import dev.kmsenvelope.engine.HeldPlaintext;
import dev.kmsenvelope.engine.MessageDecryptor.Release;
import dev.kmsenvelope.engine.MessageReader;
import dev.kmsenvelope.engine.ReadingLatch;
import dev.kmsenvelope.engine.Recipient;
import dev.kmsenvelope.format.InvalidMessageException;
import dev.kmsenvelope.format.InvalidMessageException.Reason;
import dev.kmsenvelope.kms.EncryptionContext;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Reads one of Tink's AES-GCM-HKDF streams and releases verified segments only; that the stream is complete is proven by its
 * last segment, at {@link #finish}. The keyset is decrypted when the first byte arrives. The layout is that of {@link
 * StreamLayout}. Not thread-safe.
 */
public final class TinkStreamReader implements MessageReader {

    private static final byte[] NOTHING = new byte[0];
    private static final int IV_LENGTH = 12;

    private final Recipient recipient;
    private final EncryptedKeyset encrypted;
    private final EngineSettings settings;
    private final Release release;
    private final byte @Nullable [] iv;
    private final ByteArrayOutputStream aad = new ByteArrayOutputStream(0);
    private final HeldPlaintext plaintext = new HeldPlaintext();
    private boolean started;
    private long taken;
    private @Nullable StreamingKeyset keyset;
    private @Nullable RuntimeException keysetFailure;
    private byte[] start = NOTHING;
    private int startLength;
    private @Nullable SegmentsOpener body;
    private boolean released;
    private boolean complete;
    private byte @Nullable [] output;
    private int outputOffset;
    private final ReadingLatch latch = new ReadingLatch(this::discardUnreleased);

    /**
     * Starts.
     *
     * @param recipient whose keys may decrypt the keyset
     * @param encrypted the keyset
     * @param settings what is accepted
     * @param release when plaintext is released
     * @param iv the end of the header, which the stream must have, or null when any will do
     */
    public TinkStreamReader(
            Recipient recipient,
            EncryptedKeyset encrypted,
            EngineSettings settings,
            Release release,
            byte @Nullable [] iv) {
        this.recipient = recipient;
        this.encrypted = encrypted;
        this.settings = settings;
        this.release = release;
        this.iv = iv == null ? null : iv.clone();
    }

    static byte[] iv(byte[] header) {
        return Arrays.copyOfRange(header, header.length - IV_LENGTH, header.length);
    }

    @Override
    public void updateAad(byte[] in, int offset, int length) {
        if (started) {
            throw new IllegalStateException("associated data (AAD) comes before the data");
        }
        aad.write(in, offset, length);
    }

    @Override
    public void feed(byte[] in, int offset, int length) {
        if (length > 0) {
            started = true;
            latch.run(() -> read(in, offset, length));
        }
    }

    @Override
    public int feed(byte[] in, int offset, int length, byte[] out, int outOffset) {
        output = out;
        outputOffset = outOffset;
        int written;
        try {
            feed(in, offset, length);
        } finally {
            written = plaintext.detach();
            output = null;
        }
        return written + drain(out, outOffset + written);
    }

    @Override
    public int finish(byte[] in, int offset, int length, byte[] out) throws InvalidMessageException {
        boolean verified = false;
        try {
            plaintext.attach(out, 0);
            feed(in, offset, length);
            finish();
            verified = true;
            return plaintext.detach();
        } finally {
            plaintext.detach();
            if (!verified) {
                Arrays.fill(out, (byte) 0);
            }
        }
    }

    private void read(byte[] in, int offset, int length) throws InvalidMessageException {
        int from = offset;
        int end = offset + length;
        taken += length;
        while (body == null && from < end) {
            from += collect(in, from, end - from);
        }
        while (body != null && from < end) {
            from += step(body, in, from, end - from);
        }
    }

    private int step(SegmentsOpener opener, byte[] in, int from, int length) throws InvalidMessageException {
        if (output != null && !plaintext.isAttached() && released) {
            plaintext.attach(output, outputOffset);
        }
        int count = opener.feed(in, from, length);
        released |= plaintext.total() > settings.holdLimit();
        return count;
    }

    /** Takes of the start of the stream what is needed to tell its key. */
    private int collect(byte[] in, int from, int length) throws InvalidMessageException {
        byte first = startLength == 0 ? in[from] : start[0];
        int wanted = StreamOpening.wanted(StreamOpening.candidates(keyset().all(), first));
        int count = Math.min(wanted - startLength, length);
        if (startLength + count > start.length) {
            start = Arrays.copyOf(start, Math.min(wanted, Math.max(startLength + count, 2 * start.length)));
        }
        System.arraycopy(in, from, start, startLength, count);
        startLength += count;
        if (startLength == wanted) {
            open();
        }
        return count;
    }

    private void open() throws InvalidMessageException {
        if (startLength == 0) {
            throw new InvalidMessageException(Reason.TRUNCATED, "there is no stream: 0 bytes");
        }
        StreamingKeyset keys = keyset();
        StreamOpening.Opened stream =
                new StreamOpening(settings.gcm(), keys.all(), aad.toByteArray()).open(start, startLength);
        keys.close();
        SegmentsOpener opener = new SegmentsOpener(stream, plaintext, settings.parallelism());
        body = opener;
        if (iv != null && !MessageDigest.isEqual(iv, iv(stream.header()))) {
            throw new InvalidMessageException(
                    Reason.NOT_AUTHENTIC, "the IV is not the one that the stream was encrypted with");
        }
        released = release == Release.EACH_FRAME;
        byte[] collected = start;
        start = NOTHING;
        int from = stream.header().length;
        while (from < startLength) {
            from += step(opener, collected, from, startLength - from);
        }
    }

    private StreamingKeyset keyset() {
        StreamingKeyset opened = keyset;
        if (opened != null) {
            return opened;
        }
        if (keysetFailure != null) {
            throw keysetFailure;
        }
        try {
            opened = StreamingKeysets.open(
                    recipient, encrypted, settings.limits().maxFrameLength());
        } catch (RuntimeException e) {
            keysetFailure = e; // so that the service is asked once for a stream, by whichever call comes first
            throw e;
        }
        keyset = opened;
        return opened;
    }

    @Override
    public void finish() throws InvalidMessageException {
        if (!complete) {
            latch.run(() -> {
                if (body == null) {
                    open();
                }
                if (body != null) {
                    body.finish();
                }
                complete = true;
            });
        }
        closeKeys();
        if (hasFailed()) {
            plaintext.wipe();
        }
        latch.rethrow();
        released = true;
    }

    @Override
    public void expect(long length) {
        plaintext.reserve((int) Math.min(Integer.MAX_VALUE, Math.max(0, length - plaintext.size())));
    }

    @Override
    public int available() {
        return released ? plaintext.size() : 0;
    }

    @Override
    public int drain(byte[] out, int offset) {
        return released ? plaintext.drain(out, offset) : 0;
    }

    @Override
    public int drain(ByteBuffer out) {
        return released ? plaintext.drain(out) : 0;
    }

    @Override
    public byte[] drain() {
        return released ? plaintext.takeAll() : NOTHING;
    }

    @Override
    public long availableBound(int length) {
        return (long) plaintext.size() + startLength + (body == null ? 0 : body.pendingLength()) + length;
    }

    @Override
    public int headLength() {
        return taken == 0 ? 1 : 0;
    }

    @Override
    public long availableAtTheEnd(byte[] in, int offset, int present, int length) {
        return expected(in, offset, length, layout -> layout.plaintextLength(taken + length));
    }

    @Override
    public long mostAtTheEnd(byte[] in, int offset, int present, int length) {
        return expected(
                in,
                offset,
                length,
                layout -> Math.max(layout.plaintextLength(taken + length), layout.plaintextBeforeLast(taken + length)));
    }

    @Override
    public long availableAfter(byte[] in, int offset, int present, int length) {
        long most = expected(in, offset, length, layout -> layout.plaintextBeforeLast(taken + length));
        return release == Release.AT_THE_END && !released && most <= settings.holdLimit() ? 0 : most;
    }

    /** By the layout of the stream or, before it is known, by the one of those in question that gives the most. */
    private long expected(byte[] in, int offset, int length, ToLongFunction<StreamLayout> plaintextOf) {
        if (hasFailed() || complete) {
            return available();
        }
        if (body != null) {
            return plaintext.size() + plaintextOf.applyAsLong(body.layout()) - body.opened();
        }
        if (taken + length == 0) {
            return 0;
        }
        try {
            List<StreamingKey> candidates =
                    StreamOpening.candidates(keyset().all(), startLength == 0 ? in[offset] : start[0]);
            return candidates.stream()
                    .mapToLong(key -> plaintextOf.applyAsLong(key.layout()))
                    .max()
                    .orElse(0);
        } catch (InvalidMessageException e) {
            return 0;
        } catch (RuntimeException e) {
            return 0; // Thrown again, where that is said, when the stream is read.
        }
    }

    @Override
    public byte @Nullable [] messageId() {
        return null;
    }

    @Override
    public @Nullable EncryptionContext verifiedContext() {
        return complete ? EncryptionContext.empty() : null;
    }

    @Override
    public boolean hasFailed() {
        return latch.isSet();
    }

    private void discardUnreleased() {
        if (!released) {
            plaintext.wipe();
        }
        closeKeys();
    }

    private void closeKeys() {
        if (keyset != null) {
            keyset.close();
        }
        if (body != null) {
            body.close();
        }
    }

    /** Wipes what was not taken and lets go of the keys; idempotent. */
    @Override
    public void close() {
        plaintext.close();
        closeKeys();
    }
}
