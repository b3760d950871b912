package dev.kmsenvelope.hierarchy;

import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The place of one branch key, in the cache or on its way there. Two locks: {@link #loading} is held while the key is read from the store, which
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
    private final long since;
    private long dueSince;

    /**
     * Makes an empty one.
     *
     * @param now the time that its key is as old as
     */
    Slot(long now) {
        this.since = now;
        this.dueSince = now;
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

    /**
     * Takes the key into use, whether or not it is there yet: it stays usable for the caller, also when it is evicted before
     * he has looked at it. {@link #giveBack} ends that.
     *
     * @return false if it is too late: the key was wiped
     */
    synchronized boolean join() {
        if (evicted && users == 0 && key != null) {
            return false;
        }
        users++;
        return true;
    }

    /** Whether the key is there, for one who has it in use. */
    synchronized boolean isRead() {
        return key != null;
    }

    /** Puts the key in; the caller has it in use. */
    synchronized void put(BranchKey read) {
        key = read;
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

    /** Whether the key is not to be kept, or not any more. */
    synchronized boolean isEvicted() {
        return evicted;
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

    /** Has those who wait look for the key anew. */
    synchronized void abandon() {
        over = true;
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
        return over;
    }

    /** Whether the key should be read anew. */
    synchronized boolean isDue(long now, long after) {
        return !evicted && now - dueSince >= after;
    }

    /** How old the key is, however often reading it anew was put off. */
    long age(long now) {
        return now - since;
    }

    /** Puts reading it anew off, as if it were as old as that. */
    synchronized void refreshAgainAt(long asOld) {
        dueSince = asOld;
    }
}
