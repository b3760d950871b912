package dev.kmsenvelope.tink;

/**
 * The layout of Tink's AES-GCM-HKDF streams.
 *
 * <pre>
 * stream       = header segment[0] ... segment[last]
 * header       = length u8 (of the header) | salt[derivedKeyLength] | noncePrefix[7]
 * segment      = ciphertext | tag[16]
 *
 * key of the stream  = HKDF(inputKey, salt, info = associated data, derivedKeyLength)
 * nonce of segment n = noncePrefix | n u32 | 01 for the last segment, 00 for the others
 * </pre>
 *
 * Integers are big-endian. All segments but the last are full. The first one and the header together have the length of a full
 * segment, so segment n starts, for n above 0, at n times that length. The length of the stream is what the last segment's
 * nonce proves. The associated data of AES-GCM is empty.
 *
 * @param segmentLength of a full segment with its tag, in bytes
 * @param derivedKeyLength of the key of a stream, and of the salt, in bytes
 */
public record StreamLayout(int segmentLength, int derivedKeyLength) {

    /** Length of a tag, in bytes. */
    public static final int TAG_LENGTH = 16;

    /** How many segments a stream has at most. */
    public static final long MAX_SEGMENTS = 1L << 32;

    static final int NONCE_PREFIX_LENGTH = 7;

    /**
     * A layout that there can be.
     *
     * @param segmentLength of a full segment with its tag, in bytes
     * @param derivedKeyLength 16 or 32
     * @return the layout
     * @throws IllegalArgumentException if a length is wrong
     */
    public static StreamLayout of(int segmentLength, int derivedKeyLength) {
        if (derivedKeyLength != 16 && derivedKeyLength != 32) {
            throw new IllegalArgumentException("a derived key of " + Integer.toUnsignedString(derivedKeyLength)
                    + " bytes; AES-GCM takes 16 or 32");
        }
        StreamLayout layout = new StreamLayout(segmentLength, derivedKeyLength);
        if (segmentLength <= layout.headerLength() + TAG_LENGTH) {
            throw new IllegalArgumentException("a segment length of " + segmentLength + "; from "
                    + (layout.headerLength() + TAG_LENGTH + 1) + " to 2147483647 is possible");
        }
        return layout;
    }

    /**
     * How long the header is.
     *
     * @return 24 or 40 bytes
     */
    public int headerLength() {
        return 1 + derivedKeyLength + NONCE_PREFIX_LENGTH;
    }

    /**
     * How much plaintext a full segment has, other than the first, which has less by the length of the header.
     *
     * @return a number of bytes
     */
    public int plaintextSegmentLength() {
        return segmentLength - TAG_LENGTH;
    }

    /**
     * How long a full segment is with its tag.
     *
     * @param number from 0
     * @return a number of bytes
     */
    public int segmentLength(long number) {
        return number == 0 ? segmentLength - headerLength() : segmentLength;
    }

    /**
     * Where a segment starts in the stream.
     *
     * @param number from 0
     * @return the offset of its first byte
     */
    public long segmentOffset(long number) {
        return number == 0 ? headerLength() : number * segmentLength;
    }

    /**
     * How many segments a stream has.
     *
     * @param streamLength the length of the whole stream, in bytes
     * @return at least 1
     */
    public long segments(long streamLength) {
        return streamLength <= segmentLength ? 1 : (streamLength - 1) / segmentLength + 1;
    }

    /**
     * How much plaintext a whole stream has.
     *
     * @param streamLength in bytes
     * @return a number of bytes; 0 if no stream has that length
     */
    public long plaintextLength(long streamLength) {
        long segments = segments(streamLength);
        long last = streamLength - segmentOffset(segments - 1);
        return last < TAG_LENGTH ? 0 : streamLength - headerLength() - segments * TAG_LENGTH;
    }

    /**
     * How long the stream of a plaintext is.
     *
     * @param plaintextLength in bytes
     * @return its length
     */
    public long streamLength(long plaintextLength) {
        return headerLength() + plaintextLength + (segmentsBeforeLast(plaintextLength) + 1) * TAG_LENGTH;
    }

    /** How many segments precede the one that the last byte of a plaintext is in. */
    long segmentsBeforeLast(long plaintextLength) {
        return plaintextLength == 0 ? 0 : (plaintextLength + headerLength() - 1) / plaintextSegmentLength();
    }

    /** How much plaintext there is in the segments that other bytes of a stream follow, of which so many are known. */
    long plaintextBeforeLast(long streamLength) {
        long segments = segments(streamLength) - 1;
        return segments == 0 ? 0 : segments * plaintextSegmentLength() - headerLength();
    }
}
