package dev.kmsenvelope.metering;

import dev.kmsenvelope.telemetry.DataKeyCacheStatistics;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The caches that there are, which this does not keep alive: of data keys, with what those counted that are gone, and of the
 * keys that data keys are made or opened with. Thread-safe.
 */
public final class OpenCaches {

    /** All of this library. */
    public static final OpenCaches ALL = new OpenCaches();

    private final List<Entry<?>> entries = new ArrayList<>();
    private final List<Entry<?>> sources = new ArrayList<>();
    private DataKeyCacheStatistics gone = DataKeyCacheStatistics.NONE;

    OpenCaches() {}

    /**
     * Adds a cache.
     *
     * @param <C> what a cache is
     * @param cache referred to weakly
     * @param flush empties such a cache; must not refer to this one
     * @param statistics reads what such a cache counted; must not refer to this one
     * @param counts reads what it counted when it is no more; must not refer to it, for that is kept longer
     */
    public synchronized <C> void add(
            C cache,
            Consumer<C> flush,
            Function<C, DataKeyCacheStatistics> statistics,
            Supplier<DataKeyCacheStatistics> counts) {
        sweep();
        entries.add(new Entry<>(cache, flush, statistics, counts));
    }

    /**
     * Adds a cache of keys that data keys come from, which counts nothing.
     *
     * @param <C> what a cache is
     * @param cache referred to weakly
     * @param flush empties such a cache; must not refer to this one
     */
    public synchronized <C> void addSource(C cache, Consumer<C> flush) {
        sources.removeIf(entry -> entry.get() == null);
        sources.add(new Entry<>(cache, flush, one -> DataKeyCacheStatistics.NONE, () -> DataKeyCacheStatistics.NONE));
    }

    /**
     * Empties all caches: those that data keys come from first, so that no data key which is asked for in between comes from
     * what is emptied, and stays.
     */
    public void flush() {
        List<Entry<?>> all;
        synchronized (this) {
            all = new ArrayList<>(sources);
            all.addAll(entries);
        }
        all.forEach(Entry::flush);
    }

    /**
     * What all caches counted, those that are gone included.
     *
     * @return the sums
     */
    public synchronized DataKeyCacheStatistics statistics() {
        sweep();
        DataKeyCacheStatistics sum = gone;
        for (Entry<?> entry : entries) {
            sum = sum.plus(entry.statistics());
        }
        return sum;
    }

    private void sweep() {
        for (Iterator<Entry<?>> each = entries.iterator(); each.hasNext(); ) {
            Entry<?> entry = each.next();
            if (entry.get() == null) {
                gone = gone.plus(entry.counts.get());
                each.remove();
            }
        }
    }

    private static final class Entry<C> extends WeakReference<C> {

        private final Consumer<C> flush;
        private final Function<C, DataKeyCacheStatistics> statistics;
        private final Supplier<DataKeyCacheStatistics> counts;

        Entry(
                C cache,
                Consumer<C> flush,
                Function<C, DataKeyCacheStatistics> statistics,
                Supplier<DataKeyCacheStatistics> counts) {
            super(cache);
            this.flush = flush;
            this.statistics = statistics;
            this.counts = counts;
        }

        DataKeyCacheStatistics statistics() {
            C cache = get();
            return cache == null ? counts.get() : statistics.apply(cache);
        }

        void flush() {
            C cache = get();
            if (cache != null) {
                flush.accept(cache);
            }
        }
    }
}
