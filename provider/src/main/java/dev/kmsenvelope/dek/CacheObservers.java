package dev.kmsenvelope.dek;

import java.util.function.Consumer;

/** The one observer of all caches of data keys in this process. Thread-safe. */
public final class CacheObservers {

    private static final System.Logger LOGGER = System.getLogger(CacheObservers.class.getName());
    private static volatile CacheObserver current = CacheObserver.NONE;

    private CacheObservers() {}

    /**
     * Sets who is told from now on, in place of whoever was before.
     *
     * @param observer the observer; {@link CacheObserver#NONE} for nobody
     */
    public static void set(CacheObserver observer) {
        current = observer;
    }

    /**
     * Who is told.
     *
     * @return the observer
     */
    public static CacheObserver current() {
        return current;
    }

    /** An observer's fault must not cost anybody a message. */
    static void tell(Consumer<CacheObserver> what) {
        try {
            what.accept(current);
        } catch (RuntimeException e) {
            LOGGER.log(System.Logger.Level.WARNING, "the observer of the data-key caches failed", e);
        }
    }
}
