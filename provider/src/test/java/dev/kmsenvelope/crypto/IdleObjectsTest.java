package dev.kmsenvelope.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmsenvelope.crypto.IdleObjects.Loan;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class IdleObjectsTest {

    private final IdleObjects<Object> idle = new IdleObjects<>();

    @Test
    void whatIsGivenBackIsTakenOnce() {
        assertThat(idle.take()).isNull();
        Loan<Object> loan = idle.lend("one");
        idle.giveBack(loan);

        assertThat(idle.take()).isSameAs(loan);
        assertThat(idle.take()).as("it has a user").isNull();
    }

    @Test
    void aThreadCanHaveSeveralAndTheNumberIsBounded() {
        List<Loan<Object>> loans = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            loans.add(idle.lend(i));
        }
        loans.forEach(idle::giveBack);

        List<Loan<Object>> taken = new ArrayList<>();
        for (Loan<Object> loan = idle.take(); loan != null; loan = idle.take()) {
            taken.add(loan);
        }
        assertThat(taken).hasSize(4).doesNotHaveDuplicates();
        assertThat(loans).containsAll(taken);
    }

    @Test
    @DisplayName("RULES 16: dropped on eviction, what is idle at once and what is in use when it is given back")
    void dropped() {
        Loan<Object> unused = idle.lend("idle");
        Loan<Object> used = idle.lend("in use");
        idle.giveBack(unused);
        idle.drop();
        assertThat(idle.take()).isNull();

        idle.giveBack(used);
        assertThat(idle.take()).isNull();

        Loan<Object> later = idle.lend("later");
        idle.giveBack(later);
        assertThat(idle.take()).isSameAs(later);
        idle.giveBack(later);
        assertThat(idle.take()).as("a drop counts once").isSameAs(later);
    }

    @Test
    @DisplayName("RULES 16: what is idle is reachable for the garbage collector's next run at most")
    @Timeout(30)
    void idleObjectsAreNotHeld() throws InterruptedException {
        WeakReference<Object> idleObject = giveBackANewOne();
        while (idleObject.get() != null) {
            System.gc();
            Thread.sleep(1);
        }
        assertThat(idle.take()).isNull();
    }

    private WeakReference<Object> giveBackANewOne() {
        Object object = new Object();
        idle.giveBack(idle.lend(object));
        return new WeakReference<>(object);
    }

    @Test
    @DisplayName("no object has two users at once, while objects are dropped all the time")
    @Timeout(60)
    void concurrentUse() throws Exception {
        int threads = 8;
        AtomicInteger made = new AtomicInteger();
        AtomicInteger reused = new AtomicInteger();
        AtomicBoolean shared = new AtomicBoolean();
        ExecutorService executor = Executors.newFixedThreadPool(threads + 1);
        try {
            List<Future<?>> users = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                users.add(executor.submit(() -> {
                    for (int round = 0; round < 20_000; round++) {
                        Loan<Object> loan = idle.take();
                        if (loan == null) {
                            made.incrementAndGet();
                            loan = idle.lend(new AtomicInteger());
                        } else {
                            reused.incrementAndGet();
                        }
                        AtomicInteger users1 = (AtomicInteger) loan.object();
                        if (users1.incrementAndGet() != 1) {
                            shared.set(true);
                        }
                        if (round % 7 == 0) {
                            Thread.onSpinWait();
                        }
                        users1.decrementAndGet();
                        idle.giveBack(loan);
                    }
                }));
            }
            Future<?> dropping = executor.submit(() -> {
                while (!Thread.currentThread().isInterrupted()) {
                    idle.drop();
                    Thread.onSpinWait();
                }
            });
            for (Future<?> user : users) {
                user.get(60, TimeUnit.SECONDS);
            }
            dropping.cancel(true);
        } finally {
            executor.shutdownNow();
        }
        assertThat(shared).isFalse();
        assertThat(made.get() + reused.get()).isEqualTo(threads * 20_000);
        assertThat(reused).hasPositiveValue();
    }
}
