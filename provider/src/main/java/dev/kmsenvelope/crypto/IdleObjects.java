package dev.kmsenvelope.crypto;

import java.lang.ref.WeakReference;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Objects that are expensive to make, kept between messages while nobody uses them. Thread-safe, without a lock: each thread
 * has a place of its own, and a few more that it shares, so that threads do not wait for each other. Whoever takes an object
 * has it alone until giving it back; one that is not given back is simply gone.
 *
 * <p>They may hold keys (RULES 16). So what is idle is referred to weakly: no key stays reachable because of this class,
 * nothing has to run from time to time, and neither a thread nor a class loader is held. {@link #drop()} forgets at once
 * whatever is idle, and, when it is given back, what is in use at that moment.
 */
final class IdleObjects<T> {

    private static final int PROBES = 4;

    /** Distance between places, in references: no two on the same cache line. */
    private static final int STRIDE = 32;

    private static final int PLACES =
            Math.min(64, Integer.highestOneBit(Math.max(1, Runtime.getRuntime().availableProcessors())) * 8);

    private final AtomicReferenceArray<@Nullable WeakReference<Loan<T>>> places =
            new AtomicReferenceArray<>(PLACES * STRIDE);
    private final AtomicInteger generation = new AtomicInteger();

    /** An object in the hands of one user. */
    static final class Loan<T> {

        private final T object;
        private final WeakReference<Loan<T>> weakly = new WeakReference<>(this);
        private int generation;

        private Loan(T object) {
            this.object = object;
        }

        T object() {
            return object;
        }
    }

    /** One that was idle, or null. */
    @Nullable
    Loan<T> take() {
        int home = home();
        for (int i = 0; i < PROBES; i++) {
            int at = place(home + i);
            if (places.get(at) != null) {
                WeakReference<Loan<T>> reference = places.getAndSet(at, null);
                Loan<T> loan = reference == null ? null : reference.get();
                if (loan != null) {
                    loan.generation = generation.get();
                    return loan;
                }
            }
        }
        return null;
    }

    /** Wraps a new object, for the time after its first use. */
    Loan<T> lend(T object) {
        Loan<T> loan = new Loan<>(object);
        loan.generation = generation.get();
        return loan;
    }

    /** Takes an object back. The caller must not use it again. */
    void giveBack(Loan<T> loan) {
        int home = home();
        for (int i = 0; i < PROBES && loan.generation == generation.get(); i++) {
            int at = place(home + i);
            if (places.get(at) == null && places.compareAndSet(at, null, loan.weakly)) {
                // Of drop() and this, one sees what the other did: it forgets this object, or the number has changed
                // here.
                if (loan.generation != generation.get()) {
                    places.compareAndSet(at, loan.weakly, null);
                }
                return;
            }
        }
    }

    /** Forgets all that is idle or in use. */
    void drop() {
        generation.incrementAndGet();
        for (int i = 0; i < PLACES; i++) {
            places.set(place(i), null);
        }
    }

    private static int home() {
        return (int) Thread.currentThread().getId();
    }

    private static int place(int number) {
        return (number & (PLACES - 1)) * STRIDE;
    }
}
