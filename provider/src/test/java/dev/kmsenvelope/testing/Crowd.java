package dev.kmsenvelope.testing;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;

/** Many threads that start together. */
public final class Crowd {

    private static final long PATIENCE_SECONDS = 120;

    private Crowd() {}

    /** For how long a test that could go on for ever runs: {@code -Dkmsenvelope.test.stress=SECONDS}, or as given here. */
    public static Duration stress(Duration usually) {
        int seconds = Integer.getInteger("kmsenvelope.test.stress", 0);
        return seconds > 0 ? Duration.ofSeconds(seconds) : usually;
    }

    /** The moment, of {@link System#nanoTime}, when so much time will have passed. */
    public static long deadline(Duration from) {
        return System.nanoTime() + from.toNanos();
    }

    /** What each of so many threads came to; what one throws is thrown. */
    public static <T> List<T> each(int threads, IntFunction<Callable<T>> work) throws Exception {
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        try {
            CyclicBarrier start = new CyclicBarrier(threads);
            List<Future<T>> futures = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                Callable<T> one = work.apply(i);
                futures.add(executor.submit(() -> {
                    start.await();
                    return one.call();
                }));
            }
            List<T> results = new ArrayList<>();
            for (Future<T> future : futures) {
                results.add(future.get(PATIENCE_SECONDS + stress(Duration.ZERO).toSeconds(), TimeUnit.SECONDS));
            }
            return results;
        } finally {
            executor.shutdownNow();
        }
    }
}
