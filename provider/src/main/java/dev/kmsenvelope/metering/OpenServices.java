package dev.kmsenvelope.metering;

import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The measured services that are open, which this does not keep alive. Thread-safe. */
public final class OpenServices {

    /** All of this library. */
    public static final OpenServices ALL = new OpenServices();

    private final Set<Entry> entries = new HashSet<>();
    private final ReferenceQueue<MeasuredKeyService> forgotten = new ReferenceQueue<>();
    private @Nullable Keeper keeper;
    private @Nullable Keeper lastKeeper;

    private OpenServices() {}

    Entry add(MeasuredKeyService service) {
        Entry entry = new Entry(service);
        synchronized (this) {
            forgetAll();
            entries.add(entry);
            if (keeper == null && Keeper.isPossible()) {
                keeper = new Keeper(this);
                keeper.start();
            }
        }
        return entry;
    }

    private void remove(Entry entry) {
        Keeper ending = null;
        synchronized (this) {
            if (entries.remove(entry) && entries.isEmpty() && keeper != null) {
                ending = keeper;
                lastKeeper = keeper;
                keeper = null;
            }
        }
        if (ending != null) {
            ending.end();
        }
    }

    /** Waits until a service was forgotten, and takes it out. */
    void forgetOne() throws InterruptedException {
        Reference<? extends MeasuredKeyService> gone = forgotten.remove();
        if (gone instanceof Entry entry) {
            remove(entry);
        }
    }

    /** What the keeper does, where there is none. */
    private void forgetAll() {
        for (Reference<?> gone = forgotten.poll(); gone != null; gone = forgotten.poll()) {
            if (gone instanceof Entry entry) {
                entries.remove(entry);
            }
        }
    }

    /** Closes all, also when closing one fails. */
    public void closeAll() {
        List<Runnable> steps = new ArrayList<>();
        open().forEach(service -> steps.add(service::close));
        steps.add(this::awaitKeeper);
        Steps.doAll(steps);
    }

    private synchronized List<MeasuredKeyService> open() {
        List<MeasuredKeyService> open = new ArrayList<>();
        for (Entry entry : entries) {
            MeasuredKeyService service = entry.get();
            if (service != null) {
                open.add(service);
            }
        }
        return open;
    }

    /** After this, no thread of ours is left, unless services were opened meanwhile. */
    private void awaitKeeper() {
        Keeper last;
        synchronized (this) {
            last = lastKeeper;
            lastKeeper = null;
        }
        if (last != null) {
            try {
                last.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** The place of one service; empty once the service was forgotten. */
    final class Entry extends WeakReference<MeasuredKeyService> {

        private Entry(MeasuredKeyService service) {
            super(service, forgotten);
        }

        void remove() {
            OpenServices.this.remove(this);
        }
    }
}
