package dev.kmsenvelope.keystore.file;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/** Lets one thread of this process at a time to a path. Paths that nobody is at are forgotten. Thread-safe. */
final class Turns {

    private static final Map<Path, Turns> PATHS = new ConcurrentHashMap<>();

    private final ReentrantLock lock = new ReentrantLock();

    /** Those who have the turn or wait for it; changed only inside of the map. */
    private int threads;

    private Turns() {}

    /**
     * Waits for the turn, which {@link #leave} gives back.
     *
     * @return false if others had it for all that time
     * @throws InterruptedIOException if the thread is interrupted meanwhile, and still is then
     */
    static boolean take(Path path, Duration patience) throws IOException {
        Turns turns = PATHS.compute(path, (key, known) -> {
            Turns present = known == null ? new Turns() : known;
            present.threads++;
            return present;
        });
        boolean taken = false;
        try {
            taken = turns.lock.tryLock(patience.toNanos(), TimeUnit.NANOSECONDS);
            return taken;
        } catch (InterruptedException e) {
            throw WriteLock.interrupted();
        } finally {
            if (!taken) {
                forget(path);
            }
        }
    }

    /** Gives the turn back; called by the thread that has it. */
    static void leave(Path path) {
        Turns turns = PATHS.get(path);
        if (turns == null) {
            throw new IllegalStateException("nobody has the turn for " + path);
        }
        turns.lock.unlock();
        forget(path);
    }

    private static void forget(Path path) {
        PATHS.computeIfPresent(path, (key, known) -> --known.threads == 0 ? null : known);
    }

    /** Whether somebody has the turn or waits for it. */
    static boolean isKnown(Path path) {
        return PATHS.containsKey(path);
    }
}
