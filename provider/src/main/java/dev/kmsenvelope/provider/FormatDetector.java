package dev.kmsenvelope.provider;

import dev.kmsenvelope.format.AlgorithmSuite;
import dev.kmsenvelope.format.HeaderLimits;
import dev.kmsenvelope.format.HeaderScanner;
import dev.kmsenvelope.format.InvalidMessageException;
import dev.kmsenvelope.format.InvalidMessageException.Reason;
import dev.kmsenvelope.format.MessageHeader;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.tink.TinkFormat;
import java.util.Arrays;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * Tells the format of a message by its first bytes, and keeps those. Nothing is verified: what opens the message afterwards
 * does that, and whoever changes the bytes can choose among the formats that are allowed, no more.
 *
 * <ul>
 *   <li>{@code 02}: an AWS Encryption SDK message of version 2. Where two layers are allowed, its header is read whole, within
 *       the limits for headers, and the mark in its encryption context tells the outer layer of two.
 *   <li>{@code 01 80} and a suite of version 1: an AWS Encryption SDK message of version 1.
 *   <li>{@code 00}, or {@code 01} and four bytes, and then the length of an encrypted data key: Tink's envelope messages.
 *   <li>{@code 18} or {@code 28}: Tink's streams, where their keyset was given.
 * </ul>
 *
 * What is both of the second and the third kind is refused, if both are allowed. Not thread-safe.
 */
final class FormatDetector {

    /** So many bytes tell all but the two that are AWS Encryption SDK messages of version 2. */
    static final int SHORT_HEAD = 9;

    private static final int VERSION_1 = 1;
    private static final int TYPE_1 = 0x80;
    private static final int VERSION_2 = 2;
    private static final int LENGTH_WITHOUT_PREFIX = 4;
    private static final int VERSION_1_START = 4;
    private static final byte SHORT_STREAM_HEADER = 24;
    private static final byte LONG_STREAM_HEADER = 40;

    /** The only suite of layers. */
    private static final AlgorithmSuite LAYER_SUITE = AlgorithmSuite.AES_256_GCM_HKDF_SHA512_COMMIT_KEY;

    private final ReadableFormats allowed;
    private final boolean streams;
    private final HeaderLimits limits;
    private byte[] head = new byte[SHORT_HEAD];
    private int size;
    private @Nullable HeaderScanner scanner;
    private @Nullable EnvelopeFormat format;

    /**
     * Starts with nothing.
     *
     * @param allowed what is accepted
     * @param streams whether messages of Tink are streams, for their keyset was given
     * @param limits for headers
     */
    FormatDetector(ReadableFormats allowed, boolean streams, HeaderLimits limits) {
        this.allowed = allowed;
        this.streams = streams;
        this.limits = limits;
    }

    /** A detector in the same state, to look ahead with. */
    FormatDetector copy() {
        FormatDetector copy = new FormatDetector(allowed, streams, limits);
        copy.head = head.clone();
        copy.size = size;
        copy.scanner = scanner == null ? null : scanner.copy();
        copy.format = format;
        return copy;
    }

    /** How much of a message the format can depend on, in bytes. */
    int longestHead() {
        return allowed.has(EnvelopeFormat.ESDK) || allowed.has(EnvelopeFormat.DUAL)
                ? limits.maxHeaderLength() + MessageHeader.TAG_LENGTH
                : SHORT_HEAD;
    }

    /** The format; null before it is known. */
    @Nullable
    EnvelopeFormat format() {
        return format;
    }

    /** How many bytes were taken. */
    int size() {
        return size;
    }

    /** What was taken: the first {@link #size} bytes are it. Not a copy. */
    byte[] head() {
        return head;
    }

    /** Whether so many more bytes are surely too few to tell. */
    boolean wantsMoreThan(int length) {
        return scanner != null && format == null && length < scanner.wanted();
    }

    /** Whether none of what was taken can be plaintext, whatever the format is. */
    boolean isInHeader() {
        return scanner != null;
    }

    /**
     * Takes input until the format is known.
     *
     * @param in holds the input
     * @param offset where it starts
     * @param length how long it is
     * @return how many bytes were taken
     * @throws InvalidMessageException if it is none of the formats that are allowed, or may be of two
     */
    int feed(byte[] in, int offset, int length) throws InvalidMessageException {
        int taken = 0;
        while (format == null && taken < length) {
            if (scanner == null) {
                keep(in, offset + taken, 1);
                taken++;
                format = look();
            } else {
                taken += scan(scanner, in, offset + taken, length - taken);
            }
        }
        return taken;
    }

    private void keep(byte[] in, int offset, int length) {
        if (size + length > head.length) {
            head = Arrays.copyOf(head, Math.max(2 * head.length, size + length));
        }
        System.arraycopy(in, offset, head, size, length);
        size += length;
    }

    private @Nullable EnvelopeFormat look() throws InvalidMessageException {
        return switch (head[0]) {
            case VERSION_2 -> version2();
            case VERSION_1 -> version1OrPrefix();
            case 0 -> size < LENGTH_WITHOUT_PREFIX ? null : tinkEnvelope();
            case SHORT_STREAM_HEADER, LONG_STREAM_HEADER -> tinkStream();
            default -> throw nothingKnown();
        };
    }

    private @Nullable EnvelopeFormat version2() throws InvalidMessageException {
        if (allowed.has(EnvelopeFormat.DUAL)) {
            scanner = new HeaderScanner(limits);
            scanner.feed(head, 0, size);
            return null;
        }
        if (allowed.has(EnvelopeFormat.ESDK)) {
            return EnvelopeFormat.ESDK;
        }
        if (size < 3) {
            return null;
        }
        if (hasSuite(VERSION_2, 1)) {
            throw notAllowed(EnvelopeFormat.ESDK);
        }
        throw nothingKnown();
    }

    /** Goes on with a header that may be an outer layer's. What is wrong with it, whoever opens it says. */
    private int scan(HeaderScanner header, byte[] in, int offset, int length) throws InvalidMessageException {
        int taken;
        boolean isLayer;
        try {
            taken = header.feed(in, offset, length);
            AlgorithmSuite suite = header.suite();
            if (suite == null || (suite == LAYER_SUITE && !header.isComplete())) {
                keep(in, offset, taken);
                return taken;
            }
            isLayer = suite == LAYER_SUITE && header.parse().context().containsName(EncryptionContext.LAYER_NAME);
        } catch (InvalidMessageException e) {
            format = allowed.has(EnvelopeFormat.ESDK) ? EnvelopeFormat.ESDK : EnvelopeFormat.DUAL;
            return 0;
        }
        keep(in, offset, taken);
        format = allowed(isLayer ? EnvelopeFormat.DUAL : EnvelopeFormat.ESDK);
        return taken;
    }

    private @Nullable EnvelopeFormat version1OrPrefix() throws InvalidMessageException {
        if (size < VERSION_1_START) {
            return null;
        }
        boolean isVersion1 = (head[1] & 0xFF) == TYPE_1;
        if (isVersion1 && (!allowed.has(EnvelopeFormat.TINK) || streams)) {
            return version1();
        }
        if (size < SHORT_HEAD) {
            return null;
        }
        if (!isVersion1) {
            return tinkEnvelope();
        }
        boolean isTink = TinkFormat.looksLike(head, size);
        if (isTink && hasSuite(VERSION_1, 2) && allowed.has(EnvelopeFormat.ESDK)) {
            throw new InvalidMessageException(
                    Reason.NOT_ALLOWED,
                    "the message may be one of the AWS Encryption SDK or one of Tink, and the setting "
                            + ReadableFormats.SETTING
                            + " has both; Envelope/ESDK/NoPadding or Envelope/TINK/NoPadding opens it");
        }
        return isTink ? EnvelopeFormat.TINK : version1();
    }

    private EnvelopeFormat version1() throws InvalidMessageException {
        if (allowed.has(EnvelopeFormat.ESDK)) {
            return EnvelopeFormat.ESDK;
        }
        throw hasSuite(VERSION_1, 2) ? notAllowed(EnvelopeFormat.ESDK) : nothingKnown();
    }

    private EnvelopeFormat tinkEnvelope() throws InvalidMessageException {
        if (!TinkFormat.looksLike(head, size)) {
            throw nothingKnown();
        }
        return allowed(EnvelopeFormat.TINK);
    }

    private EnvelopeFormat tinkStream() throws InvalidMessageException {
        if (streams) {
            return EnvelopeFormat.TINK;
        }
        throw new InvalidMessageException(
                Reason.NOT_ALLOWED,
                "the message starts as streams of Tink do, which Envelope/TINK/NoPadding opens with their keyset"
                        + " (TinkParameterSpec.ofKeyset); it is none of the others that the setting "
                        + ReadableFormats.SETTING + " has: " + allowed.labels());
    }

    private boolean hasSuite(int version, int at) {
        return AlgorithmSuite.ofId((head[at] & 0xFF) << 8 | (head[at + 1] & 0xFF))
                .filter(suite -> suite.messageVersion() == version)
                .isPresent();
    }

    private EnvelopeFormat allowed(EnvelopeFormat found) throws InvalidMessageException {
        if (!allowed.has(found)) {
            throw notAllowed(found);
        }
        return found;
    }

    private InvalidMessageException notAllowed(EnvelopeFormat found) {
        return new InvalidMessageException(
                Reason.NOT_ALLOWED,
                "the message looks like one of format " + ReadableFormats.label(found)
                        + (found == EnvelopeFormat.ESDK ? " (or dual, if it has two layers)" : "")
                        + ", which opens as Envelope/" + found + "/NoPadding, or where the setting "
                        + ReadableFormats.SETTING + " has "
                        + ReadableFormats.label(found) + "; it has: " + allowed.labels());
    }

    private InvalidMessageException nothingKnown() {
        return new InvalidMessageException(
                Reason.MALFORMED,
                "not a message of a format that the setting " + ReadableFormats.SETTING + " has (" + allowed.labels()
                        + "): it starts with "
                        + HexFormat.of().withUpperCase().toHexDigits(head[0]));
    }
}
