package dev.kmsenvelope.dek;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmsenvelope.testing.Crowd;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is given out of a limit by many threads is exactly the limit, however it is cut into blocks. */
class BudgetRaceTest {

    private static final int THREADS = 16;

    @ParameterizedTest(name = "{0} in blocks of up to {1}")
    @CsvSource({"1, 4096", "2, 4096", "3, 1", "64, 4096", "65, 4096", "1000, 7", "100000, 4096", "1048576, 4096"})
    @DisplayName("All of it is given out, and no more")
    void exact(long limit, long block) throws Exception {
        Budget budget = new Budget(limit, block);
        List<Long> taken = Crowd.each(THREADS, i -> () -> takeAll(budget, limit));
        long rest = takeAll(budget, limit); // what was on its way into a block when others looked
        long sum = taken.stream().mapToLong(Long::longValue).sum();
        assertThat(sum + rest).isEqualTo(limit);
        assertThat(rest).as("what nobody found while all took").isLessThanOrEqualTo(THREADS * block);
        assertThat(budget.take()).isFalse();
        assertThat(budget.isLeft()).isFalse();
        assertThat(budget.spent()).isEqualTo(limit);
    }

    private static long takeAll(Budget budget, long limit) {
        long count = 0;
        while (budget.take()) {
            count++;
            if (count > limit) {
                throw new AssertionError("more than there is");
            }
        }
        return count;
    }

    @ParameterizedTest(name = "{0} in pieces of {1}")
    @CsvSource({"1, 1", "1000, 1", "1000, 999", "1000000, 3", "1000000, 400000", "68719476736, 70000000"})
    @DisplayName("Nothing is left as soon as so much is spent, and something until then")
    void spending(long limit, long piece) throws Exception {
        Budget budget = new Budget(limit, 1 << 26);
        long whole = (limit - 1) / piece; // so often something is left afterwards
        Crowd.each(THREADS, i -> () -> {
            for (long n = i; n < whole; n += THREADS) {
                budget.spend(piece);
            }
            return null;
        });
        assertThat(budget.isLeft()).isTrue();
        assertThat(budget.spent()).isEqualTo(whole * piece);
        budget.spend(piece);
        assertThat(budget.isLeft()).isFalse();
        assertThat(budget.spent()).isEqualTo((whole + 1) * piece);
    }
}
