package dev.kmsenvelope.engine;

import dev.kmsenvelope.crypto.AesGcm;
import dev.kmsenvelope.format.InvalidMessageException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Some frames of a message that several threads work on, each frame once. Frames are claimed in ascending order, and none
 * is begun behind one that failed: so at the end all frames before the first failure are done, and what stands behind it is
 * not to be used.
 *
 * <p>The thread that made the batch calls {@link #finish}, works too, and waits only for threads that are at work already.
 * An interrupt does not stop it, and is still there afterwards. After {@code finish} no thread uses what the batch was given.
 */
public final class FrameBatch {

    /** What is done with a frame. */
    public interface Work {

        /**
         * Does it.
         *
         * @param cipher this thread's
         * @param index which frame of the batch, from 0
         * @throws InvalidMessageException if something is wrong with the frame
         */
        void frame(AesGcm cipher, int index) throws InvalidMessageException;
    }

    private static final int CLOSED = 1 << 30;
    private static final int SPINS = 2000;

    private final int frames;
    private final int stretch;
    private final Work work;
    private final AtomicInteger nextClaim = new AtomicInteger();
    private final AtomicInteger limit;
    private final AtomicInteger helpers = new AtomicInteger();
    private volatile @Nullable Thread waiting;
    private @Nullable Throwable failure;

    /**
     * Prepares.
     *
     * @param frames how many there are
     * @param stretch how many a thread takes at once
     * @param work what is done with each
     */
    FrameBatch(int frames, int stretch, Work work) {
        this.frames = frames;
        this.stretch = stretch;
        this.work = work;
        this.limit = new AtomicInteger(frames);
    }

    /** Lets a thread that may be free help; it comes at once, later, too late, or never. */
    void help(AesGcm cipher) {
        FrameWorkers.ask(() -> {
            if (enter()) {
                try {
                    workOn(cipher);
                } finally {
                    leave();
                }
            }
        });
    }

    private boolean enter() {
        int now = helpers.get();
        while (now < CLOSED) {
            if (helpers.compareAndSet(now, now + 1)) {
                return true;
            }
            now = helpers.get();
        }
        return false;
    }

    private void leave() {
        if (helpers.decrementAndGet() == CLOSED) {
            LockSupport.unpark(waiting);
        }
    }

    private void workOn(AesGcm cipher) {
        int from = nextClaim.getAndAdd(stretch);
        while (from < limit.get()) {
            int end = Math.min(frames, from + stretch);
            for (int index = from; index < end && index < limit.get(); index++) {
                try {
                    work.frame(cipher, index);
                } catch (InvalidMessageException | RuntimeException | Error e) {
                    failed(index, e);
                }
            }
            from = nextClaim.getAndAdd(stretch);
        }
    }

    private synchronized void failed(int index, Throwable e) {
        if (index < limit.get()) {
            limit.set(index);
            failure = e;
        }
    }

    /**
     * Works until all is done or something failed.
     *
     * @param cipher this thread's
     * @return how many frames there are before the first that failed: all, if none did
     */
    public int finish(AesGcm cipher) {
        workOn(cipher);
        end();
        return limit.get();
    }

    /** Ends without having done all, when the batch could not be set up: afterwards no thread uses what it was given. */
    void cancel() {
        limit.set(0);
        end();
    }

    private void end() {
        waiting = Thread.currentThread();
        if (helpers.addAndGet(CLOSED) != CLOSED) {
            awaitHelpers();
        }
    }

    private void awaitHelpers() {
        for (int spins = 0; spins < SPINS && helpers.get() != CLOSED; spins++) {
            Thread.onSpinWait();
        }
        boolean interrupted = false;
        while (helpers.get() != CLOSED) {
            LockSupport.park(this);
            interrupted |= Thread.interrupted();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Throws what went wrong with the first frame that failed, if one did; only after {@link #finish}.
     *
     * @throws InvalidMessageException if something is wrong with that frame
     */
    public synchronized void throwFailure() throws InvalidMessageException {
        if (failure instanceof InvalidMessageException e) {
            throw e;
        }
        if (failure instanceof RuntimeException e) {
            throw e;
        }
        if (failure instanceof Error e) {
            throw e;
        }
    }
}
