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
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import org.jspecify.annotations.Nullable;

/**
 * Any part of the plaintext of a framed message that is not signed. Every regular frame takes as many bytes as the next, so
 * the length of the message says where each one stands, which one is the final one and how long that is; the final frame,
 * which is verified first, proves it, since its number and its length are authenticated. The frame that was read last is
 * kept.
 */
public final class FrameRanges implements RandomAccessMessage {

    private static final int HEADER_CHUNK = 4096;
    private static final byte[] NOTHING = new byte[0];
    private static final long NO_FRAME = -1;

    private final SeekableByteChannel message;
    private final EncryptionContext context;
    private final HeaderOpener.Opened opened;
    private final BodyLayout layout;
    private final long bodyOffset;
    private final long stride;
    private final long regularFrames;
    private final int finalLength;
    private byte[] ciphertext = NOTHING;
    private byte[] plaintext = NOTHING;
    private int plaintextLength;
    private long present = NO_FRAME;

    private FrameRanges(
            SeekableByteChannel message,
            EncryptionContext context,
            HeaderOpener.Opened opened,
            BodyLayout layout,
            long bodyOffset,
            long bodyLength)
            throws InvalidMessageException {
        this.message = message;
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
            int count = read(message, bodyOffset, chunk, chunk.length);
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
            ranges.load(ranges.regularFrames);
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
    public int read(long position, ByteBuffer out) throws IOException, InvalidMessageException {
        if (position < 0) {
            throw new IllegalArgumentException("a position is not negative");
        }
        if (position >= length()) {
            return -1;
        }
        long next = position;
        while (out.hasRemaining() && next < length()) {
            long frame = next / layout.frameLength();
            try {
                load(frame);
            } catch (IOException | InvalidMessageException e) {
                if (next > position) {
                    break;
                }
                throw e;
            }
            int from = (int) (next - frame * layout.frameLength());
            int count = Math.min(out.remaining(), plaintextLength - from);
            out.put(plaintext, from, count);
            next += count;
        }
        return (int) (next - position);
    }

    /** Reads and verifies one frame, the first of which is 0, unless it is the one that is kept. */
    private void load(long frame) throws IOException, InvalidMessageException {
        if (frame == present) {
            return;
        }
        present = NO_FRAME;
        boolean isFinal = frame == regularFrames;
        int length = isFinal ? BodyLayout.FINAL_OVERHEAD + finalLength : (int) stride;
        ciphertext = sized(ciphertext, length);
        if (read(message, bodyOffset + frame * stride, ciphertext, length) < length) {
            throw new InvalidMessageException(Reason.TRUNCATED, "the message became shorter while it was being read");
        }
        if (layout.wanted(ciphertext, 0, length) != length) {
            throw new InvalidMessageException(
                    Reason.MALFORMED, "frame " + (frame + 1) + " has not the length that the message's length says");
        }
        Part part = layout.parse(ciphertext, 0, length, frame + 1);
        if ((part.kind() == Kind.FINAL) != isFinal) {
            throw new InvalidMessageException(
                    Reason.MALFORMED, "frame " + (frame + 1) + " is not where the message's length says");
        }
        decrypt(part);
        present = frame;
    }

    private void decrypt(Part part) throws InvalidMessageException {
        int length = part.ciphertextLength();
        plaintext = sized(plaintext, length);
        opened.dataKey().used(length);
        byte[][] associated = {layout.associatedData(part.kind(), part.sequence(), length)};
        try {
            plaintextLength = opened.cipher()
                    .decrypt(
                            part.iv(),
                            associated,
                            ciphertext,
                            part.ciphertextOffset(),
                            length + BodyLayout.TAG_LENGTH,
                            plaintext,
                            0);
        } catch (AEADBadTagException e) {
            throw new InvalidMessageException(
                    Reason.NOT_AUTHENTIC, "part " + part.sequence() + " of the message's body was changed", e);
        }
    }

    private static byte[] sized(byte[] array, int length) {
        if (array.length >= length) {
            return array;
        }
        Arrays.fill(array, (byte) 0);
        return new byte[length];
    }

    /** Fills the array as far as the channel goes; returns how many bytes there were. */
    private static int read(SeekableByteChannel channel, long position, byte[] out, int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(out, 0, length);
        channel.position(position);
        while (buffer.hasRemaining() && channel.read(buffer) > 0) {
            // once more, until it is full or the end
        }
        return buffer.position();
    }

    @Override
    public void close() {
        opened.cipher().close();
        Arrays.fill(plaintext, (byte) 0);
        plaintext = NOTHING;
        present = NO_FRAME;
    }
}
