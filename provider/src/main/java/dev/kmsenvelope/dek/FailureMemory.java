package dev.kmsenvelope.dek;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import dev.kmsenvelope.kms.KmsException;
import java.time.Duration;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Remembers for a short time what a service failed with, so that a storm of callers does not become a storm of calls: the
 * failure of a call that several waited for, and the second one in a row. A single failure that one caller saw is not held
 * against the next call. Apart from the data keys, of which it pushes none out (RULES 13), and never larger than {@value
 * #MAX_BYTES} bytes, about. Thread-safe.
 */
final class FailureMemory {

    private static final long MAX_BYTES = 1 << 20;
    private static final Executor CALLER = Runnable::run;

    private final @Nullable Cache<DataKeyRequest, Remembered> failures;

    /**
     * Starts empty.
     *
     * @param maxAge for how long; zero for not at all
     * @param ticker tells the time
     */
    FailureMemory(Duration maxAge, Ticker ticker) {
        this.failures = maxAge.isZero()
                ? null
                : Caffeine.newBuilder()
                        .maximumWeight(MAX_BYTES)
                        .weigher((DataKeyRequest request, Remembered failure) -> request.size())
                        .expireAfterWrite(maxAge)
                        .ticker(ticker)
                        .executor(CALLER)
                        .build();
    }

    private record Remembered(KmsException failure, boolean isThrown) {}

    /** What is to be thrown rather than to ask; null to ask. */
    @Nullable
    KmsException find(DataKeyRequest request) {
        Remembered known = failures == null ? null : failures.getIfPresent(request);
        return known != null && known.isThrown() ? known.failure() : null;
    }

    void remember(DataKeyRequest request, Throwable failure, boolean severalWaited) {
        if (failures != null && failure instanceof KmsException known) {
            boolean again = failures.getIfPresent(request) != null;
            failures.put(request, new Remembered(known, severalWaited || again));
        }
    }

    void forget(DataKeyRequest request) {
        if (failures != null) {
            failures.invalidate(request);
        }
    }

    void clear() {
        if (failures != null) {
            failures.invalidateAll();
        }
    }
}
