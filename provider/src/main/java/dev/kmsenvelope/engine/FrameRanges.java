package dev.kmsenvelope.engine;

import dev.kmsenvelope.format.BodyLayout;
import dev.kmsenvelope.format.BodyLayout.Kind;
import dev.kmsenvelope.format.BodyLayout.Part;
import dev.kmsenvelope.format.HeaderScanner;
import dev.kmsenvelope.format.InvalidMessageException;
import dev.kmsenvelope.format.InvalidMessageException.Reason;
import dev.kmsenvelope.format.MessageHeader;
import dev.kmsenvelope.kms.EncryptionContext;
import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import javax.crypto.AEADBadTagException;
import org.jspecify.annotations.Nullable;

/**
 * Any part of the plaintext of a framed message that is not signed. Every regular frame takes as many bytes as the next, so
 * the length of the message says where each one stands, which one is the final one and how long that is; the final frame,
 * which is verified first, proves it, since its number and its length are authenticated.
 */
public final class FrameRanges extends VerifiedParts {

    private static final int HEADER_CHUNK = 4096;

    private final EncryptionContext context;
    private final HeaderOpener.Opened opened;
    private final BodyLayout layout;
    private final long bodyOffset;
    private final long stride;
    private final long regularFrames;
    private final int finalLength;

    private FrameRanges(
            SeekableByteChannel message,
            EncryptionContext context,
            HeaderOpener.Opened opened,
            BodyLayout layout,
            long bodyOffset,
            long bodyLength)
            throws InvalidMessageException {
        super(message);
        this.context = context;
        this.opened = opened;
        this.layout = layout;
        this.bodyOffset = bodyOffset;
        this.stride = layout.frameLength() + (long) BodyLayout.REGULAR_OVERHEAD;
        long withoutFinalOverhead = bodyLength - BodyLayout.FINAL_OVERHEAD;
        if (withoutFinalOverhead < 0 || withoutFinalOverhead % stride > layout.frameLength()) {
            throw new InvalidMessageException(
                    Reason.TRUNCATED,
                    "no message with frames of " + layout.frameLength() + " bytes is as long as this one");
        }
        this.regularFrames = withoutFinalOverhead / stride;
        this.finalLength = (int) (withoutFinalOverhead % stride);
        if (regularFrames >= BodyLayout.MAX_SEQUENCE) {
            throw new InvalidMessageException(Reason.MALFORMED, "a message has at most 2^32-2 frames");
        }
    }

    /**
     * Opens a message: reads and verifies its header and its final frame.
     *
     * @param message all of the channel is the message; not closed
     * @param recipient who reads
     * @param settings what is accepted
     * @param aad the caller's associated data; no bytes for none
     * @param iv the IV that the message must have been encrypted with, or null when any will do
     * @return its plaintext; the caller closes it
     * @throws InvalidMessageException if something is wrong with the message, or it is not framed, or signed
     * @throws IOException if reading fails
     * @throws dev.kmsenvelope.kms.KmsException if the service fails
     */
    public static FrameRanges open(
            SeekableByteChannel message, Recipient recipient, EngineSettings settings, byte[] aad, byte @Nullable [] iv)
            throws IOException, InvalidMessageException {
        HeaderScanner scanner = new HeaderScanner(settings.limits());
        byte[] chunk = new byte[HEADER_CHUNK];
        long bodyOffset = 0;
        while (!scanner.isComplete()) {
            int count = fill(message, bodyOffset, chunk, chunk.length);
            if (count == 0) {
                throw new InvalidMessageException(Reason.TRUNCATED, "the message ends within its header");
            }
            bodyOffset += scanner.feed(chunk, 0, count);
        }
        MessageHeader header = scanner.parse();
        settings.esdk().requireReadable(header.suite());
        requireRanges(header);
        HeaderOpener.Opened opened = new HeaderOpener(recipient, settings).open(header, scanner.tag(), aad, iv);
        FrameRanges ranges = null;
        boolean proven = false;
        try {
            ranges = new FrameRanges(
                    message,
                    opened.context(),
                    opened,
                    new BodyLayout(header, 0),
                    bodyOffset,
                    message.size() - bodyOffset);
            ranges.load(ranges.frame(ranges.regularFrames));
            proven = true;
            return ranges;
        } finally {
            if (!proven) {
                opened.cipher().close();
                if (ranges != null) {
                    ranges.close();
                }
            }
        }
    }

    private static void requireRanges(MessageHeader header) throws InvalidMessageException {
        if (header.suite().isSigned()) {
            throw new InvalidMessageException(
                    Reason.NOT_ALLOWED,
                    "a signed message, which can be verified as a whole only: decrypt it, then read parts");
        }
        if (header.context().containsName(FooterAlgorithm.PUBLIC_KEY)) {
            throw new InvalidMessageException(
                    Reason.MALFORMED,
                    "an unsigned message with " + FooterAlgorithm.PUBLIC_KEY + " in its encryption context");
        }
        if (!header.isFramed()) {
            throw new InvalidMessageException(
                    Reason.NOT_ALLOWED,
                    "a message that is not framed, which can be verified as a whole only: decrypt it, then read parts");
        }
    }

    @Override
    public long length() {
        return regularFrames * layout.frameLength() + finalLength;
    }

    @Override
    public EncryptionContext context() {
        return context;
    }

    @Override
    protected Piece pieceAt(long position) {
        return frame(position / layout.frameLength());
    }

    /** Frames are counted from 0 here, and from 1 in the message. */
    private Piece frame(long number) {
        int length = number == regularFrames ? BodyLayout.FINAL_OVERHEAD + finalLength : (int) stride;
        return new Piece(number, bodyOffset + number * stride, length, number * layout.frameLength());
    }

    @Override
    protected int decrypt(Piece piece, byte[] in, byte[] out) throws InvalidMessageException {
        int length = piece.messageLength();
        long sequence = piece.number() + 1;
        if (layout.wanted(in, 0, length) != length) {
            throw new InvalidMessageException(
                    Reason.MALFORMED, "frame " + sequence + " has not the length that the message's length says");
        }
        Part part = layout.parse(in, 0, length, sequence);
        if ((part.kind() == Kind.FINAL) != (piece.number() == regularFrames)) {
            throw new InvalidMessageException(
                    Reason.MALFORMED, "frame " + sequence + " is not where the message's length says");
        }
        return decrypt(part, in, out);
    }

    private int decrypt(Part part, byte[] in, byte[] out) throws InvalidMessageException {
        int length = part.ciphertextLength();
        opened.dataKey().used(length);
        byte[][] associated = {layout.associatedData(part.kind(), part.sequence(), length)};
        try {
            return opened.cipher()
                    .decrypt(
                            part.iv(), associated, in, part.ciphertextOffset(), length + BodyLayout.TAG_LENGTH, out, 0);
        } catch (AEADBadTagException e) {
            throw new InvalidMessageException(
                    Reason.NOT_AUTHENTIC, "part " + part.sequence() + " of the message's body was changed", e);
        }
    }

    @Override
    public void close() {
        opened.cipher().close();
        super.close();
    }
}
