package dev.kmsenvelope.engine;

import dev.kmsenvelope.crypto.AesGcm;
import dev.kmsenvelope.dek.DataKeyLease;
import dev.kmsenvelope.format.BodyLayout;
import dev.kmsenvelope.format.BodyLayout.Kind;
import dev.kmsenvelope.format.BodyLayout.Part;
import dev.kmsenvelope.format.InvalidMessageException;
import dev.kmsenvelope.format.InvalidMessageException.Reason;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import org.jspecify.annotations.Nullable;

/**
 * Decrypts the parts of a body in order, each when it is complete, from input that arrives in pieces. A part that is
 * complete in the input is decrypted where it stands; otherwise it is collected, in an array that grows with what arrives
 * and not with what a length field promises.
 */
final class BodyOpener implements AutoCloseable {

    private static final int FOOTER_PREFIX = 2;
    private static final byte[] NOTHING = new byte[0];

    private enum Phase {
        PARTS,
        FOOTER,
        COMPLETE
    }

    private final FrameTeam ciphers;
    private final DataKeyLease dataKey;
    private final BodyLayout layout;
    private final @Nullable FooterVerifier signature;
    private final HeldPlaintext plaintext;
    private Phase phase = Phase.PARTS;
    private long nextSequence = 1;
    private byte[] pending = NOTHING;
    private int pendingLength;

    BodyOpener(
            HeaderOpener.Opened opened,
            BodyLayout layout,
            @Nullable FooterVerifier signature,
            HeldPlaintext plaintext,
            int parallelism) {
        this.ciphers = new FrameTeam(opened.cipher(), parallelism);
        this.dataKey = opened.dataKey();
        this.layout = layout;
        this.signature = signature;
        this.plaintext = plaintext;
    }

    boolean isComplete() {
        return phase == Phase.COMPLETE;
    }

    int pendingLength() {
        return pendingLength;
    }

    /**
     * Takes input until the next part of it was decrypted, or as many frames as several threads work on at once, or the
     * input is used up; returns how many bytes it took.
     */
    int feed(byte[] in, int offset, int length) throws InvalidMessageException {
        Run run = start(in, offset, length);
        if (run != null) {
            run.finish();
            return run.length();
        }
        if (phase == Phase.COMPLETE) {
            throw new InvalidMessageException(Reason.MALFORMED, "something follows the end of the message");
        }
        if (pendingLength == 0) {
            int wanted = wanted(in, offset, length);
            if (wanted <= length) {
                open(in, offset, wanted);
                return wanted;
            }
        }
        int taken = 0;
        while (taken < length) {
            int wanted = wanted(pending, 0, pendingLength);
            int count = Math.min(wanted - pendingLength, length - taken);
            keep(in, offset + taken, count);
            taken += count;
            if (pendingLength == wanted && wanted(pending, 0, pendingLength) == wanted) {
                int complete = pendingLength;
                pendingLength = 0;
                open(pending, 0, complete);
                return taken;
            }
        }
        return taken;
    }

    /**
     * Begins with the frames that the input starts with, if there are enough for several threads.
     *
     * @return what was begun, which must be finished before anything else; or null
     */
    @Nullable
    Run start(byte[] in, int offset, int length) {
        int frameLength = layout.frameLength();
        if (phase != Phase.PARTS
                || signature != null
                || frameLength == 0
                || !ciphers.shares(length / frameLength, frameLength)) {
            return null;
        }
        int missing = pendingLength == 0 ? 0 : frameLength + BodyLayout.REGULAR_OVERHEAD - pendingLength;
        if (missing > length || (pendingLength > 0 && layout.regularFrames(pending, 0, pendingLength, 1, false) == 0)) {
            return null;
        }
        int kept = pendingLength == 0 ? 0 : 1;
        int from = offset + missing;
        int end = offset + length;
        int most = FrameTeam.mostFrames(frameLength);
        int regular = layout.regularFrames(in, from, end - from, most, true);
        from += regular * (frameLength + BodyLayout.REGULAR_OVERHEAD);
        return ciphers.shares(kept + regular, frameLength)
                ? new Run(in, offset, missing, kept, regular, finalLength(in, from, end - from))
                : null;
    }

    /** How long the final frame is if the input starts with it and has all of it; else 0. */
    private int finalLength(byte[] in, int offset, int length) {
        if (length < BodyLayout.FINAL_OVERHEAD || layout.regularFrames(in, offset, length, 1, false) > 0) {
            return 0;
        }
        try {
            int wanted = layout.wanted(in, offset, length);
            return wanted <= length ? wanted : 0;
        } catch (InvalidMessageException e) {
            return 0; // Reported when it is its turn, after the frames that precede it.
        }
    }

    /**
     * Frames that several threads decrypt, straight to where they belong: the first may have its start in what was kept, the
     * last may be the final one.
     */
    final class Run {

        private final byte[] in;
        private final int kept;
        private final int first;
        private final int regular;
        private final int finalLength;
        private final int count;
        private final int frameLength = layout.frameLength();
        private final int stride = frameLength + BodyLayout.REGULAR_OVERHEAD;
        private final int missing;
        private final int position;
        private final byte[] out;
        private final FrameBatch batch;

        private Run(byte[] in, int offset, int missing, int kept, int regular, int finalLength) {
            this.in = in;
            this.missing = missing;
            this.kept = kept;
            this.regular = regular;
            this.finalLength = finalLength;
            first = offset + missing;
            count = kept + regular + (finalLength > 0 ? 1 : 0);
            keep(in, offset, missing);
            dataKey.used(plaintextOf(count));
            plaintext.reserve(plaintextOf(count));
            position = plaintext.position();
            out = plaintext.array();
            long sequence = nextSequence;
            batch = ciphers.start(count, frameLength, (cipher, index) -> frame(cipher, sequence + index, index));
        }

        private void frame(AesGcm cipher, long sequence, int index) throws InvalidMessageException {
            byte[] source = index < kept ? pending : in;
            int at = index < kept ? 0 : first + (index - kept) * stride;
            int length = index < kept + regular ? stride : finalLength;
            Part part = layout.parse(source, at, length, sequence);
            decrypt(cipher, part, source, at, out, position + index * frameLength);
        }

        private int plaintextOf(int frames) {
            return frames <= kept + regular
                    ? frames * frameLength
                    : (frames - 1) * frameLength + finalLength - BodyLayout.FINAL_OVERHEAD;
        }

        /** How many bytes of the input it takes. */
        int length() {
            return missing + regular * stride + finalLength;
        }

        /** Works until the end. Of the plaintext, only what precedes the first bad frame is left. */
        void finish() throws InvalidMessageException {
            int good = batch.finish(ciphers.own());
            pendingLength = 0;
            plaintext.added(plaintextOf(good));
            nextSequence += good;
            if (good < count) {
                Arrays.fill(out, position + plaintextOf(good), position + plaintextOf(count), (byte) 0);
                batch.throwFailure();
            }
            if (finalLength > 0) {
                phase = Phase.COMPLETE;
            }
        }
    }

    private int wanted(byte[] in, int offset, int available) throws InvalidMessageException {
        if (phase == Phase.PARTS) {
            return layout.wanted(in, offset, available);
        }
        if (available < FOOTER_PREFIX) {
            return FOOTER_PREFIX;
        }
        int length = (in[offset] & 0xFF) << 8 | (in[offset + 1] & 0xFF);
        int most = signature == null ? 0 : signature.maxLength();
        if (length == 0 || length > most) {
            throw new InvalidMessageException(
                    Reason.MALFORMED, "a signature of " + length + " bytes; it has 1 to " + most);
        }
        return FOOTER_PREFIX + length;
    }

    private void keep(byte[] in, int offset, int length) {
        if (pendingLength + length > pending.length) {
            pending = Arrays.copyOf(pending, Math.max(2 * pending.length, pendingLength + length));
        }
        System.arraycopy(in, offset, pending, pendingLength, length);
        pendingLength += length;
    }

    private void open(byte[] in, int offset, int length) throws InvalidMessageException {
        if (phase == Phase.FOOTER && signature != null) {
            signature.verify(in, offset + FOOTER_PREFIX, length - FOOTER_PREFIX);
            phase = Phase.COMPLETE;
            return;
        }
        Part part = layout.parse(in, offset, length, nextSequence);
        decrypt(part, in, offset);
        if (signature != null) {
            signature.update(in, offset, length);
        }
        nextSequence++;
        if (part.kind() != Kind.REGULAR) {
            phase = signature != null ? Phase.FOOTER : Phase.COMPLETE;
        }
    }

    private void decrypt(Part part, byte[] in, int offset) throws InvalidMessageException {
        dataKey.used(part.ciphertextLength());
        plaintext.reserve(part.ciphertextLength());
        plaintext.added(decrypt(ciphers.own(), part, in, offset, plaintext.array(), plaintext.position()));
    }

    private int decrypt(AesGcm cipher, Part part, byte[] in, int offset, byte[] out, int outOffset)
            throws InvalidMessageException {
        int length = part.ciphertextLength();
        byte[][] associated = {layout.associatedData(part.kind(), part.sequence(), length)};
        try {
            return cipher.decrypt(
                    part.iv(),
                    associated,
                    in,
                    offset + part.ciphertextOffset(),
                    length + BodyLayout.TAG_LENGTH,
                    out,
                    outOffset);
        } catch (AEADBadTagException e) {
            throw new InvalidMessageException(
                    Reason.NOT_AUTHENTIC, "part " + part.sequence() + " of the message's body was changed", e);
        }
    }

    @Override
    public void close() {
        ciphers.close();
    }
}
