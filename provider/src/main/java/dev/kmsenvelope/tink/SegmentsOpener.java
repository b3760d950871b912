package dev.kmsenvelope.tink;

import dev.kmsenvelope.crypto.AesGcm;
import dev.kmsenvelope.engine.FrameBatch;
import dev.kmsenvelope.engine.FrameTeam;
import dev.kmsenvelope.engine.HeldPlaintext;
import dev.kmsenvelope.format.InvalidMessageException;
import java.util.Arrays;

/**
 * Decrypts the segments of a stream in order, from input that arrives in pieces, each when it is known whether it is the last.
 * One that is complete in the input is decrypted where it stands. Not thread-safe.
 */
final class SegmentsOpener implements AutoCloseable {

    private static final byte[] NOTHING = new byte[0];

    private final StreamLayout layout;
    private final SegmentCipher segments;
    private final FrameTeam ciphers;
    private final HeldPlaintext plaintext;
    private long next;
    private long opened;
    private byte[] pending = NOTHING;
    private int pendingLength;

    SegmentsOpener(StreamOpening.Opened stream, HeldPlaintext plaintext, int parallelism) {
        this.layout = stream.layout();
        this.segments = stream.segments();
        this.ciphers = new FrameTeam(segments.cipher(), parallelism);
        this.plaintext = plaintext;
    }

    StreamLayout layout() {
        return layout;
    }

    /** How much plaintext came out. */
    long opened() {
        return opened;
    }

    /** How many bytes of ciphertext are kept. */
    int pendingLength() {
        return pendingLength;
    }

    /**
     * Takes input until a segment, or as many as several threads work on at once, was decrypted, or it is used up; returns how
     * many bytes it took.
     */
    int feed(byte[] in, int offset, int length) throws InvalidMessageException {
        int wanted = layout.segmentLength(next);
        if (pendingLength == wanted && length > 0) {
            pendingLength = 0;
            openOne(false, pending, 0, wanted);
            return 0;
        }
        if (pendingLength > 0 || length <= wanted) {
            int count = Math.min(wanted - pendingLength, length);
            keep(in, offset, count);
            return count;
        }
        int count = Math.min((length - 1) / layout.segmentLength(), FrameTeam.mostFrames(layout.segmentLength()));
        if (next == 0 || count <= 1) {
            openOne(false, in, offset, wanted);
            return wanted;
        }
        openAll(in, offset, count);
        return count * layout.segmentLength();
    }

    /** Decrypts the last segment. */
    void finish() throws InvalidMessageException {
        int length = pendingLength;
        pendingLength = 0;
        openOne(true, pending, 0, length);
    }

    private void openOne(boolean last, byte[] in, int offset, int length) throws InvalidMessageException {
        int most = Math.max(0, length - StreamLayout.TAG_LENGTH);
        plaintext.reserve(most);
        int written = segments.open(next, last, in, offset, length, plaintext.array(), plaintext.position());
        next++;
        added(written);
    }

    private void added(int length) {
        plaintext.added(length);
        opened += length;
    }

    /** Of the plaintext, only what precedes the first bad segment is left. */
    private void openAll(byte[] in, int offset, int count) throws InvalidMessageException {
        int length = layout.plaintextSegmentLength();
        plaintext.reserve(count * length);
        byte[] out = plaintext.array();
        int position = plaintext.position();
        long first = next;
        FrameBatch.Work work = (cipher, index) -> open(
                cipher, first + index, in, offset + index * layout.segmentLength(), out, position + index * length);
        if (!ciphers.shares(count, length)) {
            for (int index = 0; index < count; index++) {
                work.frame(ciphers.own(), index);
                next++;
                added(length);
            }
            return;
        }
        FrameBatch batch = ciphers.start(count, length, work);
        int good = batch.finish(ciphers.own());
        next += good;
        added(good * length);
        if (good < count) {
            Arrays.fill(out, position + good * length, position + count * length, (byte) 0);
            batch.throwFailure();
        }
    }

    private void open(AesGcm cipher, long number, byte[] in, int offset, byte[] out, int outOffset)
            throws InvalidMessageException {
        segments.open(cipher, number, false, in, offset, layout.segmentLength(), out, outOffset);
    }

    private void keep(byte[] in, int offset, int length) {
        if (pendingLength + length > pending.length) {
            int size = Math.min(layout.segmentLength(), Math.max(pendingLength + length, 2 * pending.length));
            pending = Arrays.copyOf(pending, size);
        }
        System.arraycopy(in, offset, pending, pendingLength, length);
        pendingLength += length;
    }

    /** Lets go of the keys; idempotent. */
    @Override
    public void close() {
        ciphers.close();
    }
}
