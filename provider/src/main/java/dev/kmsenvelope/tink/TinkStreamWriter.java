package dev.kmsenvelope.tink;

import dev.kmsenvelope.crypto.AesGcm;
import dev.kmsenvelope.crypto.RandomSource;
import dev.kmsenvelope.engine.EngineSettings;
import dev.kmsenvelope.engine.FrameBatch;
import dev.kmsenvelope.engine.FrameTeam;
import dev.kmsenvelope.engine.MessageWriter;
import dev.kmsenvelope.engine.Recipient;
import dev.kmsenvelope.format.InvalidMessageException;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import javax.crypto.ShortBufferException;
import org.jspecify.annotations.Nullable;

/**
 * Writes one of Tink's AES-GCM-HKDF streams, holding one segment in memory. A segment leaves when plaintext follows it: only
 * then is it known that it is not the last one. The layout is that of {@link StreamLayout}.
 *
 * <p>Salt and nonce prefix are drawn for each stream. A segment's number is consumed before its encryption starts, and
 * whatever fails ends the stream, so no nonce serves two plaintexts (RULES 7). Not thread-safe.
 */
public final class TinkStreamWriter implements MessageWriter {

    private static final byte[] NOTHING = new byte[0];

    private final StreamingKeyset keyset;
    private final StreamLayout layout;
    private final EngineSettings settings;
    private final byte[] header;
    private final ByteArrayOutputStream aad = new ByteArrayOutputStream(0);
    private @Nullable SegmentCipher segments;
    private @Nullable FrameTeam ciphers;
    private long next;
    private long taken;
    private byte[] pending = NOTHING;
    private int pendingLength;
    private boolean started;
    private boolean ended;

    private TinkStreamWriter(StreamingKeyset keyset, EngineSettings settings, byte[] header) {
        this.keyset = keyset;
        this.layout = keyset.primary().layout();
        this.settings = settings;
        this.header = header;
    }

    /**
     * Opens a keyset and prepares a stream under its primary key.
     *
     * @param recipient whose keys may decrypt the keyset
     * @param encrypted the keyset
     * @param settings how to write
     * @param random where salt and nonce prefix come from
     * @return the writer; the caller closes it
     * @throws dev.kmsenvelope.kms.KmsException if the keyset cannot be opened or used
     */
    public static TinkStreamWriter start(
            Recipient recipient, EncryptedKeyset encrypted, EngineSettings settings, RandomSource random) {
        StreamingKeyset keyset =
                StreamingKeysets.open(recipient, encrypted, settings.limits().maxFrameLength());
        boolean complete = false;
        try {
            int length = keyset.primary().layout().headerLength();
            byte[] header = new byte[length];
            header[0] = (byte) length;
            System.arraycopy(random.next(length - 1), 0, header, 1, length - 1);
            TinkStreamWriter writer = new TinkStreamWriter(keyset, settings, header);
            complete = true;
            return writer;
        } finally {
            if (!complete) {
                keyset.close();
            }
        }
    }

    /**
     * The end of the header, which the stream is told by: the last bytes of the salt and the nonce prefix.
     *
     * @return 12 bytes
     */
    public byte[] iv() {
        return TinkStreamReader.iv(header);
    }

    @Override
    public void updateAad(byte[] in, int offset, int length) {
        if (started || ended) {
            throw new IllegalStateException("associated data (AAD) comes before the data");
        }
        aad.write(in, offset, length);
    }

    @Override
    public long updateSize(int length) {
        return written(taken + length) - written(taken);
    }

    /** How much has left when so much plaintext came. */
    private long written(long plaintext) {
        return layout.segmentsBeforeLast(plaintext) * layout.segmentLength();
    }

    @Override
    public long finishSize(int length) {
        return layout.streamLength(taken + length) - written(taken);
    }

    @Override
    public int update(byte[] in, int offset, int length, byte[] out, int outOffset) throws ShortBufferException {
        requireRoom(updateSize(length), out, outOffset);
        if (length == 0) {
            return 0;
        }
        return endingOnFailure(() -> write(in, offset, length, false, out, outOffset));
    }

    @Override
    public int finish(byte[] in, int offset, int length, byte[] out, int outOffset) throws ShortBufferException {
        requireRoom(finishSize(length), out, outOffset);
        int written = endingOnFailure(() -> write(in, offset, length, true, out, outOffset));
        close();
        return written;
    }

    private int write(byte[] in, int offset, int length, boolean ends, byte[] out, int outOffset) {
        FrameTeam team = started();
        int from = offset;
        int end = offset + length;
        int at = outOffset;
        taken += length;
        while (end - from > capacity() - pendingLength) {
            if (pendingLength == 0 && next > 0) {
                int count = Math.min(
                        (end - from - 1) / layout.plaintextSegmentLength(),
                        FrameTeam.mostFrames(layout.plaintextSegmentLength()));
                sealAll(team, in, from, count, out, at);
                from += count * layout.plaintextSegmentLength();
                at += count * layout.segmentLength();
            } else {
                int missing = capacity() - pendingLength;
                at += sealNext(team, in, from, missing, false, out, at);
                from += missing;
            }
        }
        if (ends) {
            return at + sealNext(team, in, from, end - from, true, out, at) - outOffset;
        }
        keep(in, from, end - from);
        return at - outOffset;
    }

    /** How much plaintext the next segment takes. */
    private int capacity() {
        return layout.segmentLength(next) - StreamLayout.TAG_LENGTH;
    }

    /** The segment that starts with what was kept, behind the header if it is the first. */
    private int sealNext(FrameTeam team, byte[] in, int offset, int length, boolean last, byte[] out, int outOffset) {
        int headed = 0;
        if (next == 0) {
            System.arraycopy(header, 0, out, outOffset, header.length);
            headed = header.length;
        }
        long number = consume(1);
        if (pendingLength == 0) {
            return headed + seal(team.own(), number, last, in, offset, length, out, outOffset + headed);
        }
        keep(in, offset, length);
        int written = seal(team.own(), number, last, pending, 0, pendingLength, out, outOffset + headed);
        pendingLength = 0;
        return headed + written;
    }

    private void sealAll(FrameTeam team, byte[] in, int offset, int count, byte[] out, int outOffset) {
        int plaintext = layout.plaintextSegmentLength();
        long first = consume(count);
        FrameBatch.Work work = (cipher, index) -> seal(
                cipher,
                first + index,
                false,
                in,
                offset + index * plaintext,
                plaintext,
                out,
                outOffset + index * layout.segmentLength());
        try {
            if (team.shares(count, plaintext)) {
                FrameBatch batch = team.start(count, plaintext, work);
                batch.finish(team.own());
                batch.throwFailure();
                return;
            }
            for (int index = 0; index < count; index++) {
                work.frame(team.own(), index);
            }
        } catch (InvalidMessageException e) {
            throw new IllegalStateException("encrypting reads no message", e);
        }
    }

    private int seal(
            AesGcm cipher, long number, boolean last, byte[] in, int offset, int length, byte[] out, int outOffset) {
        if (segments == null) {
            throw new IllegalStateException("the key comes before the segments");
        }
        return segments.seal(cipher, number, last, in, offset, length, out, outOffset);
    }

    /** Takes numbers for segments, before their encryption starts. */
    private long consume(int count) {
        long first = next;
        if (count > StreamLayout.MAX_SEGMENTS - first) {
            throw new IllegalStateException("a stream has at most 2^32 segments");
        }
        next += count;
        return first;
    }

    private FrameTeam started() {
        started = true;
        FrameTeam team = ciphers;
        if (team == null) {
            segments = SegmentCipher.derive(settings.gcm(), keyset.primary(), header, aad.toByteArray());
            keyset.close();
            team = new FrameTeam(segments.cipher(), settings.parallelism());
            ciphers = team;
        }
        return team;
    }

    private void keep(byte[] in, int offset, int length) {
        if (pendingLength + length > pending.length) {
            byte[] old = pending;
            int size = Math.min(layout.plaintextSegmentLength(), Math.max(pendingLength + length, 2 * old.length));
            pending = Arrays.copyOf(old, size);
            Arrays.fill(old, (byte) 0);
        }
        System.arraycopy(in, offset, pending, pendingLength, length);
        pendingLength += length;
    }

    private void requireRoom(long needed, byte[] out, int outOffset) throws ShortBufferException {
        if (ended) {
            throw new IllegalStateException("this stream has ended; initialize the cipher for the next one");
        }
        if (needed > out.length - outOffset) {
            throw new ShortBufferException("the output needs " + needed + " bytes");
        }
    }

    private interface Step {
        int run();
    }

    private int endingOnFailure(Step step) {
        boolean done = false;
        try {
            int written = step.run();
            done = true;
            return written;
        } finally {
            if (!done) {
                close();
            }
        }
    }

    /** Wipes what is held and lets go of the keys; idempotent. */
    @Override
    public void close() {
        ended = true;
        keyset.close();
        FrameTeam team = ciphers;
        if (team != null) {
            team.close();
        }
        Arrays.fill(pending, (byte) 0);
        pendingLength = 0;
    }
}
