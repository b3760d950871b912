package dev.kmsenvelope.dek;

import java.lang.ref.WeakReference;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Looks at a cache's flush file once per second, in the background and as long as something is cached, so that giving out a
 * key costs nothing for it. Keeps no cache alive. Thread-safe.
 *
 * @param <C> what a cache is
 */
public final class FlushWatch<C> {

    static final long INTERVAL_MILLIS = 1000;

    private final @Nullable FlushFile file;
    private final WeakReference<C> cache;
    private final Predicate<C> hasEntries;
    private final Consumer<C> flush;
    private final CacheThreads threads;
    private final AtomicBoolean running = new AtomicBoolean();

    /**
     * Starts when something is cached.
     *
     * @param file what to look at; empty to do nothing
     * @param cache what to flush; referred to weakly
     * @param hasEntries whether something is in such a cache; must not refer to this one
     * @param flush empties such a cache; must not refer to this one
     */
    public FlushWatch(Optional<Path> file, C cache, Predicate<C> hasEntries, Consumer<C> flush) {
        this.file = file.map(FlushFile::new).orElse(null);
        this.cache = new WeakReference<>(cache);
        this.hasEntries = hasEntries;
        this.flush = flush;
        this.threads = CacheThreads.SHARED;
    }

    /** Something was cached: goes on until nothing is. */
    public void start() {
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
        C target = cache.get();
        if (target == null) {
            return;
        }
        try {
            look(target);
        } finally {
            running.set(false); // before the question, so that who caches something after it starts this again
            if (hasEntries.test(target)) {
                start();
            }
        }
    }

    private void look(C target) {
        if (file != null && file.hasChanged()) {
            flush.accept(target);
        }
    }
}
