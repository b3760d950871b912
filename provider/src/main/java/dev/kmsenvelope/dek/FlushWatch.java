package dev.kmsenvelope.dek;

import java.lang.ref.WeakReference;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Looks at a cache's flush file once per second, in the background and as long as something is cached, so that giving out a
 * data key costs nothing for it. Keeps no cache alive. Thread-safe.
 */
final class FlushWatch {

    static final long INTERVAL_MILLIS = 1000;

    private final @Nullable FlushFile file;
    private final WeakReference<DataKeyCache> cache;
    private final CacheThreads threads;
    private final AtomicBoolean running = new AtomicBoolean();

    /**
     * Starts when something is cached.
     *
     * @param file what to look at; null to do nothing
     * @param cache what to flush
     * @param threads do the looking
     */
    FlushWatch(@Nullable FlushFile file, DataKeyCache cache, CacheThreads threads) {
        this.file = file;
        this.cache = new WeakReference<>(cache);
        this.threads = threads;
    }

    /** Something was cached: goes on until nothing is. */
    void start() {
        if (file != null && running.compareAndSet(false, true) && !threads.later(this::tick, INTERVAL_MILLIS)) {
            running.set(false);
        }
    }

    /** Not in the timer's thread, which all caches share: a file system may keep whoever looks at it waiting. */
    private void tick() {
        if (!threads.start(this::check)) {
            check();
        }
    }

    private void check() {
        DataKeyCache target = cache.get();
        if (target == null) {
            return;
        }
        try {
            look(target);
        } finally {
            running.set(false); // before the question, so that who caches something after it starts this again
            if (target.hasEntries()) {
                start();
            }
        }
    }

    private void look(DataKeyCache target) {
        if (file != null && file.hasChanged()) {
            target.flush();
        }
    }
}
