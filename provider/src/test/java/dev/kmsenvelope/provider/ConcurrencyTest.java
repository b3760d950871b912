package dev.kmsenvelope.provider;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmsenvelope.kms.KmsThrottledException;
import dev.kmsenvelope.kms.SecretBytes;
import dev.kmsenvelope.testing.Ciphers;
import dev.kmsenvelope.testing.InMemoryKeyService;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Handles, services and the provider are shared between threads; ciphers are not. */
class ConcurrencyTest {

    private static final int THREADS = 12;
    private static final int MESSAGES = 150;

    private final InMemoryKeyService service = new InMemoryKeyService().withKey("master");
    private final KmsSecretKey handle = Ciphers.uncachedHandle(service, "master", "frame-length", "500");

    private static <T> List<T> inThreads(int threads, Callable<T> work) throws Exception {
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        try {
            List<Future<T>> futures = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                futures.add(executor.submit(work));
            }
            List<T> results = new ArrayList<>();
            for (Future<T> future : futures) {
                results.add(future.get());
            }
            return results;
        } finally {
            executor.shutdownNow();
        }
    }

    @Test
    @DisplayName("Many threads under one handle, each with its own ciphers: every message is right, every id its own")
    void oneHandle() throws Exception {
        List<List<String>> ids = inThreads(THREADS, () -> {
            List<String> mine = new ArrayList<>();
            Cipher encrypting = Ciphers.ours(Ciphers.GCM);
            Cipher decrypting = Ciphers.ours(Ciphers.ENVELOPE, Cipher.DECRYPT_MODE, handle);
            for (int i = 0; i < MESSAGES; i++) {
                byte[] plaintext = Ciphers.random(i * 17);
                encrypting.init(Cipher.ENCRYPT_MODE, handle);
                byte[] message = encrypting.doFinal(plaintext);
                assertThat(decrypting.doFinal(message)).isEqualTo(plaintext);
                mine.add(Arrays.toString(Arrays.copyOfRange(message, 3, 35)));
            }
            return mine;
        });
        assertThat(ids.stream().flatMap(List::stream)).doesNotHaveDuplicates().hasSize(THREADS * MESSAGES);
        assertThat(service.handedOut).allMatch(SecretBytes::isDestroyed);
    }

    @Test
    @DisplayName("RULES 19: with a service that fails at random, exceptions keep their types, and ciphers stay usable")
    void failingService() throws Exception {
        byte[] message = Ciphers.encrypt(handle, Ciphers.random(1200));
        AtomicInteger calls = new AtomicInteger();
        service.failWith(() -> calls.incrementAndGet() % 3 == 0 ? new KmsThrottledException("slow down") : null);
        List<int[]> counts = inThreads(THREADS, () -> {
            Random random = new Random();
            Cipher cipher = Ciphers.ours(Ciphers.GCM, Cipher.DECRYPT_MODE, handle);
            int[] seen = new int[3];
            for (int i = 0; i < MESSAGES; i++) {
                boolean bad = random.nextBoolean();
                byte[] in = bad ? Ciphers.flipped(message, message.length - 1 - random.nextInt(1000)) : message;
                try {
                    assertThat(cipher.doFinal(in)).isEqualTo(Ciphers.random(1200));
                    assertThat(bad).isFalse();
                    seen[0]++;
                } catch (KmsThrottledException e) {
                    seen[1]++;
                } catch (AEADBadTagException e) {
                    assertThat(bad).isTrue();
                    seen[2]++;
                }
            }
            return seen;
        });
        for (int kind = 0; kind < 3; kind++) {
            int index = kind;
            assertThat(counts.stream().mapToInt(seen -> seen[index]).sum()).isPositive();
        }
    }
}
