package dev.kmsenvelope.format;

import dev.kmsenvelope.format.InvalidMessageException.Reason;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Collects the header of a message (the grammar is in {@link MessageHeader}) from input that arrives in pieces, and nothing
 * that follows it. It looks at lengths only, each of which it checks against the limits before it makes room; what the
 * fields mean is for {@link MessageHeader#parse}. Not thread-safe.
 *
 * <p>The header is a chain of parts, each telling how long the next one is: {@code part} is the one that is being
 * collected and {@code end} where it ends. Every byte is looked at once, however the input is cut. As long as all of it
 * stands in one piece of input it is looked at there, and copied at the end of that piece.
 */
public final class HeaderScanner {

    private static final int FIRST_ROOM = 512;
    private static final byte[] NOTHING = new byte[0];

    private enum Part {
        VERSION,
        START,
        AAD_AND_KEY_COUNT,
        PROVIDER_ID_LENGTH,
        PROVIDER_ID,
        PROVIDER_INFO,
        CIPHERTEXT_AND_WHAT_FOLLOWS,
        COMPLETE
    }

    private final HeaderLimits limits;
    private byte[] bytes = NOTHING;
    private int start;
    private int size;
    private Part part = Part.VERSION;
    private int end = 1;
    private int keysLeft;
    private int version;
    private @Nullable AlgorithmSuite suite;
    private @Nullable InvalidMessageException fault;

    /**
     * Starts with nothing.
     *
     * @param limits what is accepted
     */
    public HeaderScanner(HeaderLimits limits) {
        this.limits = limits;
    }

    /**
     * A scanner in the same state, to look ahead with.
     *
     * @return an independent copy
     */
    public HeaderScanner copy() {
        HeaderScanner copy = new HeaderScanner(limits);
        copy.bytes = bytes.clone();
        copy.size = size;
        copy.part = part;
        copy.end = end;
        copy.keysLeft = keysLeft;
        copy.version = version;
        copy.suite = suite;
        copy.fault = fault;
        return copy;
    }

    /**
     * Takes input.
     *
     * @param in holds the input
     * @param offset where it starts
     * @param length how long it is
     * @return how many bytes were taken: all of them until the header is complete, then none
     * @throws InvalidMessageException if this cannot become a header, or it goes beyond the limits; then always again
     */
    public int feed(byte[] in, int offset, int length) throws InvalidMessageException {
        if (fault != null) {
            throw fault;
        }
        if (size > 0) {
            return collect(in, offset, length, true);
        }
        bytes = in;
        start = offset;
        try {
            return collect(in, offset, length, false);
        } finally {
            int room = isComplete() || size >= FIRST_ROOM ? size : FIRST_ROOM;
            bytes = new byte[size == 0 ? 0 : room];
            System.arraycopy(in, offset, bytes, 0, size);
            start = 0;
        }
    }

    private int collect(byte[] in, int offset, int length, boolean copying) throws InvalidMessageException {
        int taken = 0;
        while (taken < length && part != Part.COMPLETE) {
            int count = Math.min(end - size, length - taken);
            if (copying) {
                append(in, offset + taken, count);
            }
            size += count;
            taken += count;
            try {
                if (part == Part.START) {
                    checkStart();
                }
                if (size == end) {
                    next();
                }
            } catch (InvalidMessageException e) {
                fault = e;
                throw e;
            }
        }
        return taken;
    }

    private void append(byte[] in, int offset, int count) {
        if (size + count > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, size + count));
        }
        System.arraycopy(in, offset, bytes, size, count);
    }

    /** As early as possible, so that something else than a message is told from one that ends too early. */
    private void checkVersion() throws InvalidMessageException {
        version = bytes[start];
        if (version != MessageHeader.VERSION && version != MessageHeader.VERSION_1) {
            throw new InvalidMessageException(
                    Reason.MALFORMED,
                    "not an AWS Encryption SDK message: it starts with neither 01 nor 02"
                            + OtherFormats.hint(bytes[start]));
        }
    }

    private void checkStart() throws InvalidMessageException {
        int suiteAt = 1;
        if (version == MessageHeader.VERSION_1) {
            suiteAt = 2;
            if (size >= 2 && (bytes[start + 1] & 0xFF) != MessageHeader.TYPE_1) {
                throw new InvalidMessageException(
                        Reason.MALFORMED,
                        "not an AWS Encryption SDK message: one of version 1 starts with 01 80"
                                + OtherFormats.hint(bytes[start]));
            }
        }
        if (suite == null && size >= suiteAt + 2) {
            int suiteId = u16(suiteAt);
            suite = AlgorithmSuite.ofVersion(version, suiteId);
            if (suite == null) {
                throw unknownSuite(version, suiteId);
            }
        }
    }

    static InvalidMessageException unknownSuite(int version, int suiteId) {
        return new InvalidMessageException(
                Reason.NOT_ALLOWED,
                String.format("the algorithm suite %04X is unknown for a message of version %d", suiteId, version));
    }

    private void next() throws InvalidMessageException {
        switch (part) {
            case VERSION -> {
                checkVersion();
                expect(Part.START, MessageHeader.startLength(version) - 1);
            }
            case START -> expect(Part.AAD_AND_KEY_COUNT, u16(size - 2) + 2);
            case AAD_AND_KEY_COUNT -> {
                keysLeft = u16(size - 2);
                if (keysLeft == 0) {
                    throw new InvalidMessageException(
                            Reason.MALFORMED, "a message has at least one encrypted data key, this one has none");
                }
                if (keysLeft > limits.maxEncryptedDataKeys()) {
                    throw new InvalidMessageException(
                            Reason.NOT_ALLOWED,
                            keysLeft + " encrypted data keys; the limit is " + limits.maxEncryptedDataKeys());
                }
                expect(Part.PROVIDER_ID_LENGTH, 2);
            }
            case PROVIDER_ID_LENGTH -> expect(Part.PROVIDER_ID, u16(size - 2) + 2);
            case PROVIDER_ID -> expect(Part.PROVIDER_INFO, u16(size - 2) + 2);
            case PROVIDER_INFO -> {
                keysLeft--;
                expect(
                        Part.CIPHERTEXT_AND_WHAT_FOLLOWS,
                        u16(size - 2) + (keysLeft > 0 ? 2 : MessageHeader.endLength(version)));
            }
            case CIPHERTEXT_AND_WHAT_FOLLOWS -> {
                if (keysLeft > 0) {
                    expect(Part.PROVIDER_ID, u16(size - 2) + 2);
                } else {
                    checkFrameLength();
                    part = Part.COMPLETE;
                }
            }
            default -> throw new IllegalStateException("nothing follows " + part);
        }
    }

    private void expect(Part next, int length) throws InvalidMessageException {
        if (size + length > limits.maxHeaderLength()) {
            throw new InvalidMessageException(
                    Reason.NOT_ALLOWED,
                    "a header of at least " + (size + length) + " bytes; the limit is " + limits.maxHeaderLength());
        }
        part = next;
        end = size + length;
    }

    private void checkFrameLength() throws InvalidMessageException {
        int at = size - MessageHeader.endLength(version) + MessageHeader.beforeFrameLength(version);
        int frameLength = (u16(at) << 16) | u16(at + 2);
        if (Integer.compareUnsigned(frameLength, limits.maxFrameLength()) > 0) {
            throw new InvalidMessageException(
                    Reason.NOT_ALLOWED,
                    "frames of " + Integer.toUnsignedString(frameLength) + " bytes; the limit is "
                            + limits.maxFrameLength());
        }
    }

    private int u16(int at) {
        return (bytes[start + at] & 0xFF) << 8 | (bytes[start + at + 1] & 0xFF);
    }

    /**
     * Whether all of the header is here.
     *
     * @return true after its last byte
     */
    public boolean isComplete() {
        return part == Part.COMPLETE;
    }

    /**
     * The algorithm suite.
     *
     * @return the suite, or null before enough of the header is here
     */
    public @Nullable AlgorithmSuite suite() {
        return suite;
    }

    /**
     * How many bytes are sure to belong to the header still.
     *
     * @return at least 1 until it is complete
     */
    public int wanted() {
        return end - size;
    }

    /**
     * How many bytes of the header are here.
     *
     * @return the number of bytes taken
     */
    public int size() {
        return size;
    }

    /**
     * Reads the header.
     *
     * @return the header
     * @throws InvalidMessageException if something is wrong with it that its lengths do not show
     * @throws IllegalStateException if the header is not complete
     */
    public MessageHeader parse() throws InvalidMessageException {
        requireComplete();
        return HeaderParser.parse(bytes, size - MessageHeader.TAG_LENGTH);
    }

    /**
     * The header, its tag included.
     *
     * @return a fresh array
     * @throws IllegalStateException if the header is not complete
     */
    public byte[] withTag() {
        requireComplete();
        return Arrays.copyOf(bytes, size);
    }

    /**
     * The tag that ends the header.
     *
     * @return a fresh array
     * @throws IllegalStateException if the header is not complete
     */
    public byte[] tag() {
        requireComplete();
        return Arrays.copyOfRange(bytes, size - MessageHeader.TAG_LENGTH, size);
    }

    private void requireComplete() {
        if (!isComplete()) {
            throw new IllegalStateException("the header is not complete");
        }
    }
}
