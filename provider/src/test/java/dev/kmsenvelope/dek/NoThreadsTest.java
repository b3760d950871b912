package dev.kmsenvelope.dek;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Field;
import java.time.Duration;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Where the operating system gives no more threads, callers ask for themselves, and nobody waits for what never comes. */
class NoThreadsTest {

    private static ThreadPoolExecutor loaders() throws ReflectiveOperationException {
        Field field = CacheThreads.class.getDeclaredField("loaders");
        field.setAccessible(true);
        return (ThreadPoolExecutor) field.get(CacheThreads.SHARED);
    }

    @Test
    @Timeout(60)
    @DisplayName("A miss and a renewal work without a thread, and the threads of later are used")
    void withoutThreads() throws Exception {
        ThreadPoolExecutor loaders = loaders();
        ThreadFactory usual = loaders.getThreadFactory();
        TestCache.eventually(() -> loaders.getPoolSize() == 0);
        loaders.setThreadFactory(work -> {
            throw new OutOfMemoryError("unable to create native thread");
        });
        try (TestCache test = new TestCache("cache.max-age", "5m")) {
            assertThat(test.encryptOnce()).isEqualTo(1);
            test.pass(Duration.ofMinutes(5).minusSeconds(1));
            assertThat(test.encryptOnce()).as("not renewed").isEqualTo(1);
            assertThat(test.origin.calls.get()).isEqualTo(1);
            loaders.setThreadFactory(usual);
            test.pass(Duration.ofMillis(500));
            assertThat(test.encryptOnce()).isEqualTo(1);
            TestCache.eventually(() -> test.origin.calls.get() == 2);
            TestCache.eventually(() -> test.encryptOnce() == 2);
        } finally {
            loaders.setThreadFactory(usual);
        }
    }
}
