package dev.kmsenvelope.provider;

import dev.kmsenvelope.engine.MessageReader;
import dev.kmsenvelope.engine.Ongoing;
import dev.kmsenvelope.format.InvalidMessageException;
import dev.kmsenvelope.format.InvalidMessageException.Reason;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KmsException;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.security.InvalidAlgorithmParameterException;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads a message whose format its first bytes tell: holds those, and from then on another reader does everything. To say how
 * much plaintext comes, it looks ahead with a copy of the detector and asks a reader that was given nothing yet. Not
 * thread-safe.
 */
final class DetectingReader implements MessageReader {

    private static final byte[] NOTHING = new byte[0];

    /** Makes readers. */
    interface Readers {
        MessageReader of(EnvelopeFormat format) throws InvalidAlgorithmParameterException;
    }

    private final FormatDetector detector;
    private final Readers readers;
    private final Map<EnvelopeFormat, MessageReader> prepared = new EnumMap<>(EnvelopeFormat.class);
    private final ByteArrayOutputStream aad = new ByteArrayOutputStream(0);
    private long expected;
    private @Nullable MessageReader delegate;
    private @Nullable InvalidMessageException fault;
    private @Nullable RuntimeException failure;

    DetectingReader(FormatDetector detector, Readers readers) {
        this.detector = detector;
        this.readers = readers;
    }

    /** Makes the reader of a format ahead. */
    void prepare(EnvelopeFormat format) throws InvalidAlgorithmParameterException {
        prepared.put(format, readers.of(format));
    }

    private MessageReader reader(EnvelopeFormat format) throws InvalidMessageException {
        MessageReader known = prepared.get(format);
        if (known != null) {
            return known;
        }
        try {
            MessageReader made = readers.of(format);
            prepared.put(format, made);
            return made;
        } catch (InvalidAlgorithmParameterException e) {
            throw new InvalidMessageException(
                    Reason.NOT_ALLOWED,
                    "the message looks like one of format " + format + ", which the parameters do not go with: "
                            + e.getMessage(),
                    e);
        }
    }

    @Override
    public void updateAad(byte[] in, int offset, int length) {
        if (detector.size() > 0 || hasFailed()) {
            throw new IllegalStateException("associated data (AAD) comes before the data");
        }
        if (delegate == null) {
            aad.write(in, offset, length);
        } else {
            delegate.updateAad(in, offset, length);
        }
    }

    /**
     * Takes what is needed to tell the format, and makes the delegate when that is enough.
     *
     * @return how many bytes the detector holds now and did not before
     */
    private int detect(byte[] in, int offset, int length) {
        try {
            int taken = detector.feed(in, offset, length);
            EnvelopeFormat format = detector.format();
            if (format != null) {
                start(reader(format));
            }
            return taken;
        } catch (InvalidMessageException e) {
            fault = e;
            return length;
        } catch (RuntimeException e) {
            failure = e;
            throw e;
        }
    }

    private void start(MessageReader reader) {
        if (aad.size() > 0) {
            reader.updateAad(aad.toByteArray(), 0, aad.size());
        }
        if (expected > 0) {
            reader.expect(expected);
        }
        delegate = reader;
    }

    private boolean isOver() {
        return fault != null || failure != null;
    }

    @Override
    public void feed(byte[] in, int offset, int length) {
        if (delegate != null) {
            delegate.feed(in, offset, length);
        } else if (length > 0 && !isOver()) {
            int held = detector.size();
            int taken = detect(in, offset, length);
            MessageReader reader = delegate;
            if (reader != null) {
                if (held > 0) {
                    reader.feed(detector.head(), 0, detector.size());
                    reader.feed(in, offset + taken, length - taken);
                } else {
                    reader.feed(in, offset, length); // in one piece, as it came
                }
            }
        }
    }

    @Override
    public int feed(byte[] in, int offset, int length, byte[] out, int outOffset) {
        return begin(in, offset, length, out, outOffset).finish();
    }

    @Override
    public Ongoing begin(byte[] in, int offset, int length, byte[] out, int outOffset) {
        if (delegate != null) {
            return delegate.begin(in, offset, length, out, outOffset);
        }
        if (length == 0 || isOver()) {
            return () -> 0;
        }
        int held = detector.size();
        int taken = detect(in, offset, length);
        MessageReader reader = delegate;
        if (reader == null) {
            return () -> 0;
        }
        if (held == 0) {
            return reader.begin(in, offset, length, out, outOffset);
        }
        int written = reader.feed(detector.head(), 0, detector.size(), out, outOffset);
        Ongoing rest = reader.begin(in, offset + taken, length - taken, out, outOffset + written);
        return () -> written + rest.finish();
    }

    @Override
    public void finish() throws InvalidMessageException {
        if (delegate == null && !isOver()) {
            fault = DetectingCodec.truncated(detector);
        }
        if (failure != null) {
            throw failure;
        }
        if (fault != null) {
            throw fault;
        }
        if (delegate != null) {
            delegate.finish();
        }
    }

    @Override
    public int finish(byte[] in, int offset, int length, byte[] out) throws InvalidMessageException {
        if (delegate == null && (detector.size() > 0 || isOver())) {
            return MessageReader.super.finish(in, offset, length, out);
        }
        if (delegate == null) {
            detect(in, offset, length); // what it holds then is the start of the input
        }
        MessageReader reader = delegate;
        if (reader == null) {
            finish();
            throw new IllegalStateException("the message ended without a format");
        }
        return reader.finish(in, offset, length, out);
    }

    @Override
    public void expect(long length) {
        expected = length;
        if (delegate != null) {
            delegate.expect(length);
        }
    }

    @Override
    public int available() {
        return delegate == null ? 0 : delegate.available();
    }

    @Override
    public int drain(byte[] out, int offset) {
        return delegate == null ? 0 : delegate.drain(out, offset);
    }

    @Override
    public int drain(ByteBuffer out) {
        return delegate == null ? 0 : delegate.drain(out);
    }

    @Override
    public byte[] drain() {
        return delegate == null ? NOTHING : delegate.drain();
    }

    @Override
    public byte[] next() {
        return delegate == null ? NOTHING : delegate.next();
    }

    @Override
    public long availableBound(int length) {
        if (delegate != null) {
            return delegate.availableBound(length);
        }
        return (long) length + (detector.isInHeader() ? 0 : detector.size());
    }

    @Override
    public int headLength() {
        return delegate == null ? detector.longestHead() : delegate.headLength();
    }

    private interface Size {
        long of(MessageReader reader, byte[] in, int offset, int present, int length);
    }

    @Override
    public long availableAtTheEnd(byte[] in, int offset, int present, int length) {
        return size(in, offset, present, length, MessageReader::availableAtTheEnd);
    }

    @Override
    public long mostAtTheEnd(byte[] in, int offset, int present, int length) {
        return size(in, offset, present, length, MessageReader::mostAtTheEnd);
    }

    @Override
    public long availableAfter(byte[] in, int offset, int present, int length) {
        return size(in, offset, present, length, MessageReader::availableAfter);
    }

    private long size(byte[] in, int offset, int present, int length, Size size) {
        if (delegate != null) {
            return size.of(delegate, in, offset, present, length);
        }
        if (isOver() || detector.wantsMoreThan(length)) {
            return 0;
        }
        try {
            FormatDetector ahead = detector.copy();
            ahead.feed(in, offset, present);
            EnvelopeFormat format = ahead.format();
            return format == null ? 0 : size(reader(format), in, offset, present, length, size);
        } catch (InvalidMessageException e) {
            return 0;
        } catch (KmsException e) {
            return 0; // Thrown again, where that is said, when the message is read.
        }
    }

    /** Of a message that starts with what is held. */
    private long size(MessageReader reader, byte[] in, int offset, int present, int length, Size size) {
        int held = detector.size();
        if (held == 0) {
            return size.of(reader, in, offset, present, length);
        }
        byte[] start =
                Arrays.copyOf(detector.head(), held + Math.min(present, Math.max(0, reader.headLength() - held)));
        System.arraycopy(in, offset, start, held, start.length - held);
        int beyond = Math.max(0, length - (Integer.MAX_VALUE - held)); // what an int cannot tell, no array holds
        return size.of(reader, start, 0, start.length, length + held - beyond) + beyond;
    }

    @Override
    public byte @Nullable [] messageId() {
        return delegate == null ? null : delegate.messageId();
    }

    @Override
    public @Nullable EncryptionContext verifiedContext() {
        return delegate == null ? null : delegate.verifiedContext();
    }

    @Override
    public @Nullable EncryptionContext storedContext() {
        return delegate == null ? null : delegate.storedContext();
    }

    @Override
    public boolean hasFailed() {
        return isOver() || (delegate != null && delegate.hasFailed());
    }

    @Override
    public void close() {
        prepared.values().forEach(MessageReader::close);
    }
}
