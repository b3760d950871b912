package dev.kmsenvelope.dek;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.ThreadIdGen;
import org.jetbrains.lincheck.datastructures.Validate;
import org.jspecify.annotations.Nullable;

/**
 * Has Lincheck explore how two and three threads that lease, use, share, give back and retire a key can interleave, and
 * prints {@code <name>=correct} or {@code <name>=wrong} and an example. A program of its own, because Lincheck changes the
 * classes of the JVM that it runs in.
 */
public final class LeaseModels {

    static final String CORRECT = "correct";
    static final String WRONG = "wrong";

    private static final int MOST_THREADS = 8;
    private static final int SCENARIOS = 10;
    private static final int UNTIL_FOUND = 200;
    private static final int INTERLEAVINGS = 300;

    private LeaseModels() {}

    /**
     * Explores.
     *
     * @param arguments how many times the usual number of scenarios
     */
    public static void main(String... arguments) {
        int scenarios = SCENARIOS * Integer.parseInt(arguments[0]);
        print("LeaseCounter", explore(Leases.class, 2, scenarios));
        print("LeaseCounter with three threads", explore(Leases.class, 3, scenarios));
        print("LooksBeforeItCounts", explore(LeasesThatLookBefore.class, 2, UNTIL_FOUND));
        print("ForgetsToLookAtTheEnd", explore(LeasesThatDoNotLookAtTheEnd.class, 2, UNTIL_FOUND));
    }

    private static void print(String name, String result) {
        System.out.println(name + "=" + result);
    }

    private static String explore(Class<?> leases, int threads, int scenarios) {
        try {
            new ModelCheckingOptions()
                    .threads(threads)
                    .actorsPerThread(threads == 2 ? 3 : 2)
                    .actorsBefore(2)
                    .actorsAfter(1)
                    .iterations(scenarios)
                    .invocationsPerIteration(INTERLEAVINGS)
                    .minimizeFailedScenario(false)
                    .sequentialSpecification(SimpleLeases.class)
                    .check(leases);
            return CORRECT;
        } catch (AssertionError e) {
            return WRONG + "\n" + e.getMessage();
        }
    }

    /** What is explored. A number stands for a lease. */
    interface Counter {
        @Nullable
        AtomicLong acquire();

        void share(AtomicLong held);

        void release(AtomicLong held);

        void retire();
    }

    /** The leases of one key by {@link LeaseCounter}; each thread has up to two. */
    public static class Leases {

        private final AtomicInteger wiped = new AtomicInteger();
        private final Counter counter;
        private final @Nullable AtomicLong[] first = new AtomicLong[MOST_THREADS];
        private final @Nullable AtomicLong[] second = new AtomicLong[MOST_THREADS];
        private volatile boolean retired;

        /** For Lincheck. */
        public Leases() {
            counter = new Real(wiped::incrementAndGet);
        }

        Leases(java.util.function.Function<Runnable, Counter> making) {
            counter = making.apply(wiped::incrementAndGet);
        }

        /** Begins to use the key, unless this thread does. */
        @Operation
        public boolean acquire(@Param(gen = ThreadIdGen.class) int thread) {
            if (first[thread] == null) {
                first[thread] = counter.acquire();
            }
            return first[thread] != null;
        }

        /** Begins to use it twice. */
        @Operation
        public boolean share(@Param(gen = ThreadIdGen.class) int thread) {
            AtomicLong held = first[thread];
            if (held == null || second[thread] != null) {
                return false;
            }
            counter.share(held);
            second[thread] = held;
            return true;
        }

        /** Looks whether what this thread uses is still there. */
        @Operation
        public boolean isWhole(@Param(gen = ThreadIdGen.class) int thread) {
            return first[thread] == null || wiped.get() == 0;
        }

        /** Ends one use of this thread. */
        @Operation
        public boolean release(@Param(gen = ThreadIdGen.class) int thread) {
            @Nullable AtomicLong[] from = second[thread] != null ? second : first;
            AtomicLong held = from[thread];
            if (held == null) {
                return false;
            }
            from[thread] = null;
            counter.release(held);
            return true;
        }

        /** Allows no more uses. */
        @Operation
        public void retire() {
            counter.retire();
            retired = true;
        }

        /** In the end: wiped once if retired and unused, else not. */
        @Validate
        public void validate() {
            boolean used = false;
            for (AtomicLong held : first) {
                used |= held != null;
            }
            int expected = retired && !used ? 1 : 0;
            if (wiped.get() != expected) {
                throw new IllegalStateException("wiped " + wiped + " times instead of " + expected);
            }
        }
    }

    /** For the check that what is wrong is found. */
    public static final class LeasesThatLookBefore extends Leases {
        /** For Lincheck. */
        public LeasesThatLookBefore() {
            super(LooksBeforeItCounts::new);
        }
    }

    /** For the check that what is wrong is found. */
    public static final class LeasesThatDoNotLookAtTheEnd extends Leases {
        /** For Lincheck. */
        public LeasesThatDoNotLookAtTheEnd() {
            super(ForgetsToLookAtTheEnd::new);
        }
    }

    /** What leases are, in one thread. */
    public static final class SimpleLeases {

        private final int[] uses = new int[MOST_THREADS];
        private boolean retired;

        /** Begins to use the key, unless this thread does. */
        public boolean acquire(int thread) {
            if (uses[thread] == 0 && !retired) {
                uses[thread] = 1;
            }
            return uses[thread] > 0;
        }

        /** Begins to use it twice. */
        public boolean share(int thread) {
            if (uses[thread] != 1) {
                return false;
            }
            uses[thread] = 2;
            return true;
        }

        /** A key in use always is. */
        public boolean isWhole(int thread) {
            return true;
        }

        /** Ends one use of this thread. */
        public boolean release(int thread) {
            if (uses[thread] == 0) {
                return false;
            }
            uses[thread]--;
            return true;
        }

        /** Allows no more uses. */
        public void retire() {
            retired = true;
        }
    }

    private static final class Real implements Counter {

        private final LeaseCounter counter;

        Real(Runnable whenOver) {
            counter = new LeaseCounter(whenOver);
        }

        @Override
        public @Nullable AtomicLong acquire() {
            return counter.acquire();
        }

        @Override
        public void share(AtomicLong held) {
            counter.share((Stripes.Cell) held);
        }

        @Override
        public void release(AtomicLong held) {
            counter.release((Stripes.Cell) held);
        }

        @Override
        public void retire() {
            counter.retire();
        }
    }

    /** The usual mistake: between the look and the count the key may be retired and wiped. */
    private static class LooksBeforeItCounts implements Counter {

        private final AtomicLong leases = new AtomicLong();
        private final AtomicBoolean over = new AtomicBoolean();
        private final Runnable whenOver;
        private volatile boolean retired;

        LooksBeforeItCounts(Runnable whenOver) {
            this.whenOver = whenOver;
        }

        @Override
        public @Nullable AtomicLong acquire() {
            if (retired) {
                return null;
            }
            leases.incrementAndGet();
            return leases;
        }

        @Override
        public void share(AtomicLong held) {
            held.incrementAndGet();
        }

        @Override
        public void release(AtomicLong held) {
            held.decrementAndGet();
            if (retired) {
                endIfUnused();
            }
        }

        @Override
        public void retire() {
            retired = true;
            endIfUnused();
        }

        final void endIfUnused() {
            if (leases.get() == 0 && over.compareAndSet(false, true)) {
                whenOver.run();
            }
        }
    }

    /** The other mistake: he who retires sees a use, and the last user does not see that it was retired. */
    private static final class ForgetsToLookAtTheEnd implements Counter {

        private final LooksBeforeItCounts leases;
        private volatile boolean retired;

        ForgetsToLookAtTheEnd(Runnable whenOver) {
            leases = new LooksBeforeItCounts(whenOver);
        }

        @Override
        public @Nullable AtomicLong acquire() {
            return leases.acquire();
        }

        @Override
        public void share(AtomicLong held) {
            leases.share(held);
        }

        @Override
        public void release(AtomicLong held) {
            boolean last = retired;
            held.decrementAndGet();
            if (last) {
                leases.endIfUnused();
            }
        }

        @Override
        public void retire() {
            retired = true;
            leases.retire();
        }
    }
}
