package dev.kmsenvelope.provider;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.spi.KeyReference;
import dev.kmsenvelope.spi.KeyServices;
import dev.kmsenvelope.testing.Ciphers;
import dev.kmsenvelope.testing.StormyKeyService;
import dev.kmsenvelope.testing.UnloadableLibrary;
import dev.kmsenvelope.testing.UnloadableLibrary.Remains;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** In a container, the library goes with the application that brought it. */
class CacheUnloadingTest {

    /** Writes and reads messages with cached data keys that are renewed and become too old, and closes the services. */
    public static final class CachedMessages implements Callable<Integer> {

        @Override
        public Integer call() throws Exception {
            int count = 0;
            try (KeyServices services = KeyServices.of(new StormyKeyService().withKey("master"), Map.of())) {
                KeyId id = KeyId.of("master");
                for (String age : new String[] {"30ms", "1h"}) {
                    Configuration settings = Configuration.of(Map.of("cache.max-age", age));
                    KmsSecretKey key = KmsSecretKey.of(services, KeyReference.ofMain(id), KeyPolicy.of(settings, id));
                    for (int i = 0; i < 20; i++) {
                        byte[] message = Ciphers.encrypt(key, Ciphers.random(100));
                        if (!Arrays.equals(Ciphers.decrypt(key, message), Ciphers.random(100))) {
                            throw new IllegalStateException("not the plaintext");
                        }
                        Thread.sleep(3);
                        count++;
                    }
                }
            }
            return count;
        }
    }

    /** Leaves a thread, which does not end. */
    public static final class Leak implements Callable<Integer> {

        @Override
        public Integer call() {
            Thread thread = new Thread(this::waitForEver, "a leak");
            thread.setDaemon(true);
            thread.start();
            return 1;
        }

        private void waitForEver() {
            try {
                Thread.currentThread().join();
            } catch (InterruptedException e) {
                // the test is over
            }
        }
    }

    @Test
    @DisplayName("After the services were closed, its classes are unloaded and its threads end")
    void unloading() throws Exception {
        Remains remains = UnloadableLibrary.run(CachedMessages.class);
        assertThat(remains.threads()).isEmpty();
        assertThat(remains.isUnloaded()).isTrue();
    }

    @Test
    @DisplayName("A thread that does not end is noticed, and keeps the classes")
    void leak() throws Exception {
        Remains remains = UnloadableLibrary.runInVain(Leak.class);
        try {
            assertThat(remains.threads()).containsExactly("a leak");
            assertThat(remains.isUnloaded()).isFalse();
        } finally {
            Thread.getAllStackTraces().keySet().stream()
                    .filter(thread -> thread.getName().equals("a leak"))
                    .forEach(Thread::interrupt);
        }
    }
}
