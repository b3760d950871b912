package dev.kmsenvelope.testing.kms;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** The faults that are injected now, at most one per operation. Thread-safe. */
public final class Faults {

    private static final int ALWAYS = -1;
    private static final int SLOWNESS_SECONDS = 30;

    private final Map<String, Planned> planned = new HashMap<>();
    private CountDownLatch cleared = new CountDownLatch(1);
    private CountDownLatch held = new CountDownLatch(0);

    /**
     * A fault and how often it still happens.
     *
     * @param fault what
     * @param times how often, or {@link #ALWAYS}
     */
    private record Planned(Fault fault, int times) {}

    Faults() {}

    /** Injects a fault into every answer to an operation, for example {@code Decrypt}. */
    public void inject(String operation, Fault fault) {
        inject(operation, fault, ALWAYS);
    }

    /** Injects a fault into the next so many answers to an operation. */
    public synchronized void inject(String operation, Fault fault, int times) {
        planned.put(operation, new Planned(fault, times));
    }

    /** Holds back all answers, right ones too, until {@link #clear}; for at most 30 seconds. */
    public synchronized void hold() {
        if (held.getCount() == 0) {
            held = new CountDownLatch(1);
        }
    }

    /** Ends all faults; slow answers, and those that are held back, leave now. */
    public synchronized void clear() {
        planned.clear();
        held.countDown();
        cleared.countDown();
        cleared = new CountDownLatch(1);
    }

    synchronized Optional<Fault> next(String operation) {
        Planned next = planned.get(operation);
        if (next == null) {
            return Optional.empty();
        }
        if (next.times() == 1) {
            planned.remove(operation);
        } else if (next.times() > 1) {
            planned.put(operation, new Planned(next.fault(), next.times() - 1));
        }
        return Optional.of(next.fault());
    }

    void beSlow() {
        CountDownLatch end;
        synchronized (this) {
            end = cleared;
        }
        await(end);
    }

    void waitWhileHeld() {
        CountDownLatch end;
        synchronized (this) {
            end = held;
        }
        await(end);
    }

    private static void await(CountDownLatch end) {
        try {
            if (end.await(SLOWNESS_SECONDS, TimeUnit.SECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // The server closes.
        }
    }
}
