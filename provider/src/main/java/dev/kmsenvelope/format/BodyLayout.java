package dev.kmsenvelope.format;

import dev.kmsenvelope.format.InvalidMessageException.Reason;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The layout of the body of an AWS Encryption SDK message, and of what its parts authenticate.
 *
 * <pre>
 * framed body  = regular* final
 * regular      = sequence u32 | iv[12] | ciphertext[frameLength] | tag[16]
 * final        = FFFFFFFF | sequence u32 | iv[12] | length u32 (at most frameLength) | ciphertext[length] | tag[16]
 * single block = iv[12] | length u64 | ciphertext[length] | tag[16]                    not framed; read only
 * footer       = length u16 | signature[length]                                        signed suites only
 *
 * associated data of each part = messageId | label | sequence u32 | plaintext length u64
 * </pre>
 *
 * Integers are big-endian and unsigned. Sequence numbers start at 1 and count up by 1, the final frame's included; the
 * single block has 1. A writer's IV is 8 zero bytes and the sequence number; a reader takes the IV that stands there.
 *
 * <p>One object serves one message. Not thread-safe.
 */
public final class BodyLayout {

    /** Length of an IV, in bytes. */
    public static final int IV_LENGTH = 12;

    /** Length of a tag, in bytes. */
    public static final int TAG_LENGTH = 16;

    /** How much longer a regular frame is than its plaintext, in bytes. */
    public static final int REGULAR_OVERHEAD = 4 + IV_LENGTH + TAG_LENGTH;

    /** How much longer the final frame is than its plaintext, in bytes. */
    public static final int FINAL_OVERHEAD = 4 + 4 + IV_LENGTH + 4 + TAG_LENGTH;

    /** How much longer the single block is than its plaintext, in bytes. */
    public static final int BLOCK_OVERHEAD = IV_LENGTH + 8 + TAG_LENGTH;

    /** The highest sequence number; one more would be the mark of the final frame. */
    public static final long MAX_SEQUENCE = 0xFFFF_FFFEL;

    private static final int FINAL_MARK = 0xFFFFFFFF;
    private static final int MARK_LENGTH = 4;
    private static final int REGULAR_PREFIX = 4 + IV_LENGTH;
    private static final int FINAL_PREFIX = 4 + 4 + IV_LENGTH + 4;
    private static final int BLOCK_PREFIX = IV_LENGTH + 8;

    /** The three kinds of part that hold ciphertext, with their labels. */
    public enum Kind {
        /** A frame that others follow; always full. */
        REGULAR("AWSKMSEncryptionClient Frame"),
        /** The last frame. */
        FINAL("AWSKMSEncryptionClient Final Frame"),
        /** The whole of a body that is not framed. */
        SINGLE_BLOCK("AWSKMSEncryptionClient Single Block");

        @SuppressWarnings("ImmutableEnumChecker") // written once, below, and never handed out
        private final byte[] label;

        Kind(String label) {
            this.label = label.getBytes(StandardCharsets.US_ASCII);
        }
    }

    /**
     * Where a part's pieces stand.
     *
     * @param kind which kind it is
     * @param sequence its sequence number
     * @param iv its IV, 12 bytes
     * @param ciphertextOffset where its ciphertext starts, counted from its own start
     * @param ciphertextLength how long the ciphertext is, without the tag that follows it
     */
    public record Part(Kind kind, long sequence, byte[] iv, int ciphertextOffset, int ciphertextLength) {}

    private final byte[] messageId;
    private final int frameLength;
    private final int maxBlockLength;

    /**
     * The layout of one message.
     *
     * @param header its header
     * @param maxBlockLength how many bytes of plaintext a body that is not framed may have
     */
    public BodyLayout(MessageHeader header, int maxBlockLength) {
        this.messageId = header.sharedMessageId();
        this.frameLength = header.frameLength();
        this.maxBlockLength = maxBlockLength;
    }

    /**
     * The layout of a framed message that is being written.
     *
     * @param messageId its id, 16 or 32 bytes; not copied
     * @param frameLength plaintext bytes per frame
     */
    public BodyLayout(byte[] messageId, int frameLength) {
        this.messageId = messageId;
        this.frameLength = frameLength;
        this.maxBlockLength = 0;
    }

    /**
     * How much plaintext a regular frame has.
     *
     * @return the number of bytes; 0 for a body that is not framed
     */
    public int frameLength() {
        return frameLength;
    }

    /**
     * How many regular frames some input starts with.
     *
     * @param in holds the start of a part
     * @param offset where it starts
     * @param length how long the input is
     * @param most where to stop counting
     * @param complete whether only those count that are all there; else the last may break off, but for its first 4 bytes
     * @return their number; 0 when the body is not framed
     */
    public int regularFrames(byte[] in, int offset, int length, int most, boolean complete) {
        if (frameLength == 0) {
            return 0;
        }
        ByteBuffer frames = ByteBuffer.wrap(in, offset, length);
        int stride = REGULAR_OVERHEAD + frameLength;
        int needed = complete ? stride : MARK_LENGTH;
        int count = 0;
        while (count < most
                && length - count * stride >= needed
                && frames.getInt(offset + count * stride) != FINAL_MARK) {
            count++;
        }
        return count;
    }

    /**
     * The IV that a writer gives a frame.
     *
     * @param sequence its sequence number
     * @return 12 bytes
     */
    public static byte[] writersIv(long sequence) {
        return ByteBuffer.allocate(IV_LENGTH).putLong(0).putInt((int) sequence).array();
    }

    /**
     * What a part authenticates besides its ciphertext.
     *
     * @param kind which kind of part
     * @param sequence its sequence number
     * @param plaintextLength how long its plaintext is
     * @return the associated data
     */
    public byte[] associatedData(Kind kind, long sequence, long plaintextLength) {
        return ByteBuffer.allocate(messageId.length + kind.label.length + 4 + 8)
                .put(messageId)
                .put(kind.label)
                .putInt((int) sequence)
                .putLong(plaintextLength)
                .array();
    }

    /**
     * Writes what precedes a frame's ciphertext.
     *
     * @param kind regular or final
     * @param sequence its sequence number
     * @param plaintextLength how long its plaintext is
     * @param out where to
     * @param offset where in it
     * @return how many bytes were written
     */
    public static int writePrefix(Kind kind, long sequence, int plaintextLength, byte[] out, int offset) {
        ByteBuffer buffer = ByteBuffer.wrap(out, offset, out.length - offset);
        if (kind == Kind.FINAL) {
            buffer.putInt(FINAL_MARK);
        }
        buffer.putInt((int) sequence).putLong(0).putInt((int) sequence);
        if (kind == Kind.FINAL) {
            buffer.putInt(plaintextLength);
        }
        return buffer.position() - offset;
    }

    /**
     * How many bytes, counted from the start of a part, are needed to get on: all of the part once it is known how long it
     * is, else as many as tell.
     *
     * @param in holds the start of the part
     * @param offset where it starts
     * @param available how many bytes are there
     * @return that number; the part is complete when it is at most {@code available}
     * @throws InvalidMessageException if a length is beyond what is allowed
     */
    public int wanted(byte[] in, int offset, int available) throws InvalidMessageException {
        ByteBuffer part = ByteBuffer.wrap(in, offset, available);
        if (frameLength == 0) {
            if (available < BLOCK_PREFIX) {
                return BLOCK_PREFIX;
            }
            long length = part.getLong(offset + IV_LENGTH);
            if (length < 0 || length > maxBlockLength) {
                throw new InvalidMessageException(
                        Reason.NOT_ALLOWED,
                        "a body of " + Long.toUnsignedString(length) + " bytes that is not framed; the limit is "
                                + maxBlockLength);
            }
            return BLOCK_OVERHEAD + (int) length;
        }
        if (available < 4) {
            return 4;
        }
        if (part.getInt(offset) != FINAL_MARK) {
            return REGULAR_OVERHEAD + frameLength;
        }
        if (available < FINAL_PREFIX) {
            return FINAL_PREFIX;
        }
        return FINAL_OVERHEAD + finalLength(part, offset);
    }

    private int finalLength(ByteBuffer part, int offset) throws InvalidMessageException {
        int length = part.getInt(offset + FINAL_PREFIX - 4);
        if (length < 0 || length > frameLength) {
            throw new InvalidMessageException(
                    Reason.MALFORMED,
                    "the final frame says it has " + Integer.toUnsignedString(length)
                            + " bytes, more than the frame length " + frameLength);
        }
        return length;
    }

    /**
     * Reads a complete part.
     *
     * @param in holds the part
     * @param offset where it starts
     * @param length as many bytes as {@link #wanted} said
     * @param expectedSequence the sequence number that is next
     * @return where its pieces stand
     * @throws InvalidMessageException if it has another sequence number
     */
    public Part parse(byte[] in, int offset, int length, long expectedSequence) throws InvalidMessageException {
        ByteBuffer part = ByteBuffer.wrap(in, offset, length);
        byte[] iv = new byte[IV_LENGTH];
        if (frameLength == 0) {
            part.get(iv);
            return new Part(Kind.SINGLE_BLOCK, 1, iv, BLOCK_PREFIX, length - BLOCK_OVERHEAD);
        }
        boolean isFinal = part.getInt(offset) == FINAL_MARK;
        part.position(offset + (isFinal ? 4 : 0));
        long sequence = Integer.toUnsignedLong(part.getInt());
        if (sequence != expectedSequence) {
            throw new InvalidMessageException(
                    Reason.MALFORMED, "frame " + sequence + " stands where frame " + expectedSequence + " belongs");
        }
        part.get(iv);
        return isFinal
                ? new Part(Kind.FINAL, sequence, iv, FINAL_PREFIX, length - FINAL_OVERHEAD)
                : new Part(Kind.REGULAR, sequence, iv, REGULAR_PREFIX, frameLength);
    }

    /**
     * How much plaintext a body of a given length has, if it is well-formed and unsigned.
     *
     * @param bodyLength how many bytes follow the header
     * @return the number of bytes; for a length that no body has, as much as the longest body below that
     */
    public long plaintextLength(long bodyLength) {
        if (frameLength == 0) {
            return Math.max(0, bodyLength - BLOCK_OVERHEAD);
        }
        long frames = Math.max(0, bodyLength - FINAL_OVERHEAD);
        long stride = REGULAR_OVERHEAD + (long) frameLength;
        return frames / stride * frameLength + Math.min(frames % stride, frameLength);
    }

    /**
     * The most plaintext that the parts have which are complete in the start of a body, be they regular only or the final
     * one too: the overhead of a regular frame is the smaller one.
     *
     * @param length how many bytes follow the header
     * @return the number of bytes
     */
    public long mostPlaintext(long length) {
        long regularOnly = frameLength == 0 ? 0 : length / (REGULAR_OVERHEAD + (long) frameLength) * frameLength;
        return Math.max(regularOnly, plaintextLength(length));
    }

    /**
     * How long a framed body is.
     *
     * @param frameLength plaintext bytes per frame
     * @param plaintextLength plaintext bytes in all
     * @return the length in bytes
     */
    public static long bodyLength(int frameLength, long plaintextLength) {
        return regularFrames(frameLength, plaintextLength) * REGULAR_OVERHEAD + FINAL_OVERHEAD + plaintextLength;
    }

    /**
     * How many regular frames precede the final one, which is full when the plaintext ends with a frame.
     *
     * @param frameLength plaintext bytes per frame
     * @param plaintextLength plaintext bytes in all
     * @return the number of frames
     */
    public static long regularFrames(int frameLength, long plaintextLength) {
        return plaintextLength == 0 ? 0 : (plaintextLength - 1) / frameLength;
    }
}
