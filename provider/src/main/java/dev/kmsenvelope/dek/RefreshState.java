package dev.kmsenvelope.dek;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * When a cached data key is renewed, when it is too old, and whether the service was there when it was last asked to renew
 * it. Times are those of a ticker, in nanoseconds, and only their differences mean something. Thread-safe.
 */
final class RefreshState {

    /** For how long a failed call tells that the service is not there, so that nobody has to wait for the next one to fail. */
    private static final long OUTAGE_IS_NEWS = 30_000_000_000L;

    /** Where in its age a data key is renewed: at four fifths, or up to this much later, lest many processes do it at once. */
    private static final double RENEWED_FROM = 0.8;

    private static final double RENEWAL_SPREAD = 0.1;

    private final long renewAt;
    private final long tooOldAt;
    private final long graceEndsAt;
    private final AtomicBoolean running = new AtomicBoolean();
    private volatile long nextTry;
    private volatile boolean paused;
    private volatile boolean outage;
    private volatile long outageAt;

    /**
     * Starts with a service that is there.
     *
     * @param renewAt from when it is renewed
     * @param tooOldAt from when it must not be used while the service is there
     * @param graceEndsAt from when it must not be used at all
     */
    RefreshState(long renewAt, long tooOldAt, long graceEndsAt) {
        this.renewAt = renewAt;
        this.tooOldAt = tooOldAt;
        this.graceEndsAt = graceEndsAt;
    }

    /**
     * Of a data key with limits.
     *
     * @param start when it was asked for
     * @param maxAge how old it may become
     * @param grace how much older while the service is not there
     * @param spread when in the time for that it is renewed: 0 for as early as can be, 1 for as late
     * @return the state
     */
    static RefreshState of(long start, Duration maxAge, Duration grace, double spread) {
        long age = maxAge.toNanos();
        return new RefreshState(
                start + (long) (age * (RENEWED_FROM + RENEWAL_SPREAD * spread)),
                start + age,
                start + age + grace.toNanos());
    }

    /** Whether it may be used by its age: also when it is too old, if the service was found not to be there just now. */
    boolean allowsUse(long now) {
        if (now - tooOldAt < 0) {
            return true;
        }
        return now - graceEndsAt < 0 && outage && (running.get() || now - outageAt < OUTAGE_IS_NEWS);
    }

    /** Whether it is too old but could be used still if the service turned out not to be there. */
    boolean isInGrace(long now) {
        return now - tooOldAt >= 0 && now - graceEndsAt < 0;
    }

    /** Whether it must not be used any more, whatever the service is. */
    boolean isOver(long now) {
        return now - graceEndsAt >= 0;
    }

    long graceEndsAt() {
        return graceEndsAt;
    }

    /** Lets one caller at a time renew it, if it is time to. That caller ends with {@link #end}. */
    boolean begin(long now, boolean isNearlyUsedUp) {
        boolean due = isNearlyUsedUp || now - renewAt >= 0;
        return due && (!paused || now - nextTry >= 0) && !running.get() && running.compareAndSet(false, true);
    }

    /** It was not renewed; not to be tried again for a while. */
    void pause(long now, long nanos) {
        nextTry = now + nanos;
        paused = true;
    }

    /** It could not be renewed because the service was not there. */
    void sawOutage(long now) {
        outageAt = now;
        outage = true;
    }

    /** Nobody renews it now. */
    void end() {
        running.set(false);
    }
}
