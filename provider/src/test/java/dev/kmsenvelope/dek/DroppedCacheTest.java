package dev.kmsenvelope.dek;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.testing.InMemoryKeyService;
import java.lang.ref.Cleaner;
import java.lang.ref.WeakReference;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Caches that nobody refers to any more, and nobody closed: as when a program loads a KeyStore for each request. */
class DroppedCacheTest {

    private static final KeyId KEY = KeyId.of("k");
    private static final DataKeyUse USE = new DataKeyUse(0x0478, 32, true);
    private static final int TRIES = 600;
    private static final int PAUSE_MILLIS = 50;

    private final InMemoryKeyService service = new InMemoryKeyService().withKey("k");
    private final AtomicInteger wiped = new AtomicInteger();

    /** In a method of its own, so that nothing on the stack keeps the cache. */
    private WeakReference<DataKeyCache> usedAndDropped(String maxAge) {
        AtomicInteger counter = wiped;
        DataKeyCache cache = new DataKeyCache(
                CacheSettings.of(Configuration.of(Map.of("cache.max-age", maxAge))), counter::incrementAndGet);
        CachingDataKeySource.forWriting(cache, new DirectDataKeySource(service))
                .forEncryption(KEY, USE, EncryptionContext.empty())
                .close();
        return new WeakReference<>(cache);
    }

    private static boolean eventually(BooleanSupplier condition) throws InterruptedException {
        for (int i = 0; i < TRIES && !condition.getAsBoolean(); i++) {
            System.gc();
            Thread.sleep(PAUSE_MILLIS);
        }
        return condition.getAsBoolean();
    }

    @Test
    @DisplayName("RULES 16: what is in it is wiped when it is gone, whatever its age may be")
    void wipedWhenGone() throws Exception {
        WeakReference<DataKeyCache> dropped = usedAndDropped("10m");
        assertThat(eventually(() -> dropped.get() == null)).as("gone").isTrue();
        assertThat(eventually(() -> wiped.get() == 1)).as("wiped").isTrue();
    }

    @Test
    @DisplayName("RULES 16: the array itself is overwritten, and one that was wiped before is not kept")
    void overwritten() throws Exception {
        AtomicInteger gone = new AtomicInteger();
        ForgottenKeys keys = new ForgottenKeys(gone::incrementAndGet);
        byte[] kept = {1, 2, 3};
        byte[] removed = {1, 2, 3};
        addAndForget(keys, kept, removed);
        assertThat(eventually(() -> gone.get() == 1)).isTrue();
        assertThat(kept).containsOnly(0);
        assertThat(removed).containsExactly(1, 2, 3);
    }

    @Test
    @DisplayName("Where no thread can be made, data keys are used all the same, and the next one is watched over")
    void noThread() throws Exception {
        AtomicInteger tries = new AtomicInteger();
        AtomicInteger gone = new AtomicInteger();
        ForgottenKeys keys = new ForgottenKeys(gone::incrementAndGet, () -> {
            if (tries.incrementAndGet() == 1) {
                throw new OutOfMemoryError("unable to create native thread");
            }
            return Cleaner.create();
        });
        byte[] first = {1};
        byte[] second = {2};
        addAndForget(keys, first, second);
        assertThat(tries).hasValue(2);
        assertThat(eventually(() -> gone.get() == 1)).isTrue();
        assertThat(first).containsOnly(0);
    }

    private static void addAndForget(ForgottenKeys keys, byte[] kept, byte[] removed) {
        Object cache = new Object();
        keys.add(cache, kept);
        keys.add(cache, removed);
        keys.remove(removed);
    }
}
