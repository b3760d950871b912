package dev.kmsenvelope.keystore;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A value that never changes and that the service is asked for once, by one caller while others wait for it. A failure is
 * remembered for a moment, so that the walks of a key manager do not become a stream of requests that fail. One lock per
 * value: a request that hangs keeps nobody waiting but those who want the same. Thread-safe.
 */
final class Once<T> {

    /** For how long a failure is not tried again. */
    static final Duration PAUSE = Duration.ofSeconds(30);

    private final LongSupplier nanoTime;
    private @Nullable T value;
    private @Nullable Exception failure;
    private long failed;

    /** What gives the value. */
    @FunctionalInterface
    interface Work<T> {
        T run() throws GeneralSecurityException, IOException;
    }

    Once(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /**
     * Gives the value.
     *
     * @param work is run if the value is not there and has not just failed
     * @return the value
     * @throws RuntimeException what the work threw, now or a moment ago; checked exceptions alike
     */
    synchronized T get(Work<T> work) throws GeneralSecurityException, IOException {
        T known = value;
        if (known != null) {
            return known;
        }
        if (failure != null && nanoTime.getAsLong() - failed < PAUSE.toNanos()) {
            throw rethrown(failure);
        }
        try {
            known = work.run();
            value = known;
            failure = null;
            return known;
        } catch (GeneralSecurityException | IOException | RuntimeException e) {
            if (!Thread.currentThread().isInterrupted()) { // else it is this caller's failure and nobody else's
                failure = e;
                failed = nanoTime.getAsLong();
            }
            throw e;
        }
    }

    private static RuntimeException rethrown(Exception e) throws GeneralSecurityException, IOException {
        if (e instanceof GeneralSecurityException security) {
            throw security;
        }
        if (e instanceof IOException io) {
            throw io;
        }
        return (RuntimeException) e;
    }
}
