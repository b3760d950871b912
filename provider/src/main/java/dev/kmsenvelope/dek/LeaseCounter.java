package dev.kmsenvelope.dek;

import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Counts who uses something, and tells once when it was retired and nobody uses it any more. Lock-free, and users on
 * different threads do not share a counter.
 *
 * <p>Why that is never too early. All reads and writes below are of volatile or atomic variables, so there is one order of
 * them that all threads agree on. {@link #acquire} counts first and looks at {@code retired} afterwards; a lease is valid
 * only if that was false, so a valid lease was counted before {@code retired} became true. From then on no lease becomes
 * valid but by {@link #share}, which counts at the number of a lease that is still held. So after {@code retired} is true,
 * what a number counts of valid leases never rises from zero again: a number that was seen to be zero once counts no valid
 * lease ever after, and to see each of them zero, one after the other, means that no valid lease is left. What {@link
 * #acquire} counts and takes back can only make a number look larger.
 *
 * <p>Why it is not missed. Whoever counts down looks at {@code retired} afterwards, and {@link #retire} looks at the numbers
 * after it set {@code retired}. So after the last step down there is somebody who looks at all of them: he who made it, if
 * he saw {@code retired}, else he who retires.
 */
final class LeaseCounter {

    private final Stripes leases = new Stripes();
    private final AtomicBoolean over = new AtomicBoolean();
    private final Runnable whenOver;
    private volatile boolean retired;

    /**
     * Starts with nobody.
     *
     * @param whenOver run exactly once, by the thread that makes it true that it is retired and unused
     */
    LeaseCounter(Runnable whenOver) {
        this.whenOver = whenOver;
    }

    /** Where a lease is counted, to be given to {@link #release} exactly once; null if it is retired. */
    Stripes.@Nullable Cell acquire() {
        Stripes.Cell counted = leases.add(1);
        if (retired) {
            release(counted);
            return null;
        }
        return counted;
    }

    /** Counts one more lease, at the number of one that the caller keeps held meanwhile; also when it is retired. */
    void share(Stripes.Cell held) {
        held.getAndIncrement();
    }

    void release(Stripes.Cell counted) {
        counted.getAndDecrement();
        if (retired) {
            endIfUnused();
        }
    }

    /** Lets no more leases begin; idempotent. */
    void retire() {
        retired = true;
        endIfUnused();
    }

    boolean isRetired() {
        return retired;
    }

    private void endIfUnused() {
        if (leases.wereAllZero() && over.compareAndSet(false, true)) {
            whenOver.run();
        }
    }
}
