package dev.kmsenvelope.tink;

import dev.kmsenvelope.format.InvalidMessageException;
import dev.kmsenvelope.format.InvalidMessageException.Reason;
import java.security.Provider;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds the key of a keyset that a stream was encrypted with, from the start of the stream. A stream does not tell which: as
 * in Tink, the one is taken that opens the first segment. Where only one comes into question, it is taken at once, and the first
 * segment shows later whether it is the right one. Not thread-safe.
 */
final class StreamOpening {

    private final Provider gcm;
    private final List<StreamingKey> keys;
    private final byte[] aad;

    /**
     * What is known of a stream.
     *
     * @param layout of it
     * @param header its first bytes
     * @param segments decrypts it
     */
    record Opened(StreamLayout layout, byte[] header, SegmentCipher segments) {}

    /**
     * Starts.
     *
     * @param gcm who does AES-GCM
     * @param keys that come into question; still the caller's
     * @param aad the stream's associated data
     */
    StreamOpening(Provider gcm, List<StreamingKey> keys, byte[] aad) {
        this.gcm = gcm;
        this.keys = keys;
        this.aad = aad;
    }

    /** Those that streams with such a first byte can be for. */
    static List<StreamingKey> candidates(List<StreamingKey> keys, byte first) throws InvalidMessageException {
        List<StreamingKey> matching = keys.stream()
                .filter(key -> key.layout().headerLength() == first)
                .toList();
        if (matching.isEmpty()) {
            throw new InvalidMessageException(
                    Reason.MALFORMED,
                    "not a stream of Tink for this keyset: its header says that it has " + (first & 0xFF) + " bytes");
        }
        return matching;
    }

    /** How many bytes of the stream are enough to tell. */
    static int wanted(List<StreamingKey> candidates) {
        if (candidates.size() == 1) {
            return candidates.get(0).layout().headerLength();
        }
        return 1
                + candidates.stream()
                        .mapToInt(key -> key.layout().segmentLength())
                        .max()
                        .orElseThrow();
    }

    /**
     * Opens a stream.
     *
     * @param start of the stream: as much as is {@link #wanted}, or all there is
     * @param length how much that is, at least 1
     * @return what decrypts it, which the caller closes
     * @throws InvalidMessageException if no key opens it
     */
    Opened open(byte[] start, int length) throws InvalidMessageException {
        List<StreamingKey> candidates = candidates(keys, start[0]);
        int headerLength = start[0];
        if (length < headerLength) {
            throw new InvalidMessageException(Reason.TRUNCATED, "the stream ends within its header");
        }
        byte[] header = Arrays.copyOf(start, headerLength);
        if (candidates.size() == 1) {
            return opened(candidates.get(0), header);
        }
        InvalidMessageException refusal = null;
        for (StreamingKey key : candidates) {
            Opened opened = opened(key, header);
            InvalidMessageException refused = trial(opened, start, length);
            if (refused == null) {
                return opened;
            }
            opened.segments().close();
            refusal = refused;
        }
        throw refusal == null ? new InvalidMessageException(Reason.NOT_AUTHENTIC, "no key opens it") : refusal;
    }

    private Opened opened(StreamingKey key, byte[] header) {
        return new Opened(key.layout(), header, SegmentCipher.derive(gcm, key, header, aad));
    }

    private static @Nullable InvalidMessageException trial(Opened opened, byte[] start, int length) {
        StreamLayout layout = opened.layout();
        boolean last = length <= layout.segmentLength();
        int segment = Math.min(length, layout.segmentLength()) - layout.headerLength();
        byte[] scratch = new byte[Math.max(0, segment - StreamLayout.TAG_LENGTH)];
        try {
            opened.segments().open(0, last, start, layout.headerLength(), segment, scratch, 0);
            return null;
        } catch (InvalidMessageException e) {
            return e;
        } finally {
            Arrays.fill(scratch, (byte) 0);
        }
    }
}
