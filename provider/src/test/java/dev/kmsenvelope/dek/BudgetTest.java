package dev.kmsenvelope.dek;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** RULES 10 in spirit: what may be used so often is used exactly so often at most, whoever uses it. */
class BudgetTest {

    private static final int THREADS = 8;

    private static void together(int threads, Runnable work) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        CyclicBarrier start = new CyclicBarrier(threads);
        for (int i = 0; i < threads; i++) {
            pool.execute(() -> {
                try {
                    start.await();
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
                work.run();
            });
        }
        pool.shutdown();
        assertThat(pool.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
    }

    @ParameterizedTest
    @DisplayName("Many threads take exactly the limit, and nothing is left in any block")
    @ValueSource(longs = {1, 2, 63, 64, 1000, 65_537, 400_000})
    void exact(long limit) throws Exception {
        Budget budget = new Budget(limit, 4096);
        AtomicLong taken = new AtomicLong();
        together(THREADS, () -> {
            long mine = 0;
            while (budget.take()) {
                mine++;
            }
            taken.addAndGet(mine);
        });
        assertThat(taken).hasValue(limit);
        assertThat(budget.spent()).isEqualTo(limit);
        assertThat(budget.isLeft()).isFalse();
        assertThat(budget.take()).isFalse();
    }

    @Test
    @DisplayName("One thread takes exactly the limit, and is told when less than a fifth is left")
    void nearEnd() {
        Budget budget = new Budget(100, 4096);
        int untilNear = 0;
        while (!budget.isNearEnd()) {
            assertThat(budget.take()).isTrue();
            untilNear++;
        }
        assertThat(untilNear).isBetween(79, 82);
        for (int i = untilNear; i < 100; i++) {
            assertThat(budget.isLeft()).isTrue();
            assertThat(budget.take()).isTrue();
        }
        assertThat(budget.take()).isFalse();
    }

    @Test
    @DisplayName("What is spent by many threads is counted to the unit, also beyond the limit")
    void spending() throws Exception {
        Budget budget = new Budget(1L << 40, 1 << 26);
        together(THREADS, () -> {
            for (int i = 0; i < 10_000; i++) {
                budget.spend(12_345);
            }
        });
        assertThat(budget.spent()).isEqualTo(THREADS * 10_000L * 12_345L);
        assertThat(budget.isLeft()).isTrue();
        budget.spend(1L << 41);
        assertThat(budget.spent()).isEqualTo(THREADS * 10_000L * 12_345L + (1L << 41));
        assertThat(budget.isLeft()).isFalse();
        assertThat(budget.isNearEnd()).isTrue();
    }

    @Test
    @DisplayName("The last unit counts, wherever it is")
    void lastUnit() {
        Budget budget = new Budget(1000, 1 << 26);
        budget.spend(999);
        assertThat(budget.isLeft()).isTrue();
        budget.spend(0);
        assertThat(budget.isLeft()).isTrue();
        budget.spend(1);
        assertThat(budget.isLeft()).isFalse();
    }

    @Test
    @DisplayName("Limits below five are not near their end before they are there")
    void small() {
        Budget budget = new Budget(4, 4096);
        for (int i = 0; i < 4; i++) {
            assertThat(budget.isNearEnd()).isFalse();
            assertThat(budget.take()).isTrue();
        }
        assertThat(budget.take()).isFalse();
    }
}
