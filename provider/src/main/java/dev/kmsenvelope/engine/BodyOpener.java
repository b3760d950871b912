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
    private byte[] pending = new byte[0];
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
        if (phase != Phase.PARTS || pendingLength != 0 || signature != null) {
            return null;
        }
        int frameLength = layout.frameLength();
        if (frameLength == 0 || !ciphers.shares(length / frameLength, frameLength)) {
            return null;
        }
        int frames = layout.regularFrames(in, offset, length, FrameTeam.mostFrames(frameLength));
        return ciphers.shares(frames, frameLength) ? new Run(frames, in, offset) : null;
    }

    /** Full frames that several threads decrypt, straight to where they belong. */
    final class Run {

        private final int frames;
        private final int frameLength = layout.frameLength();
        private final int stride = frameLength + BodyLayout.REGULAR_OVERHEAD;
        private final int position;
        private final byte[] out;
        private final FrameBatch batch;

        private Run(int frames, byte[] in, int offset) {
            this.frames = frames;
            dataKey.used((long) frames * frameLength);
            plaintext.reserve(frames * frameLength);
            position = plaintext.position();
            out = plaintext.array();
            long first = nextSequence;
            batch = ciphers.start(
                    frames,
                    frameLength,
                    (cipher, index) -> frame(cipher, first + index, in, offset + index * stride, index));
        }

        private void frame(AesGcm cipher, long sequence, byte[] in, int offset, int index)
                throws InvalidMessageException {
            Part part = layout.parse(in, offset, stride, sequence);
            decrypt(cipher, part, in, offset, out, position + index * frameLength);
        }

        /** How many bytes of the input it takes. */
        int length() {
            return frames * stride;
        }

        /** Works until the end. Of the plaintext, only what precedes the first bad frame is left. */
        void finish() throws InvalidMessageException {
            int good = batch.finish(ciphers.own());
            plaintext.added(good * frameLength);
            nextSequence += good;
            if (good < frames) {
                Arrays.fill(out, position + good * frameLength, position + frames * frameLength, (byte) 0);
                batch.throwFailure();
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
        if (length == 0 || length > BodyLayout.MAX_SIGNATURE_LENGTH) {
            throw new InvalidMessageException(
                    Reason.MALFORMED,
                    "a signature of " + length + " bytes; it has 1 to " + BodyLayout.MAX_SIGNATURE_LENGTH);
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
