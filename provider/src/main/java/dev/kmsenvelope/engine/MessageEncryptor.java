package dev.kmsenvelope.engine;

import dev.kmsenvelope.crypto.AesGcm;
import dev.kmsenvelope.dek.DataKeyLease;
import dev.kmsenvelope.dek.DataKeySource;
import dev.kmsenvelope.format.AlgorithmSuite;
import dev.kmsenvelope.format.BodyLayout;
import dev.kmsenvelope.format.BodyLayout.Kind;
import dev.kmsenvelope.format.HeaderLimits;
import dev.kmsenvelope.format.InvalidMessageException;
import dev.kmsenvelope.format.MessageHeader;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KmsConfigurationException;
import dev.kmsenvelope.kms.KmsUnavailableException;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.List;
import javax.crypto.ShortBufferException;
import org.jspecify.annotations.Nullable;

/**
 * Writes one message (suite 0478, framed), holding one frame in memory. The header leaves with the first full frame, or at
 * the end: only then is it known whether a shorter frame length will do.
 *
 * <p>Nonces: the header's tag has the nonce zero and frame n the nonce n, each once. Room for the output is checked before
 * anything else, a frame's number is consumed before its encryption starts, and whatever fails after that ends the message:
 * so no number ever serves two plaintexts.
 *
 * <p>Input and output arrays must not overlap. Not thread-safe.
 */
public final class MessageEncryptor implements AutoCloseable {

    /** For how many recipients a message can be, the first included: what readers accept by default. */
    public static final int MAX_RECIPIENTS = HeaderLimits.DEFAULT.maxEncryptedDataKeys();

    private static final AlgorithmSuite SUITE = AlgorithmSuite.AES_256_GCM_HKDF_SHA512_COMMIT_KEY;
    private static final int BLOCK = 16;

    private final FrameTeam ciphers;
    private final DataKeyLease dataKey;
    private final byte[] messageId;
    private final EncryptionContext context;
    private final List<EncryptedDataKey> encryptedDataKeys;
    private final byte[] commitment;
    private final int headerLength;
    private final boolean frameLengthIsFixed;
    private final ByteArrayOutputStream aad = new ByteArrayOutputStream(0);

    private int frameLength;
    private boolean started;
    private @Nullable BodyLayout body;
    private long nextSequence = 1;
    private byte[] pending = new byte[0];
    private int pendingLength;
    private boolean ended;

    private MessageEncryptor(
            AesGcm cipher,
            byte[] commitment,
            DataKeyLease dataKey,
            byte[] messageId,
            EncryptionContext context,
            EngineSettings settings) {
        this.ciphers = new FrameTeam(cipher, settings.parallelism());
        this.commitment = commitment;
        this.dataKey = dataKey;
        this.encryptedDataKeys = dataKey.encrypted();
        this.messageId = messageId;
        this.context = context;
        this.headerLength = MessageHeader.length(context, encryptedDataKeys);
        this.frameLengthIsFixed = settings.frameLength().isPresent();
        this.frameLength = settings.frameLength().orElse(EngineSettings.DEFAULT_FRAME_LENGTH);
    }

    /**
     * Gets a data key and prepares a message.
     *
     * @param source gives the data key
     * @param key the key of the service that the data key is encrypted under
     * @param context bound to the message
     * @param messageId 32 bytes as {@link MessageId#create} makes them; used for no other message
     * @param settings how to write
     * @return the encryptor; the caller closes it
     * @throws dev.kmsenvelope.kms.KmsException if there is no data key to be had
     * @throws KmsConfigurationException if the data key is encrypted for more recipients than readers accept by default
     */
    public static MessageEncryptor start(
            DataKeySource source, KeyId key, EncryptionContext context, byte[] messageId, EngineSettings settings) {
        try (DataKeyLease lease = source.forEncryption(key, DataKeyUses.of(SUITE), context)) {
            if (lease.encrypted().size() > MAX_RECIPIENTS) {
                throw new KmsConfigurationException("a message for "
                        + lease.encrypted().size() + " recipients; readers accept at most " + MAX_RECIPIENTS);
            }
            byte[] dataKey = lease.copyKey();
            if (dataKey.length != SUITE.dataKeyLength()) {
                Arrays.fill(dataKey, (byte) 0);
                throw new KmsUnavailableException("the key service gave a data key of " + dataKey.length + " bytes for "
                        + key + " where " + SUITE.dataKeyLength() + " were asked for");
            }
            try (DerivedKeys keys = DerivedKeys.derive(SUITE, dataKey, messageId)) {
                AesGcm cipher = AesGcm.of(settings.gcm(), keys.messageKey());
                return new MessageEncryptor(cipher, keys.commitment(), lease, messageId.clone(), context, settings);
            } finally {
                Arrays.fill(dataKey, (byte) 0);
            }
        }
    }

    /** The encrypted data keys that the message will carry. */
    List<EncryptedDataKey> encryptedDataKeys() {
        return encryptedDataKeys;
    }

    /**
     * Adds associated data, which is authenticated with the header.
     *
     * @param in holds it
     * @param offset where it starts
     * @param length how long it is
     * @throws IllegalStateException if there was data already
     */
    public void updateAad(byte[] in, int offset, int length) {
        if (started || ended) {
            throw new IllegalStateException("associated data (AAD) comes before the data");
        }
        aad.write(in, offset, length);
    }

    /**
     * How many bytes {@link #update} would write.
     *
     * @param length how long its input is
     * @return exactly that many
     */
    public long updateSize(int length) {
        long frames = BodyLayout.regularFrames(frameLength, (long) pendingLength + length);
        return frames == 0 ? 0 : unwrittenHeader() + frames * (frameLength + (long) BodyLayout.REGULAR_OVERHEAD);
    }

    /**
     * How many bytes {@link #finish} would write.
     *
     * @param length how long its input is
     * @return exactly that many
     */
    public long finishSize(int length) {
        return unwrittenHeader() + BodyLayout.bodyLength(frameLength, (long) pendingLength + length);
    }

    private int unwrittenHeader() {
        return body == null ? headerLength : 0;
    }

    /**
     * Encrypts, and writes every frame that is known not to be the last.
     *
     * @param in holds the plaintext
     * @param offset where it starts
     * @param length how long it is
     * @param out receives {@link #updateSize} bytes
     * @param outOffset where to
     * @return how many bytes were written
     * @throws ShortBufferException if there is not enough room; nothing happened then
     */
    public int update(byte[] in, int offset, int length, byte[] out, int outOffset) throws ShortBufferException {
        requireRoom(updateSize(length), out, outOffset);
        if (length == 0) {
            return 0;
        }
        started = true;
        return endingOnFailure(() -> writeRegularFrames(in, offset, length, out, outOffset));
    }

    /**
     * Encrypts the rest and ends the message.
     *
     * @param in holds the plaintext
     * @param offset where it starts
     * @param length how long it is
     * @param out receives {@link #finishSize} bytes
     * @param outOffset where to
     * @return how many bytes were written
     * @throws ShortBufferException if there is not enough room; nothing happened then
     */
    public int finish(byte[] in, int offset, int length, byte[] out, int outOffset) throws ShortBufferException {
        requireRoom(finishSize(length), out, outOffset);
        started = true;
        int written = endingOnFailure(() -> {
            if (!frameLengthIsFixed && body == null && pendingLength + (long) length <= frameLength) {
                frameLength = Math.max(1, (pendingLength + length + BLOCK - 1) / BLOCK) * BLOCK;
            }
            int at = outOffset + writeRegularFrames(in, offset, length, out, outOffset);
            at += writeHeaderOnce(out, at);
            at += writeFrame(Kind.FINAL, pending, 0, pendingLength, out, at);
            return at - outOffset;
        });
        close();
        return written;
    }

    private int writeRegularFrames(byte[] in, int offset, int length, byte[] out, int outOffset) {
        int from = offset;
        int end = offset + length;
        int at = outOffset;
        if (pendingLength > 0 && end - from > frameLength - pendingLength) {
            int missing = frameLength - pendingLength;
            keep(in, from, missing);
            from += missing;
            at += writeHeaderOnce(out, at);
            at += writeFrame(Kind.REGULAR, pending, 0, frameLength, out, at);
            pendingLength = 0;
        }
        while (pendingLength == 0 && end - from > frameLength) {
            int frames = Math.min((end - from - 1) / frameLength, FrameTeam.mostFrames(frameLength));
            at += writeHeaderOnce(out, at);
            at += writeFullFrames(frames, in, from, out, at);
            from += frames * frameLength;
        }
        keep(in, from, end - from);
        return at - outOffset;
    }

    private int writeFullFrames(int frames, byte[] in, int offset, byte[] out, int at) {
        int stride = frameLength + BodyLayout.REGULAR_OVERHEAD;
        if (ciphers.shares(frames, frameLength)) {
            long first = consume(frames, (long) frames * frameLength);
            FrameBatch batch = ciphers.start(
                    frames,
                    frameLength,
                    (cipher, index) -> writeFrame(
                            cipher,
                            Kind.REGULAR,
                            first + index,
                            in,
                            offset + index * frameLength,
                            frameLength,
                            out,
                            at + index * stride));
            batch.finish(ciphers.own());
            try {
                batch.throwFailure();
            } catch (InvalidMessageException e) {
                throw new IllegalStateException("encrypting reads no message", e);
            }
        } else {
            for (int index = 0; index < frames; index++) {
                writeFrame(Kind.REGULAR, in, offset + index * frameLength, frameLength, out, at + index * stride);
            }
        }
        return frames * stride;
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
        MessageHeader header =
                MessageHeader.framed(SUITE, messageId, context, encryptedDataKeys, frameLength, commitment);
        body = new BodyLayout(header, 0);
        byte[] withoutTag = header.withoutTag();
        byte[] tag = HeaderAuthentication.tag(ciphers.own(), header, aad.toByteArray());
        System.arraycopy(withoutTag, 0, out, at, withoutTag.length);
        System.arraycopy(tag, 0, out, at + withoutTag.length, tag.length);
        return withoutTag.length + tag.length;
    }

    private int writeFrame(Kind kind, byte[] in, int offset, int length, byte[] out, int at) {
        return writeFrame(ciphers.own(), kind, consume(1, length), in, offset, length, out, at);
    }

    /** Takes numbers for frames, before their encryption starts; returns the first. */
    private long consume(int frames, long length) {
        long first = nextSequence;
        nextSequence += frames;
        if (nextSequence - 1 > BodyLayout.MAX_SEQUENCE) {
            throw new IllegalStateException("a message has at most 2^32-2 frames; use a larger frame length");
        }
        dataKey.used(length);
        return first;
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
        Arrays.fill(pending, (byte) 0);
        pendingLength = 0;
    }
}
