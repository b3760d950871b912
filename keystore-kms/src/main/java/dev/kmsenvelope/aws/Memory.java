package dev.kmsenvelope.aws;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import dev.kmsenvelope.kms.KmsUnavailableException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What the service told about keys, for a while. One thread asks and the others that want the same wait for it; failures
 * are not remembered. Thread-safe.
 *
 * @param <K> what is asked about
 * @param <V> what is known about it
 */
final class Memory<K, V> {

    private static final int MAX_SIZE = 10_000;

    /** Of futures, and not an AsyncCache, which logs each future that fails: a key that does not exist is no trouble. */
    private final Cache<K, CompletableFuture<V>> cache;

    /**
     * Makes an empty one.
     *
     * @param maxAge after how long the service is asked again
     * @param ticker tells the time
     */
    Memory(Duration maxAge, Ticker ticker) {
        this.cache = Caffeine.newBuilder()
                .maximumSize(MAX_SIZE)
                .expireAfterWrite(maxAge)
                .ticker(ticker)
                .executor(Runnable::run)
                .build();
    }

    /**
     * What is known, after asking if nothing is.
     *
     * @param ask asks the service; in the calling thread
     * @throws KmsUnavailableException if the thread is interrupted while it waits for another one
     */
    @SuppressWarnings("ReferenceEquality") // whether it is the same future is the question
    V get(K key, Function<K, V> ask) {
        while (true) {
            CompletableFuture<V> mine = new CompletableFuture<>();
            CompletableFuture<V> answer = cache.get(key, same -> mine);
            if (answer == mine) {
                return answer(key, ask, mine);
            }
            try {
                return answer.get();
            } catch (CancellationException e) {
                // The one that asked was interrupted, which is nothing to the others: ask again.
            } catch (ExecutionException e) {
                if (e.getCause() instanceof RuntimeException failure) {
                    throw failure;
                }
                throw new IllegalStateException(e.getCause());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new KmsUnavailableException("looking up the key " + key + " was interrupted", e);
            }
        }
    }

    private V answer(K key, Function<K, V> ask, CompletableFuture<V> mine) {
        try {
            V value = ask.apply(key);
            mine.complete(value);
            return value;
        } catch (RuntimeException | Error e) {
            cache.asMap().remove(key, mine);
            if (Thread.currentThread().isInterrupted()) {
                mine.cancel(false);
            } else {
                mine.completeExceptionally(e);
            }
            throw e;
        }
    }

    /** What is known now, without asking or waiting. */
    Optional<V> peek(K key) {
        @Nullable CompletableFuture<V> known = cache.getIfPresent(key);
        return known != null && known.isDone() && !known.isCompletedExceptionally()
                ? Optional.of(known.join())
                : Optional.empty();
    }

    /** Replaces what is known. */
    void put(K key, V value) {
        cache.put(key, CompletableFuture.completedFuture(value));
    }

    /** Forgets. */
    void remove(K key) {
        cache.invalidate(key);
    }
}
