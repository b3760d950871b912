package dev.kmsenvelope.dek;

import dev.kmsenvelope.kms.KmsUnavailableException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One call of a service that any number of callers wait for. It keeps the data key that it brings from being wiped until all
 * who wait have had it, whatever becomes of it in the cache meanwhile.
 */
final class Flight {

    private final DataKeyRequest request;
    private final long generation;
    private final @Nullable CachedDataKey renewed;
    private final CompletableFuture<Outcome> outcome = new CompletableFuture<>();
    /** Those who wait, and the one who asks. */
    private final AtomicInteger users = new AtomicInteger(1);

    private volatile boolean hadCompany;
    private volatile @Nullable Thread caller;
    private volatile @Nullable CachedDataKey brought;
    private volatile Stripes.@Nullable Cell held;
    /** Only looked at by the one who asks. */
    private boolean settled;

    /**
     * How it ended.
     *
     * @param key the data key; null if there is none
     * @param failure why there is none; null together with the key when those who wait must ask again
     */
    record Outcome(@Nullable CachedDataKey key, @Nullable Throwable failure) {

        /** Nobody knows. */
        static final Outcome ABANDONED = new Outcome(null, null);
    }

    /**
     * Prepares a call.
     *
     * @param request what is asked for
     * @param generation of the cache
     * @param renewed the data key that is to be replaced; null if somebody waits because there is none
     */
    Flight(DataKeyRequest request, long generation, @Nullable CachedDataKey renewed) {
        this.request = request;
        this.generation = generation;
        this.renewed = renewed;
    }

    DataKeyRequest request() {
        return request;
    }

    long generation() {
        return generation;
    }

    @Nullable
    CachedDataKey renewed() {
        return renewed;
    }

    /** Joins those who wait, who end with {@link #leave}; false if it is over. */
    boolean enter() {
        int count = users.get();
        while (count > 0) {
            if (users.compareAndSet(count, count + 1)) {
                hadCompany |= count > 1;
                return true;
            }
            count = users.get();
        }
        return false;
    }

    void leave() {
        if (users.decrementAndGet() == 0) {
            CachedDataKey key = brought;
            Stripes.Cell mine = held;
            if (key != null && mine != null) {
                key.release(mine);
            }
        }
    }

    /** Says that one of those who wait does the asking. */
    void runsIn(Thread thread) {
        caller = thread;
    }

    /** Whether the one who waits and asks was interrupted, and this is that thread: what he failed with is only his. */
    boolean failedByInterrupt() {
        return caller == Thread.currentThread() && Thread.currentThread().isInterrupted();
    }

    /** Whether more than one caller waited. */
    boolean hadCompany() {
        return hadCompany;
    }

    /** Ends with a data key, which the one who asked has held, and which those who wait hold from now on. */
    void bring(CachedDataKey key, Stripes.Cell hold) {
        brought = key;
        held = hold;
        settle(new Outcome(key, null));
    }

    /** Ends without one, unless it ended before. */
    void fail(Throwable failure) {
        settle(new Outcome(null, failure));
    }

    /** Ends with nothing, so that those who wait ask again. */
    void abandon() {
        settle(Outcome.ABANDONED);
    }

    /** By the one who asks: nobody else needs him, so those who wait do not find him there still. */
    private void settle(Outcome end) {
        if (!settled) {
            settled = true;
            leave();
        }
        outcome.complete(end);
    }

    /** Wakes those who wait, while the one who asks goes on. */
    void cancel(Throwable failure) {
        outcome.complete(new Outcome(null, failure));
    }

    /**
     * Waits for the end.
     *
     * @return how it ended
     * @throws KmsUnavailableException if this thread is interrupted; its flag stays set
     */
    Outcome await() {
        try {
            return outcome.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new KmsUnavailableException(
                    "interrupted while waiting for a data key under the key " + request.key(), e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("ends with an outcome only", e);
        }
    }

    /** The right to use what it brought for one message; null if that is used up already. */
    @Nullable
    DataKeyLease lease(CachedDataKey key) {
        Stripes.Cell mine = held;
        return mine == null ? null : key.leaseWhileHeld(mine);
    }
}
