package dev.kmsenvelope.dual;

import dev.kmsenvelope.dek.DataKeySource;
import dev.kmsenvelope.engine.EngineSettings;
import dev.kmsenvelope.engine.MessageEncryptor;
import dev.kmsenvelope.engine.MessageWriter;
import dev.kmsenvelope.engine.Ongoing;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyId;
import javax.crypto.ShortBufferException;

/**
 * Writes a dual-layer message (see {@link Layer}), in constant memory: what the inner layer's encryptor gives for a piece of
 * plaintext goes to the outer layer's at once. Not thread-safe.
 */
public final class DualWriter implements MessageWriter {

    /** Plaintext bytes that both layers work on in one go: enough for several threads, and about what the buffer holds. */
    private static final int PIECE = 1024 * 1024;

    /** With frames of a few bytes, a piece grows manifold. */
    private static final int SMALL_PIECE = 4 * 1024;

    private static final int ROOM = PIECE + 128 * 1024;

    private final MessageEncryptor inner;
    private final MessageEncryptor outer;
    private final LayerBuffer buffer = new LayerBuffer();
    private boolean ended;

    private DualWriter(MessageEncryptor inner, MessageEncryptor outer) {
        this.inner = inner;
        this.outer = outer;
    }

    /**
     * Where the data key of a layer comes from.
     *
     * @param source gives it
     * @param key the key that it is encrypted under
     */
    public record Target(DataKeySource source, KeyId key) {}

    /**
     * Gets both data keys and prepares a message.
     *
     * @param inner for the inner layer
     * @param outer for the outer layer
     * @param context bound to both layers, without a mark
     * @param ids of both messages; used for no other message
     * @param settings how to write
     * @param engines who does the cryptography
     * @return the writer; the caller closes it
     * @throws dev.kmsenvelope.kms.KmsException if one of the data keys is not to be had, or both are the same
     * @throws IllegalArgumentException if the context is too long with the mark
     */
    public static DualWriter start(
            Target inner,
            Target outer,
            EncryptionContext context,
            LayerIds ids,
            EngineSettings settings,
            DualEngines engines) {
        LayerKeys keys = new LayerKeys();
        DualEngines.Settings both = engines.pinned(settings);
        MessageEncryptor first = MessageEncryptor.start(
                keys.watched(Layer.INNER, inner.source()),
                inner.key(),
                Layer.INNER.marked(context),
                ids.inner(),
                both.inner());
        DualWriter writer = null;
        try {
            writer = new DualWriter(
                    first,
                    MessageEncryptor.start(
                            keys.watched(Layer.OUTER, outer.source()),
                            outer.key(),
                            Layer.OUTER.marked(context),
                            ids.outer(),
                            both.outer()));
            return writer;
        } finally {
            if (writer == null) {
                first.close();
            }
        }
    }

    @Override
    public void updateAad(byte[] in, int offset, int length) {
        inner.updateAad(in, offset, length);
        outer.updateAad(in, offset, length);
    }

    @Override
    public long updateSize(int length) {
        long between = inner.updateSize(length);
        return between > Integer.MAX_VALUE ? between : outer.updateSize((int) between);
    }

    @Override
    public long finishSize(int length) {
        long between = inner.finishSize(length);
        return between > Integer.MAX_VALUE ? between : outer.finishSize((int) between);
    }

    @Override
    public int update(byte[] in, int offset, int length, byte[] out, int outOffset) throws ShortBufferException {
        requireRoom(updateSize(length), out, outOffset);
        return endingOnFailure(() -> writePieces(in, offset, length, out, outOffset));
    }

    @Override
    public Ongoing begin(byte[] in, int offset, int length, byte[] out, int outOffset) throws ShortBufferException {
        if (length == 0 || piece(length) < length) {
            int written = update(in, offset, length, out, outOffset);
            return () -> written;
        }
        requireRoom(updateSize(length), out, outOffset);
        Ongoing[] begun = new Ongoing[1];
        endingOnFailure(() -> {
            begun[0] = inner.begin(in, offset, length, buffer.room(inner.updateSize(length)), 0);
            return 0;
        });
        Ongoing inside = begun[0];
        return () -> endingOnRuntimeFailure(() -> outer.update(buffer.bytes(), 0, inside.finish(), out, outOffset));
    }

    @Override
    public int finish(byte[] in, int offset, int length, byte[] out, int outOffset) throws ShortBufferException {
        requireRoom(finishSize(length), out, outOffset);
        int written = endingOnFailure(() -> {
            int last = Math.min(length, piece(length));
            int before = length - last;
            int at = outOffset + writePieces(in, offset, before, out, outOffset);
            byte[] room = buffer.room(inner.finishSize(last));
            int count = inner.finish(in, offset + before, last, room, 0);
            return at - outOffset + outer.finish(room, 0, count, out, at);
        });
        close();
        return written;
    }

    private int writePieces(byte[] in, int offset, int length, byte[] out, int outOffset) throws ShortBufferException {
        int end = offset + length;
        int at = outOffset;
        for (int from = offset; from < end; ) {
            int piece = piece(end - from);
            byte[] room = buffer.room(inner.updateSize(piece));
            int count = inner.update(in, from, piece, room, 0);
            at += outer.update(room, 0, count, out, at);
            from += piece;
        }
        return at - outOffset;
    }

    /** How much to take at once, so that the buffer holds what becomes of it, unless it is one frame that is larger. */
    private int piece(int length) {
        int piece = Math.min(length, PIECE);
        while (piece > SMALL_PIECE && inner.updateSize(piece) > ROOM) {
            piece /= 2;
        }
        return piece;
    }

    private void requireRoom(long needed, byte[] out, int outOffset) throws ShortBufferException {
        if (ended) {
            throw new IllegalStateException("this message has ended; initialize the cipher for the next one");
        }
        if (needed > out.length - outOffset) {
            throw new ShortBufferException("the output needs " + needed + " bytes");
        }
    }

    private interface Step {
        int run() throws ShortBufferException;
    }

    private int endingOnRuntimeFailure(Step step) {
        try {
            return endingOnFailure(step);
        } catch (ShortBufferException e) {
            throw new IllegalStateException("the size is exact", e);
        }
    }

    private int endingOnFailure(Step step) throws ShortBufferException {
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

    @Override
    public void close() {
        ended = true;
        inner.close();
        outer.close();
        buffer.close();
    }
}
