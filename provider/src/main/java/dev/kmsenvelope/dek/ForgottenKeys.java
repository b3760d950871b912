package dev.kmsenvelope.dek;

import java.lang.ref.Cleaner;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of the data keys of one cache, which are wiped when the cache is no more although nobody closed it: when a program
 * loads a KeyStore with settings of its own for each request, and lets go of it. Refers to nothing else of the cache, or it
 * would never go. Thread-safe.
 */
final class ForgottenKeys implements Runnable {

    /** Its thread, a daemon, is started with the first cache that holds a data key and ends when this class is unloaded. */
    private static @Nullable Cleaner shared;

    private static synchronized Cleaner shared() {
        Cleaner known = shared;
        if (known == null) {
            known = Cleaner.create();
            shared = known;
        }
        return known;
    }

    /** By identity: arrays are equal to themselves only. */
    private final Set<byte[]> plaintexts = ConcurrentHashMap.newKeySet();

    private final Runnable whenGone;
    private final Supplier<Cleaner> cleaner;
    private volatile boolean watched;

    /**
     * Starts without any.
     *
     * @param whenGone run when the cache is gone; must not refer to it
     */
    ForgottenKeys(Runnable whenGone) {
        this(whenGone, ForgottenKeys::shared);
    }

    ForgottenKeys(Runnable whenGone, Supplier<Cleaner> cleaner) {
        this.whenGone = whenGone;
        this.cleaner = cleaner;
    }

    /** Sees to it that a data key is wiped at the latest when its cache is no more. */
    void add(Object cache, byte[] plaintext) {
        if (!watched) {
            watch(cache);
        }
        plaintexts.add(plaintext);
    }

    private synchronized void watch(Object cache) {
        if (!watched) {
            try {
                cleaner.get().register(cache, this);
                watched = true;
            } catch (OutOfMemoryError e) {
                // No thread can be made now. Messages go on, and the next data key tries again; whoever closes wipes
                // all.
            }
        }
    }

    /** It was wiped. */
    void remove(byte[] plaintext) {
        plaintexts.remove(plaintext);
    }

    @Override
    public void run() {
        plaintexts.forEach(plaintext -> Arrays.fill(plaintext, (byte) 0));
        plaintexts.clear();
        whenGone.run();
    }
}
