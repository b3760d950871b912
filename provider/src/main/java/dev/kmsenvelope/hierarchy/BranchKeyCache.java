package dev.kmsenvelope.hierarchy;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Scheduler;
import com.github.benmanes.caffeine.cache.Ticker;
import dev.kmsenvelope.dek.DataKeyCache;
import dev.kmsenvelope.dek.FlushWatch;
import dev.kmsenvelope.kms.KeyAccessDeniedException;
import dev.kmsenvelope.kms.KeyDisabledException;
import dev.kmsenvelope.kms.KeyNotFoundException;
import dev.kmsenvelope.kms.KeyServiceClosedException;
import dev.kmsenvelope.kms.KmsException;
import dev.kmsenvelope.metering.OpenCaches;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Branch keys in plain text. A key is read from the store once for all who want it at the same time, is lent to those who use
 * it, and is wiped when it is evicted and the last of them is done.
 *
 * <p>A key is used for the time that the settings say and no longer. In the last fifth of it, one of those who use it reads it
 * anew, while the others go on with the old one: a rotation is noticed, and an outage that is shorter than that goes by
 * unnoticed. When the store or the key-management service says that the key may not be used any more, all versions of that
 * branch key are dropped at once. What cannot be read takes no place of what can, whoever asks for it (RULES 13).
 * Thread-safe.
 */
final class BranchKeyCache implements AutoCloseable {

    /** The share of its time after which a key is read anew. */
    private static final double REFRESH_AFTER = 0.8;

    /** The share of its time after which reading it anew is tried again. */
    private static final double RETRY_AFTER = 0.05;

    private final BranchKeyStore store;
    private final Ticker ticker;
    private final long ttl;
    private final long refreshAfter;
    private final long retryAfter;
    private final Cache<Name, Slot> slots;

    /** What is being read for the first time: in the cache, it would push out what is there before it is known to be any good. */
    private final Map<Name, Slot> reading = new ConcurrentHashMap<>();

    /** What the store is being asked for, first reads and later ones: each stays here until it is in the cache or is not kept. */
    private final Map<Slot, Name> underWay = new ConcurrentHashMap<>();

    private final MissingVersions missing;

    /** Starts to look for a change of the flush file, if it is not looked for yet. */
    private final Runnable flushWatch;

    /** Held to put and to drop, so that nothing that was asked for before a flush or a refusal is kept after it. */
    private final Object changing = new Object();

    private volatile long generation;
    private volatile boolean closed;

    /** What a key goes by; the version is null for the active one. */
    record Name(String id, @Nullable UUID version) {}

    /** With a file whose change has all dropped, if there is one. */
    BranchKeyCache(BranchKeyStore store, BranchKeyCacheSettings settings, Optional<Path> flushFile) {
        this(store, settings, flushFile, Ticker.systemTicker());
    }

    BranchKeyCache(BranchKeyStore store, BranchKeyCacheSettings settings, Optional<Path> flushFile, Ticker ticker) {
        this(
                store,
                settings,
                ticker,
                made -> new FlushWatch<>(
                                flushFile, made, cache -> cache.size() > 0, cache -> cache.flushWithDataKeys(flushFile))
                        ::start);
    }

    /** With what is to be run for this cache whenever a key was put into it. */
    BranchKeyCache(
            BranchKeyStore store,
            BranchKeyCacheSettings settings,
            Ticker ticker,
            Function<BranchKeyCache, Runnable> flushWatch) {
        this.store = store;
        this.ticker = ticker;
        this.ttl = settings.ttl().toNanos();
        this.refreshAfter = (long) (ttl * REFRESH_AFTER);
        this.retryAfter = (long) (ttl * RETRY_AFTER);
        this.missing = new MissingVersions(ticker);
        this.slots = Caffeine.newBuilder()
                .maximumSize(settings.maxEntries())
                .expireAfter(new BranchKeyLifetime(ttl))
                .ticker(ticker)
                .scheduler(Scheduler.systemScheduler())
                .executor(Runnable::run) // So that what is evicted is wiped before the call returns.
                .removalListener((name, slot, cause) -> {
                    if (slot != null) {
                        slot.evict();
                    }
                })
                .build();
        this.flushWatch = flushWatch.apply(this);
        OpenCaches.ALL.addSource(this, BranchKeyCache::flush);
    }

    /** Uses the active version of a branch key. */
    <T> T withActive(String id, Function<BranchKey, T> use) {
        return with(new Name(id, null), use);
    }

    /** Uses a version of a branch key. */
    <T> T withVersion(String id, UUID version, Function<BranchKey, T> use) {
        return with(new Name(id, version), use);
    }

    private <T> T with(Name name, Function<BranchKey, T> use) {
        Slot slot = lend(name);
        try {
            return use.apply(slot.key());
        } finally {
            slot.giveBack();
        }
    }

    /** A slot with a key, which the caller gives back. */
    private Slot lend(Name name) {
        while (true) {
            requireOpen();
            Slot cached = cached(name);
            if (cached != null) {
                return refreshed(name, cached);
            }
            missing.throwIfKnown(name);
            Slot slot = reading.computeIfAbsent(name, absent -> new Slot(ticker.read())); // Reads nothing in there.
            if (slot.join() && isReadAfterWaiting(name, slot)) {
                return slot;
            }
            reading.remove(name, slot); // Its reader was interrupted, or the key came and went meanwhile.
        }
    }

    /** What is cached, taken into use. */
    private @Nullable Slot cached(Name name) {
        Slot slot = slots.getIfPresent(name);
        return slot != null && slot.take() ? slot : null;
    }

    private boolean isReadAfterWaiting(Name name, Slot slot) {
        boolean read = false;
        try {
            read = load(name, slot);
            return read;
        } finally {
            if (!read) {
                slot.giveBack();
            }
        }
    }

    /** Reads a key that is not there; whoever comes meanwhile waits, and gets the same key or the same failure. */
    private boolean load(Name name, Slot slot) {
        slot.loading.lock();
        try {
            if (slot.isRead()) {
                return true;
            }
            if (slot.isOver()) {
                return false;
            }
            if (slots.getIfPresent(name) != null) { // Another one had read it before this slot was made.
                slot.abandon();
                return false;
            }
            readFirst(name, slot);
            return true;
        } finally {
            slot.loading.unlock();
        }
    }

    private void readFirst(Name name, Slot slot) {
        try {
            readAndKeep(name, slot, generation, () -> put(name, slot));
        } catch (RuntimeException e) {
            slot.fail(e);
            dropIfForbidden(name, e);
            throw e;
        } finally {
            reading.remove(name, slot); // Only now, so that whoever does not find it here finds it in the cache.
        }
    }

    private void readAndKeep(Name name, Slot slot, long askedIn, BooleanSupplier putting) {
        underWay.put(slot, name);
        try {
            read(name, slot, askedIn);
            keep(name, slot, askedIn, putting);
        } finally {
            underWay.remove(slot);
        }
    }

    private void read(Name name, Slot slot, long askedIn) {
        UUID version = name.version();
        try {
            slot.put(version == null ? store.active(name.id()) : store.version(name.id(), version));
        } catch (KeyNotFoundException e) {
            if (askedIn == generation) {
                missing.remember(name, e);
            }
            throw e;
        }
    }

    private boolean put(Name name, Slot slot) {
        slots.put(name, slot);
        return true;
    }

    /** Puts a key into the cache, or has it wiped after its use: that of one asked for before a flush or a refusal is over. */
    private void keep(Name name, Slot slot, long askedIn, BooleanSupplier putting) {
        boolean kept = false;
        try {
            boolean put;
            synchronized (changing) {
                put = !closed && askedIn == generation && !slot.isEvicted() && putting.getAsBoolean();
            }
            if (put) {
                flushWatch.run(); // After the put: it stops when it finds the cache empty.
            }
            kept = put;
        } finally {
            if (!kept) {
                slots.asMap().remove(name, slot);
                slot.evict();
            }
        }
    }

    /** This slot, or the one that takes its place. */
    private Slot refreshed(Name name, Slot old) {
        if (!old.isDue(ticker.read(), refreshAfter) || !old.loading.tryLock()) {
            return old;
        }
        Slot lent = null;
        try {
            lent = readAnew(name, old);
            return lent;
        } finally {
            if (lent != old) {
                old.giveBack();
            }
            old.loading.unlock();
        }
    }

    /** A new slot, taken into use; or the old one, if the store cannot be asked and that one may still be used. */
    private Slot readAnew(Name name, Slot old) {
        long askedIn = generation;
        Slot fresh = new Slot(ticker.read());
        fresh.join();
        boolean read = false;
        try {
            readAndKeep(name, fresh, askedIn, () -> slots.asMap().replace(name, old, fresh));
            read = true;
            return fresh;
        } catch (KmsException e) {
            if (!e.isRetryable()) {
                slots.asMap().remove(name, old);
                dropIfForbidden(name, e);
                throw e;
            }
            long now = ticker.read();
            if (askedIn != generation || old.isEvicted() || old.age(now) >= ttl) { // The answer may have taken long.
                throw e;
            }
            old.refreshAgainAt(now - refreshAfter + retryAfter);
            return old;
        } finally {
            if (!read) {
                fresh.giveBack();
            }
        }
    }

    /** Drops all versions of a branch key that may not be used any more, also those that the store is being asked for. */
    private void dropIfForbidden(Name name, RuntimeException e) {
        if (!(e instanceof KeyAccessDeniedException || e instanceof KeyDisabledException)) {
            return;
        }
        Predicate<Name> forbidden = each -> each.id().equals(name.id());
        synchronized (changing) {
            underWay.forEach((slot, each) -> {
                if (forbidden.test(each)) {
                    slot.evict();
                }
            });
            slots.asMap().keySet().removeIf(forbidden);
        }
        reading.keySet().removeIf(forbidden); // Whoever comes now reads anew.
    }

    private void requireOpen() {
        if (closed) {
            throw new KeyServiceClosedException("this key service was closed");
        }
    }

    /** How many are kept, after what is over was dropped. */
    long size() {
        slots.cleanUp();
        return slots.estimatedSize();
    }

    /**
     * Drops all: for a right that was taken back. Who is using a key goes on until he is done; what is being read is given to
     * those who wait for it, and is not kept.
     */
    void flush() {
        synchronized (changing) {
            generation++; // by one thread at a time
            slots.invalidateAll();
        }
        reading.clear(); // Whoever comes now reads anew: what is under way began before.
        missing.clear();
    }

    /** And after that the data keys with the same file, of which some may have come from here after their own flush. */
    private void flushWithDataKeys(Optional<Path> flushFile) {
        flush();
        DataKeyCache.all().stream()
                .filter(cache -> cache.settings().flushFile().equals(flushFile))
                .forEach(DataKeyCache::flush);
    }

    /** Drops all, for good; idempotent. Who is using a key goes on until he is done. */
    @Override
    public void close() {
        synchronized (changing) {
            closed = true;
        }
        flush();
    }
}
