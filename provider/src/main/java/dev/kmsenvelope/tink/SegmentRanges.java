package dev.kmsenvelope.tink;

import dev.kmsenvelope.engine.EngineSettings;
import dev.kmsenvelope.engine.Recipient;
import dev.kmsenvelope.engine.VerifiedParts;
import dev.kmsenvelope.format.InvalidMessageException;
import dev.kmsenvelope.format.InvalidMessageException.Reason;
import dev.kmsenvelope.kms.EncryptionContext;
import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.security.MessageDigest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Any part of the plaintext of one of Tink's AES-GCM-HKDF streams. The length of the stream says which segment is the last one
 * and how long that is. It is verified first, which proves the header too: the key comes from the salt and the associated data,
 * and the nonce from the nonce prefix, the number of the segment and that it is the last. So with a changed header, another
 * keyset, other associated data or another length, the last segment does not open.
 */
public final class SegmentRanges extends VerifiedParts {

    private static final int LONGEST_HEADER = 40;

    private final SegmentCipher segments;
    private final StreamLayout layout;
    private final long streamLength;
    private final long last;

    private SegmentRanges(SeekableByteChannel stream, StreamOpening.Opened opened, long streamLength) {
        super(stream);
        this.segments = opened.segments();
        this.layout = opened.layout();
        this.streamLength = streamLength;
        this.last = layout.segments(streamLength) - 1;
    }

    /**
     * Opens a stream: has its keyset decrypted, reads its header, and verifies its last segment. Where several keys of the
     * keyset come into question, the first segment tells which it is, as in Tink.
     *
     * @param stream all of the channel is the stream; not closed
     * @param recipient whose keys may decrypt the keyset
     * @param encrypted the keyset
     * @param settings what is accepted
     * @param aad the stream's associated data; no bytes for none
     * @param iv the end of the header, which the stream must have, or null when any will do
     * @return its plaintext; the caller closes it
     * @throws InvalidMessageException if something is wrong with the stream, or it is for another keyset or associated data
     * @throws IOException if reading fails
     * @throws dev.kmsenvelope.kms.KmsException if the keyset cannot be opened or used
     */
    public static SegmentRanges open(
            SeekableByteChannel stream,
            Recipient recipient,
            EncryptedKeyset encrypted,
            EngineSettings settings,
            byte[] aad,
            byte @Nullable [] iv)
            throws IOException, InvalidMessageException {
        long streamLength = stream.size();
        byte[] start = start(stream, LONGEST_HEADER);
        try (StreamingKeyset keyset =
                StreamingKeysets.open(recipient, encrypted, settings.limits().maxFrameLength())) {
            List<StreamingKey> candidates = StreamOpening.candidates(keyset.all(), start[0]);
            if (candidates.size() > 1) {
                start = start(stream, StreamOpening.wanted(candidates));
            }
            StreamOpening.Opened opened = new StreamOpening(settings.gcm(), candidates, aad).open(start, start.length);
            return proven(new SegmentRanges(stream, opened, streamLength), iv, opened.header());
        }
    }

    /** The first bytes, or all there are. */
    private static byte[] start(SeekableByteChannel stream, int most) throws IOException, InvalidMessageException {
        byte[] start = new byte[(int) Math.min(most, stream.size())];
        if (start.length == 0) {
            throw new InvalidMessageException(Reason.TRUNCATED, "there is no stream: 0 bytes");
        }
        if (fill(stream, 0, start, start.length) < start.length) {
            throw new InvalidMessageException(Reason.TRUNCATED, "the stream became shorter while it was being read");
        }
        return start;
    }

    private static SegmentRanges proven(SegmentRanges ranges, byte @Nullable [] iv, byte[] header)
            throws IOException, InvalidMessageException {
        boolean proven = false;
        try {
            ranges.load(ranges.segment(ranges.last));
            if (iv != null && !MessageDigest.isEqual(iv, TinkStreamReader.iv(header))) {
                throw new InvalidMessageException(
                        Reason.NOT_AUTHENTIC, "the IV is not the one that the stream was encrypted with");
            }
            proven = true;
            return ranges;
        } finally {
            if (!proven) {
                ranges.close();
            }
        }
    }

    @Override
    public long length() {
        return layout.plaintextLength(streamLength);
    }

    /** No pairs: streams have no encryption context. */
    @Override
    public EncryptionContext context() {
        return EncryptionContext.empty();
    }

    @Override
    protected Piece pieceAt(long position) {
        return segment((position + layout.headerLength()) / layout.plaintextSegmentLength());
    }

    private Piece segment(long number) {
        long offset = layout.segmentOffset(number);
        int length = (int) Math.min(layout.segmentLength(number), streamLength - offset);
        long before = number == 0 ? 0 : number * layout.plaintextSegmentLength() - layout.headerLength();
        return new Piece(number, offset, length, before);
    }

    @Override
    protected int decrypt(Piece piece, byte[] in, byte[] out) throws InvalidMessageException {
        return segments.open(piece.number(), piece.number() == last, in, 0, piece.messageLength(), out, 0);
    }

    @Override
    public void close() {
        segments.close();
        super.close();
    }
}
