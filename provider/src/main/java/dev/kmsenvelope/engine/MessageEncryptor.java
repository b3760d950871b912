package dev.kmsenvelope.engine;

import dev.kmsenvelope.crypto.AesGcm;
import dev.kmsenvelope.dek.DataKeyLease;
import dev.kmsenvelope.dek.DataKeySource;
import dev.kmsenvelope.format.BodyLayout;
import dev.kmsenvelope.format.BodyLayout.Kind;
import dev.kmsenvelope.format.HeaderLimits;
import dev.kmsenvelope.format.InvalidMessageException;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyId;
import java.util.Arrays;
import java.util.List;
import javax.crypto.ShortBufferException;
import org.jspecify.annotations.Nullable;

/**
 * Writes one message, framed, holding one frame in memory. The header leaves with the first full frame, or at
 * the end: only then is it known whether a shorter frame length will do.
 *
 * <p>Nonces: the header's tag has the nonce zero and frame n the nonce n, each once. Room for the output is checked before
 * anything else, a frame's number is consumed before its encryption starts, and whatever fails after that ends the message:
 * so no number ever serves two plaintexts.
 *
 * <p>A signed message is signed in the order in which it is written, whoever encrypted its frames.
 *
 * <p>Input and output arrays must not overlap. Not thread-safe.
 */
public final class MessageEncryptor implements MessageWriter {

    /** For how many recipients a message can be, the first included: what readers accept by default. */
    public static final int MAX_RECIPIENTS = HeaderLimits.DEFAULT.maxEncryptedDataKeys();

    private static final int BLOCK = 16;
    private static final byte[] NOTHING = new byte[0];

    private final FrameTeam ciphers;
    private final OutgoingHeader header;
    private final DataKeyLease dataKey;
    private final @Nullable FooterSigner signer;
    private final boolean frameLengthIsFixed;

    private int frameLength;
    private boolean started;
    private @Nullable BodyLayout body;
    private long nextSequence = 1;
    private byte[] pending = NOTHING;
    private int pendingLength;
    private boolean ended;

    private MessageEncryptor(MessageStart start, EngineSettings settings) {
        this.ciphers = new FrameTeam(start.cipher(), settings.parallelism());
        this.header = start.header();
        this.dataKey = start.dataKey();
        this.signer = start.signer();
        this.frameLengthIsFixed = settings.frameLength().isPresent();
        this.frameLength = settings.frameLength().orElse(EngineSettings.DEFAULT_FRAME_LENGTH);
    }

    /**
     * Gets a data key and prepares a message of suite 0478, whatever the settings say.
     *
     * @param source gives the data key
     * @param key the key of the service that the data key is encrypted under
     * @param context bound to the message
     * @param messageId 32 bytes as {@link MessageId#create} makes them; used for no other message
     * @param settings how to write
     * @return the encryptor; the caller closes it
     * @throws dev.kmsenvelope.kms.KmsException if there is no data key to be had
     * @throws dev.kmsenvelope.kms.KmsConfigurationException if the data key is encrypted for more recipients than readers
     *     accept by default
     */
    public static MessageEncryptor start(
            DataKeySource source, KeyId key, EncryptionContext context, byte[] messageId, EngineSettings settings) {
        return start(source, key, MessageOptions.of(context), messageId, settings);
    }

    /**
     * Gets a data key and prepares a message.
     *
     * @param source gives the data key
     * @param key the key of the service that the data key is encrypted under
     * @param options what the message is like, which the settings have no part in
     * @param messageId as {@link MessageId#create} makes it for the suite; used for no other message
     * @param settings how to write
     * @return the encryptor; the caller closes it
     * @throws dev.kmsenvelope.kms.KmsException if there is no data key to be had
     * @throws dev.kmsenvelope.kms.KmsConfigurationException if the data key is encrypted for more recipients than readers
     *     accept by default
     * @throws ContextTooLongException if the context is too long with the public key of a signed message in it
     */
    public static MessageEncryptor start(
            DataKeySource source, KeyId key, MessageOptions options, byte[] messageId, EngineSettings settings) {
        return new MessageEncryptor(MessageStart.of(source, key, options, messageId, settings), settings);
    }

    /** The encrypted data keys that the message will carry. */
    List<EncryptedDataKey> encryptedDataKeys() {
        return header.encryptedDataKeys();
    }

    @Override
    public void updateAad(byte[] in, int offset, int length) {
        if (started || ended) {
            throw new IllegalStateException("associated data (AAD) comes before the data");
        }
        header.updateAad(in, offset, length);
    }

    @Override
    public long updateSize(int length) {
        long frames = BodyLayout.regularFrames(frameLength, (long) pendingLength + length);
        return frames == 0 ? 0 : unwrittenHeader() + frames * (frameLength + (long) BodyLayout.REGULAR_OVERHEAD);
    }

    @Override
    public long finishSize(int length) {
        return unwrittenHeader()
                + BodyLayout.bodyLength(frameLength, (long) pendingLength + length)
                + (signer == null ? 0 : signer.maxLength());
    }

    private int unwrittenHeader() {
        return body == null ? header.length() : 0;
    }

    @Override
    public int update(byte[] in, int offset, int length, byte[] out, int outOffset) throws ShortBufferException {
        requireRoom(updateSize(length), out, outOffset);
        if (length == 0) {
            return 0;
        }
        started = true;
        return endingOnFailure(() -> signed(out, outOffset, writeRegularFrames(in, offset, length, out, outOffset)));
    }

    @Override
    public Ongoing begin(byte[] in, int offset, int length, byte[] out, int outOffset) throws ShortBufferException {
        requireRoom(updateSize(length), out, outOffset);
        started = true;
        if (length <= frameLength - pendingLength) {
            keep(in, offset, length);
            return () -> 0;
        }
        Frames[] begun = new Frames[1];
        int headed = endingOnFailure(() -> {
            int written = writeHeaderOnce(out, outOffset);
            begun[0] = new Frames(in, offset, length, false, out, outOffset + written).start();
            return written;
        });
        Frames frames = begun[0];
        return () -> endingOnFailure(() -> {
            int written = headed + frames.finish();
            written +=
                    writeRegularFrames(in, offset + frames.taken(), length - frames.taken(), out, outOffset + written);
            return signed(out, outOffset, written);
        });
    }

    @Override
    public int finish(byte[] in, int offset, int length, byte[] out, int outOffset) throws ShortBufferException {
        requireRoom(finishSize(length), out, outOffset);
        started = true;
        int written = endingOnFailure(() -> {
            if (!frameLengthIsFixed && body == null && pendingLength + (long) length <= frameLength) {
                frameLength = Math.max(1, (pendingLength + length + BLOCK - 1) / BLOCK) * BLOCK;
            }
            if (pendingLength == 0 && length <= frameLength) {
                long sequence = nextSequence;
                consume(1, length);
                int headed = outOffset + writeHeaderOnce(out, outOffset);
                return withFooter(
                        out,
                        outOffset,
                        headed
                                + writeFrame(ciphers.own(), Kind.FINAL, sequence, in, offset, length, out, headed)
                                - outOffset);
            }
            return withFooter(out, outOffset, writeFinalFrames(in, offset, length, out, outOffset));
        });
        close();
        return written;
    }

    /** What was written takes part in the signature, if there is one. */
    private int signed(byte[] out, int outOffset, int written) {
        if (signer != null) {
            signer.update(out, outOffset, written);
        }
        return written;
    }

    private int withFooter(byte[] out, int outOffset, int written) {
        int all = signed(out, outOffset, written);
        return signer == null ? all : all + signer.write(out, outOffset + all);
    }

    private int writeRegularFrames(byte[] in, int offset, int length, byte[] out, int outOffset) {
        int from = offset;
        int end = offset + length;
        int at = outOffset;
        while (end - from > frameLength - pendingLength) {
            at += writeHeaderOnce(out, at);
            Frames frames = new Frames(in, from, end - from, false, out, at);
            at += frames.start().finish();
            from += frames.taken();
        }
        keep(in, from, end - from);
        return at - outOffset;
    }

    private int writeFinalFrames(byte[] in, int offset, int length, byte[] out, int outOffset) {
        int from = offset;
        int end = offset + length;
        int at = outOffset;
        boolean isFinal;
        do {
            if (pendingLength > 0 && end - from <= frameLength - pendingLength) {
                keep(in, from, end - from); // The final frame starts with what came before.
                from = end;
            }
            at += writeHeaderOnce(out, at);
            Frames frames = new Frames(in, from, end - from, true, out, at);
            at += frames.start().finish();
            from += frames.taken();
            isFinal = frames.hasFinal;
        } while (!isFinal);
        return at - outOffset;
    }

    /**
     * Frames that follow each other: the first may have its start, or all, in what was kept; then full ones straight from the
     * input; the last may be the final one. Their numbers are consumed before any of them is begun.
     */
    private final class Frames implements FrameBatch.Work {

        private final byte[] in;
        private final int offset;
        private final byte[] out;
        private final int outOffset;
        private final int kept;
        private final int missing;
        private final int count;
        private final boolean hasFinal;
        private final int finalLength;
        private final long first;
        private @Nullable FrameBatch shared;

        Frames(byte[] in, int offset, int length, boolean ends, byte[] out, int outOffset) {
            this.in = in;
            this.offset = offset;
            this.out = out;
            this.outOffset = outOffset;
            boolean keptIsAll = ends && length == 0 && pendingLength > 0;
            this.kept = pendingLength > 0 ? 1 : 0;
            this.missing = keptIsAll || kept == 0 ? 0 : frameLength - pendingLength;
            int regular = (int) BodyLayout.regularFrames(frameLength, (long) pendingLength + length);
            int most = FrameTeam.mostFrames(frameLength);
            this.hasFinal = ends && regular < most;
            this.count = hasFinal ? regular + 1 : Math.min(regular, most);
            long all = (long) pendingLength + length;
            this.finalLength = hasFinal ? (int) (all - (long) regular * frameLength) : 0;
            this.first = nextSequence;
            consume(count, hasFinal ? all : (long) count * frameLength);
            if (missing > 0) {
                keep(in, offset, missing);
            }
        }

        /** How many bytes of the input go into these frames. */
        int taken() {
            int full = (hasFinal ? count - 1 : count) - kept;
            return full < 0 ? 0 : missing + full * frameLength + finalLength;
        }

        /** Has others begin, if there is enough for them. */
        Frames start() {
            if (ciphers.shares(count, frameLength)) {
                shared = ciphers.start(count, frameLength, this);
            }
            return this;
        }

        int finish() {
            FrameBatch batch = shared;
            if (batch != null) {
                batch.finish(ciphers.own());
                try {
                    batch.throwFailure();
                } catch (InvalidMessageException e) {
                    throw new IllegalStateException("encrypting reads no message", e);
                }
            } else {
                for (int index = 0; index < count; index++) {
                    frame(ciphers.own(), index);
                }
            }
            if (kept > 0) {
                pendingLength = 0;
            }
            int regular = hasFinal ? count - 1 : count;
            return regular * (frameLength + BodyLayout.REGULAR_OVERHEAD)
                    + (hasFinal ? BodyLayout.FINAL_OVERHEAD + finalLength : 0);
        }

        @Override
        public void frame(AesGcm cipher, int index) {
            boolean isFinal = hasFinal && index == count - 1;
            boolean isKept = index < kept;
            writeFrame(
                    cipher,
                    isFinal ? Kind.FINAL : Kind.REGULAR,
                    first + index,
                    isKept ? pending : in,
                    isKept ? 0 : offset + missing + (index - kept) * frameLength,
                    isFinal ? finalLength : frameLength,
                    out,
                    outOffset + index * (frameLength + BodyLayout.REGULAR_OVERHEAD));
        }
    }

    private void keep(byte[] in, int offset, int length) {
        if (pendingLength + length > pending.length) {
            byte[] old = pending;
            int size = Math.min(frameLength, Math.max(pendingLength + length, 2 * old.length));
            pending = Arrays.copyOf(old, size);
            Arrays.fill(old, (byte) 0);
        }
        System.arraycopy(in, offset, pending, pendingLength, length);
        pendingLength += length;
    }

    private int writeHeaderOnce(byte[] out, int at) {
        if (body != null) {
            return 0;
        }
        body = new BodyLayout(header.messageId(), frameLength);
        return header.write(ciphers.own(), frameLength, out, at);
    }

    /** Takes numbers for frames, before their encryption starts. */
    private void consume(int frames, long length) {
        nextSequence += frames;
        if (nextSequence - 1 > BodyLayout.MAX_SEQUENCE) {
            throw new IllegalStateException("a message has at most 2^32-2 frames; use a larger frame length");
        }
        dataKey.used(length);
    }

    private int writeFrame(
            AesGcm cipher, Kind kind, long sequence, byte[] in, int offset, int length, byte[] out, int at) {
        if (body == null) {
            throw new IllegalStateException("the header comes before the frames");
        }
        int prefix = BodyLayout.writePrefix(kind, sequence, length, out, at);
        byte[][] associated = {body.associatedData(kind, sequence, length)};
        return prefix
                + cipher.encrypt(BodyLayout.writersIv(sequence), associated, in, offset, length, out, at + prefix);
    }

    private void requireRoom(long needed, byte[] out, int outOffset) throws ShortBufferException {
        if (ended) {
            throw new IllegalStateException("this message has ended; initialize the cipher for the next one");
        }
        if (needed > out.length - outOffset) {
            throw new ShortBufferException("the output needs " + needed + " bytes");
        }
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

    private interface Step {
        int run();
    }

    /** Wipes what is held and lets go of the keys; idempotent. */
    @Override
    public void close() {
        ended = true;
        ciphers.close();
        if (signer != null) {
            signer.close();
        }
        Arrays.fill(pending, (byte) 0);
        pendingLength = 0;
    }
}
