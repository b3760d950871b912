package dev.kmsenvelope.hierarchy;

import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The place of one branch key in the cache. Two locks: {@link #loading} is held while the key is read from the store, which
 * takes long, by the one who reads it; the object's own, for its state, never for long, so that eviction waits for nobody.
 */
final class Slot {

    /** Held by who reads the key, or reads it anew. */
    final ReentrantLock loading = new ReentrantLock();

    private @Nullable BranchKey key;
    private @Nullable RuntimeException failure;
    private int users;
    private boolean evicted;
    private boolean over;
    private long since;

    /**
     * Makes an empty one.
     *
     * @param now the time that its key is as old as
     */
    Slot(long now) {
        this.since = now;
    }

    /** Takes the key into use, if it is there; {@link #giveBack} ends that. */
    synchronized boolean take() {
        if (key == null || evicted) {
            return false;
        }
        users++;
        return true;
    }

    /** The key, for those who have taken it into use. */
    synchronized BranchKey key() {
        BranchKey present = key;
        if (present == null || users == 0) {
            throw new IllegalStateException("this branch key is not in use");
        }
        return present;
    }

    /** Puts the key in, in use by the caller. */
    synchronized void put(BranchKey read) {
        key = read;
        users++;
    }

    synchronized void giveBack() {
        users--;
        wipeIfUnused();
    }

    /** Wipes the key as soon as nobody uses it. */
    synchronized void evict() {
        evicted = true;
        wipeIfUnused();
    }

    private void wipeIfUnused() {
        if (evicted && users == 0 && key != null) {
            key.close();
        }
    }

    /** Keeps a failure for those who wait. What an interrupted thread failed with is only his: they try again. */
    synchronized void fail(RuntimeException e) {
        over = true;
        failure = Thread.currentThread().isInterrupted() ? null : e;
    }

    /**
     * Whether no key will come into this slot any more.
     *
     * @throws RuntimeException why, if that is what those who wait should know
     */
    synchronized boolean isOver() {
        if (failure != null) {
            throw failure;
        }
        return over || (evicted && key != null);
    }

    /** Whether the key should be read anew. */
    synchronized boolean isDue(long now, long after) {
        return !evicted && now - since >= after;
    }

    /** Puts reading it anew off, as if it were as old as that. */
    synchronized void refreshAgainAt(long asOld) {
        since = asOld;
    }
}
