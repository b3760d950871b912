package dev.kmsenvelope.dek;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** RULES 16, the part about leases: over when it is retired and nobody uses it, once, never earlier. */
class LeaseCounterTest {

    private final AtomicInteger over = new AtomicInteger();
    private final LeaseCounter counter = new LeaseCounter(over::incrementAndGet);

    @Test
    @DisplayName("It is over when it is retired and the last lease is released, in either order, and only once")
    void order() {
        Stripes.Cell first = counter.acquire();
        Stripes.Cell second = counter.acquire();
        counter.release(first);
        assertThat(over).hasValue(0);
        counter.retire();
        assertThat(over).hasValue(0);
        assertThat(counter.acquire()).isNull();
        assertThat(over).hasValue(0);
        counter.share(second);
        counter.release(second);
        assertThat(over).hasValue(0);
        counter.release(second);
        assertThat(over).hasValue(1);
        counter.retire();
        assertThat(counter.acquire()).isNull();
        assertThat(over).hasValue(1);
    }

    @Test
    @DisplayName("Without leases it is over at once")
    void unused() {
        counter.retire();
        assertThat(over).hasValue(1);
    }

    @Test
    @DisplayName(
            "Many threads that acquire, share and release while it is retired never see it over while they hold a lease")
    void races() throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(5);
        try {
            for (int round = 0; round < 1500; round++) {
                AtomicInteger ended = new AtomicInteger();
                LeaseCounter each = new LeaseCounter(ended::incrementAndGet);
                CyclicBarrier start = new CyclicBarrier(5);
                List<Callable<Boolean>> tasks = new ArrayList<>();
                for (int i = 0; i < 4; i++) {
                    tasks.add(() -> {
                        start.await();
                        boolean early = false;
                        for (Stripes.Cell lease = each.acquire(); lease != null; lease = each.acquire()) {
                            early |= ended.get() != 0;
                            each.share(lease);
                            each.release(lease);
                            early |= ended.get() != 0;
                            each.release(lease);
                        }
                        return early;
                    });
                }
                tasks.add(() -> {
                    start.await();
                    each.retire();
                    return false;
                });
                for (Future<Boolean> early : pool.invokeAll(tasks)) {
                    assertThat(early.get(20, TimeUnit.SECONDS)).isFalse();
                }
                assertThat(ended).hasValue(1);
            }
        } finally {
            pool.shutdownNow();
        }
    }
}
