package dev.kmsenvelope.dek;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.kmsenvelope.dek.CacheSettings.Limits;
import dev.kmsenvelope.kms.KeyServiceClosedException;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Keeps data keys, so that few messages need a call of a key service. Thread-safe; giving out what is cached takes no lock.
 *
 * <ul>
 *   <li>A data key serves so many messages and bytes and is so old as {@link CacheSettings} allow, and no message is begun
 *       beyond that. A message that has begun is finished.
 *   <li>Of any number of callers who miss the same data key, one call is made; they wait for it together.
 *   <li>Shortly before a limit, the next user has the data key renewed in the background and goes on with the old one.
 *   <li>A data key that leaves is wiped when the last lease of it is closed.
 *   <li>When a service says that a data key may not be used any more, it leaves at once; when the service is not there, the
 *       data key serves until its limits, and for the grace beyond its age.
 * </ul>
 *
 * Closed by whoever closes the services. What is called after that throws a {@link KeyServiceClosedException}.
 */
public final class DataKeyCache implements AutoCloseable {

    private static final System.Logger LOGGER = System.getLogger(DataKeyCache.class.getName());

    /** By identity; weak, so that this keeps neither services nor class loaders. */
    private static final Set<DataKeyCache> OPEN =
            Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

    private static final long SHORTEST_PAUSE = 100_000_000L;

    private final CacheSettings settings;
    private final Ticker ticker;
    private final DoubleSupplier jitter;
    private final Runnable afterWiping;
    private final CacheThreads threads = CacheThreads.SHARED;
    private final CacheCounters counters = new CacheCounters();
    private final FailureMemory failures;
    private final Shelf shelf;
    private final Map<DataKeyRequest, Flight> flights = new ConcurrentHashMap<>();
    private final ForgottenKeys forgotten;
    private final FlushWatch<DataKeyCache> flushWatch;

    /**
     * Makes a cache.
     *
     * @param settings its limits
     * @param afterWiping run each time when a data key was wiped, by whichever thread did it: must be quick
     */
    public DataKeyCache(CacheSettings settings, Runnable afterWiping) {
        this(settings, afterWiping, Ticker.systemTicker(), Math::random);
    }

    /** With a clock, and with what decides between the earliest and the latest moment to renew: from 0 to 1. */
    DataKeyCache(CacheSettings settings, Runnable afterWiping, Ticker ticker, DoubleSupplier jitter) {
        this.settings = settings;
        this.afterWiping = afterWiping;
        this.ticker = ticker;
        this.jitter = jitter;
        this.failures = new FailureMemory(settings.maxFailureAge(), ticker, threads.scheduler());
        this.shelf = new Shelf(settings.maxEntries(), ticker, threads.scheduler(), counters);
        this.forgotten = new ForgottenKeys(shelf.stopping(failures.stopping(afterWiping)));
        this.flushWatch = new FlushWatch<>(settings.flushFile(), this, DataKeyCache::hasEntries, DataKeyCache::flush);
        OPEN.add(this);
    }

    /**
     * The caches that are open in this process.
     *
     * @return a copy
     */
    public static List<DataKeyCache> all() {
        synchronized (OPEN) {
            return List.copyOf(OPEN);
        }
    }

    /**
     * How it is set.
     *
     * @return the settings
     */
    public CacheSettings settings() {
        return settings;
    }

    /**
     * What it did.
     *
     * @return the counts up to now
     */
    public CacheStatistics statistics() {
        failures.sweep();
        return counters.snapshot(shelf.size());
    }

    /**
     * What this cache did, to be asked also when the cache is no more: keeps the counts, not the cache.
     *
     * @return gives the counts up to the moment when it is asked, without entries
     */
    public Supplier<CacheStatistics> counts() {
        CacheCounters kept = counters;
        return () -> kept.snapshot(0);
    }

    boolean hasEntries() {
        return shelf.size() > 0;
    }

    private void wiped(byte[] plaintext) {
        forgotten.remove(plaintext);
        try {
            afterWiping.run();
        } catch (RuntimeException e) {
            LOGGER.log(System.Logger.Level.ERROR, "cleaning up after a data key failed", e);
        }
    }

    /**
     * What is cached, and no call of a service, but for a data key that is too old where a grace is set: whether it may be
     * used is asked first.
     *
     * @return null if there is nothing that may be used
     */
    @Nullable
    DataKeyLease find(DataKeyRequest request) {
        CachedDataKey entry = shelf.get(request);
        if (entry == null) {
            requireOpen();
            return null;
        }
        DataKeyLease lease = leaseOrSuccessor(entry);
        if (lease == null && entry.refresh().isInGrace(ticker.read()) && !entry.isRetired()) {
            try {
                return await(entry.request(), entry);
            } catch (RuntimeException e) {
                return null; // Said again, in its place, to the one who asks for it by its key.
            }
        }
        return lease;
    }

    private @Nullable DataKeyLease lease(CachedDataKey entry) {
        long now = ticker.read();
        if (!entry.refresh().allowsUse(now)) {
            if (entry.refresh().isOver(now)) {
                shelf.drop(entry, EvictionCause.EXPIRED);
            }
            return null;
        }
        DataKeyLease lease = entry.lease();
        if (lease == null) {
            shelf.drop(entry, EvictionCause.EXHAUSTED);
            return null;
        }
        if (entry.refresh().begin(now, entry.isNearlyUsedUp())) {
            renew(entry);
        }
        counters.hit();
        return lease;
    }

    /**
     * What is cached, or what the service gives.
     *
     * @param request has its key
     * @return the data key; the caller closes it
     * @throws KeyServiceClosedException if this was closed
     */
    DataKeyLease get(DataKeyRequest request) {
        DataKeyLease lease = cached(request);
        // What is asked for together can be used up before all had it. Who went away empty asks once more, then for
        // himself.
        for (int round = 0; lease == null && round < 2; round++) {
            lease = await(request, null);
        }
        return lease != null ? lease : alone(request);
    }

    private @Nullable DataKeyLease cached(DataKeyRequest request) {
        CachedDataKey entry = shelf.get(request);
        return entry == null ? null : leaseOrSuccessor(entry);
    }

    /** What was replaced between being found and being used is no miss: its successor stands there by now. */
    private @Nullable DataKeyLease leaseOrSuccessor(CachedDataKey entry) {
        DataKeyLease lease = lease(entry);
        if (lease == null && entry.isRetired()) {
            CachedDataKey successor = shelf.get(entry.request());
            lease = successor == null ? null : lease(successor);
        }
        return lease;
    }

    private @Nullable DataKeyLease await(DataKeyRequest request, @Nullable CachedDataKey renewed) {
        Flight flight = board(request, renewed);
        if (flight == null) {
            return cached(request);
        }
        try {
            Flight.Outcome outcome = flight.await();
            if (outcome.key() != null) {
                return flight.lease(outcome.key());
            }
            if (outcome.failure() == null) {
                return null;
            }
            DataKeyLease inGrace = LoadFailure.opensGrace(outcome.failure()) ? cached(request) : null;
            if (inGrace == null) {
                throw Failures.forCaller(outcome.failure());
            }
            return inGrace;
        } finally {
            flight.leave();
        }
    }

    /** The call to wait for, started if there is none; null if it turned out that there is something in the cache. */
    private @Nullable Flight board(DataKeyRequest request, @Nullable CachedDataKey renewed) {
        while (true) {
            requireOpen();
            if (rememberedOutageOpensGrace(request)) {
                return null;
            }
            throwRemembered(request);
            Flight mine = new Flight(request, shelf.generation(), renewed);
            Flight running = flights.putIfAbsent(request, mine);
            if (running == null) {
                return launch(mine) ? mine : null;
            }
            if (running.enter()) {
                counters.missed(request);
                return running;
            }
        }
    }

    /** Enters a flight and has it called for; not if another call ended between looking into the cache and here. */
    private boolean launch(Flight mine) {
        mine.enter();
        boolean launched = false;
        try {
            if (!isUsable(mine.request())) {
                counters.missed(mine.request());
                if (!threads.start(() -> load(mine))) {
                    mine.runsIn(Thread.currentThread()); // his being interrupted is no matter of the others
                    load(mine);
                }
                launched = true;
            }
            return launched;
        } finally {
            if (!launched) { // Whatever went wrong: those who joined meanwhile must not wait for ever.
                end(mine);
                mine.abandon();
                mine.leave();
            }
        }
    }

    /** Whether a failure that is remembered tells that the service is not there, for a data key that may be used then. */
    private boolean rememberedOutageOpensGrace(DataKeyRequest request) {
        CachedDataKey entry = shelf.get(request);
        long now = ticker.read();
        if (entry == null || entry.isRetired() || !entry.refresh().isInGrace(now)) {
            return false;
        }
        RuntimeException remembered = failures.find(request);
        if (remembered == null || !LoadFailure.opensGrace(remembered)) {
            return false;
        }
        entry.refresh().sawOutage(now);
        return true;
    }

    private void throwRemembered(DataKeyRequest request) {
        RuntimeException remembered = failures.find(request);
        if (remembered != null) {
            counters.negativeHit();
            throw Failures.forCaller(remembered);
        }
    }

    private boolean isUsable(DataKeyRequest request) {
        CachedDataKey entry = shelf.get(request);
        return entry != null && entry.refresh().allowsUse(ticker.read()) && !entry.isRetired();
    }

    private DataKeyLease alone(DataKeyRequest request) {
        requireOpen();
        counters.missed(request);
        long start = ticker.read();
        Throwable failure = null;
        try {
            return request.load();
        } catch (RuntimeException | Error e) {
            failure = e;
            CachedDataKey refused = e instanceof Error || LoadFailure.isOutage(e) ? null : shelf.get(request);
            if (refused != null) {
                shelf.drop(refused, EvictionCause.REFUSED);
            }
            throw e;
        } finally {
            counters.loaded(request, false, ticker.read() - start, failure == null ? null : LoadFailure.of(failure));
        }
    }

    private void renew(CachedDataKey entry) {
        Flight flight = new Flight(entry.request(), shelf.generation(), entry);
        boolean started = false;
        try {
            started = !shelf.isClosed()
                    && flights.putIfAbsent(entry.request(), flight) == null
                    && threads.start(() -> load(flight));
        } finally {
            if (!started) {
                end(flight);
                flight.abandon();
                entry.refresh().pause(ticker.read(), SHORTEST_PAUSE);
                entry.refresh().end();
            }
        }
    }

    private void load(Flight flight) {
        DataKeyRequest request = flight.request();
        CachedDataKey renewed = flight.renewed();
        long start = ticker.read();
        Throwable failure = null;
        CachedDataKey made = null;
        try (DataKeyLease lease = renewed == null ? request.load() : request.reload()) {
            made = lease == null ? null : make(request, lease, start);
        } catch (Throwable e) { // whatever it is, those who wait must hear of it
            failure = e;
        }
        boolean landing = false;
        try {
            counters.loaded(
                    request, renewed != null, ticker.read() - start, failure == null ? null : LoadFailure.of(failure));
            if (made != null) {
                landing = true;
                land(flight, made);
            } else {
                crash(flight, failure);
            }
        } finally {
            if (made != null && !landing) {
                made.retire(EvictionCause.FLUSHED);
            }
            if (renewed != null && !renewed.isRetired()) { // else its last users would renew it once more
                renewed.refresh().end();
            }
            end(flight);
            flight.fail(new IllegalStateException("a data key could not be kept")); // if nothing was said before
        }
    }

    private CachedDataKey make(DataKeyRequest request, DataKeyLease from, long start) {
        Limits limits = request.limits(settings);
        RefreshState refresh = RefreshState.of(start, limits.maxAge(), settings.grace(), jitter.getAsDouble());
        CachedDataKey made = new CachedDataKey(request, from, limits, refresh, this::wiped);
        boolean registered = false;
        try {
            made.register(forgotten, this);
            registered = true;
            return made;
        } finally {
            if (!registered) {
                made.retire(EvictionCause.FLUSHED);
            }
        }
    }

    private void land(Flight flight, CachedDataKey made) {
        Stripes.Cell held = Objects.requireNonNull(made.hold(), "nobody else could retire it yet");
        boolean kept = false;
        try {
            failures.forget(flight.request());
            // Those who asked for another length will refuse it.
            kept = made.hasTheRightLength() && shelf.put(flight.generation(), made);
            if (kept) {
                flushWatch.start();
            }
        } finally {
            if (!kept) {
                made.retire(EvictionCause.FLUSHED); // never was in the cache, so nothing is counted
            }
            end(flight);
            if (shelf.isClosed()) {
                made.release(held);
                flight.fail(closed());
            } else {
                flight.bring(made, held);
            }
        }
    }

    private void crash(Flight flight, @Nullable Throwable failure) {
        DataKeyRequest request = flight.request();
        CachedDataKey entry = shelf.get(request);
        boolean current = flight.generation() == shelf.generation(); // else the entry is not what this was about
        boolean refused = failure == null || !(failure instanceof Error || LoadFailure.isOutage(failure));
        if (entry != null && refused) {
            shelf.drop(entry, EvictionCause.REFUSED);
        } else if (entry != null && current) {
            long now = ticker.read();
            entry.refresh()
                    .pause(
                            now,
                            Math.max(SHORTEST_PAUSE, settings.maxFailureAge().toNanos()));
            if (LoadFailure.opensGrace(failure)) {
                entry.refresh().sawOutage(now);
            }
        }
        if (failure == null || flight.failedByInterrupt()) {
            end(flight);
            flight.abandon();
            return;
        }
        if (current) {
            failures.remember(request, failure, flight.hadCompany());
        }
        end(flight);
        flight.fail(failure);
    }

    private void end(Flight flight) {
        flights.remove(flight.request(), flight);
    }

    /** Whether a service is being asked at this moment. */
    boolean isAsking() {
        return !flights.isEmpty();
    }

    private void requireOpen() {
        if (shelf.isClosed()) {
            throw closed();
        }
    }

    private static KeyServiceClosedException closed() {
        return new KeyServiceClosedException("the key services and their cache of data keys were closed");
    }

    /**
     * Drops all data keys and remembered failures: for a right that was taken back. What a service is being asked for now is
     * given to those who wait, and is not kept. Data keys in use are wiped when they are no longer.
     */
    public void flush() {
        shelf.clear();
        forget();
    }

    /** Whoever comes now asks anew: what is under way began before. */
    private void forget() {
        flights.clear();
        failures.clear();
    }

    /** Drops all data keys, for good; those in use are wiped when they are no longer. Idempotent. */
    @Override
    public void close() {
        shelf.close();
        List<Flight> waiting = List.copyOf(flights.values());
        forget();
        failures.close();
        waiting.forEach(flight -> flight.cancel(closed()));
        OPEN.remove(this);
    }

    @Override
    public String toString() {
        return "DataKeyCache[" + shelf.size() + " data keys]";
    }
}
