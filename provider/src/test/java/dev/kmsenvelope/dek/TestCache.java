package dev.kmsenvelope.dek;

import static dev.kmsenvelope.dek.ScriptedSource.CONTEXT;
import static dev.kmsenvelope.dek.ScriptedSource.KEY;
import static dev.kmsenvelope.dek.ScriptedSource.USE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.kms.EncryptedDataKey;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;

/** A cache with a clock that stands still until it is moved, over a source that does as it is told. */
final class TestCache implements AutoCloseable {

    final ScriptedSource origin = new ScriptedSource();
    final AtomicLong clock = new AtomicLong(Long.MAX_VALUE - 1_000_000_000L); // passes its end, as nanoTime may
    final AtomicInteger wiped = new AtomicInteger();
    final DataKeyCache cache;
    final CachingDataKeySource source;
    volatile boolean admits = true;

    /** With settings as name, value, name, value; data keys are renewed at four fifths of their age. */
    TestCache(String... settings) {
        Map<String, String> values = new LinkedHashMap<>();
        for (int i = 0; i < settings.length; i += 2) {
            values.put(settings[i], settings[i + 1]);
        }
        cache = new DataKeyCache(
                CacheSettings.of(Configuration.of(values)), wiped::incrementAndGet, clock::get, () -> 0);
        source = new CachingDataKeySource(cache, origin, "reader", (key, encrypted) -> admits);
    }

    void pass(Duration time) {
        clock.addAndGet(time.toNanos());
    }

    DataKeyLease encrypt() {
        return source.forEncryption(KEY, USE, CONTEXT);
    }

    DataKeyLease decrypt(EncryptedDataKey encrypted) {
        DataKeyLease lease = source.remembered(USE, encrypted, CONTEXT);
        return lease != null ? lease : source.forDecryption(KEY, USE, encrypted, CONTEXT);
    }

    /** Uses a data key for one message, and tells which one it was. */
    int encryptOnce() {
        try (DataKeyLease lease = encrypt()) {
            return ScriptedSource.number(lease);
        }
    }

    int decryptOnce(EncryptedDataKey encrypted) {
        try (DataKeyLease lease = decrypt(encrypted)) {
            return ScriptedSource.number(lease);
        }
    }

    int wipedAfterCleaning() {
        cache.statistics();
        return wiped.get();
    }

    /** Waits for what another thread does. */
    static void eventually(BooleanSupplier condition) {
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!condition.getAsBoolean() && System.nanoTime() < end) {
            Thread.onSpinWait();
        }
        assertThat(condition.getAsBoolean()).isTrue();
    }

    @Override
    public void close() {
        cache.close();
    }
}
