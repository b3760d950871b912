package dev.kmsenvelope.engine;

import dev.kmsenvelope.crypto.AesGcm;
import dev.kmsenvelope.engine.FrameBatch.Work;
import java.util.ArrayList;
import java.util.List;

/**
 * The ciphers of one message: that of the thread that works on the message, and, once a call brings enough for several
 * threads, one for each helper, all under the message's key. Not thread-safe: one batch at a time.
 */
public final class FrameTeam implements AutoCloseable {

    /** From how many bytes in one call on several threads work on them: below, waking them costs more than it brings. */
    static final int WORTHWHILE = 256 * 1024;

    /** The most plaintext bytes of one batch, which is what can be decrypted in vain, and has to be wiped, after a bad frame. */
    static final int LARGEST_BATCH = 8 * 1024 * 1024;

    /** About as many bytes as a thread takes at once. */
    private static final int STRETCH = 64 * 1024;

    private final AesGcm own;
    private final int parallelism;
    private List<AesGcm> helpers = List.of();

    /**
     * Starts with one cipher.
     *
     * @param own closed with this
     * @param parallelism the most threads that work at once
     */
    public FrameTeam(AesGcm own, int parallelism) {
        this.own = own;
        this.parallelism = parallelism;
    }

    /**
     * The cipher of the thread that works on the message.
     *
     * @return the cipher
     */
    public AesGcm own() {
        return own;
    }

    /**
     * Whether several threads would work on that many frames.
     *
     * @param frames how many
     * @param frameLength plaintext bytes of each
     * @return false if the thread that works on the message is better off alone
     */
    public boolean shares(int frames, int frameLength) {
        return parallelism > 1
                && frames > 1
                && frameLength <= LARGEST_BATCH
                && (long) frames * frameLength >= WORTHWHILE;
    }

    /**
     * The most frames that go into one batch.
     *
     * @param frameLength plaintext bytes of each
     * @return at least 1
     */
    public static int mostFrames(int frameLength) {
        return Math.max(1, LARGEST_BATCH / frameLength);
    }

    /**
     * Has helpers begin.
     *
     * @param frames how many
     * @param frameLength plaintext bytes of each
     * @param work what is done with each
     * @return the batch, which this thread must finish with {@link #own}
     */
    public FrameBatch start(int frames, int frameLength, Work work) {
        int stretch = Math.max(1, STRETCH / frameLength);
        FrameBatch batch = new FrameBatch(frames, stretch, work);
        int wanted = Math.min(parallelism, (frames + stretch - 1) / stretch) - 1;
        if (helpers.size() < wanted) {
            helpers = new ArrayList<>(helpers);
        }
        while (helpers.size() < wanted) {
            helpers.add(own.another());
        }
        boolean complete = false;
        try {
            for (AesGcm helper : helpers.subList(0, wanted)) {
                batch.help(helper);
            }
            complete = true;
            return batch;
        } finally {
            if (!complete) {
                batch.cancel();
            }
        }
    }

    /** Lets go of all ciphers and wipes the key; idempotent. */
    @Override
    public void close() {
        helpers.forEach(AesGcm::close);
        own.close();
    }
}
