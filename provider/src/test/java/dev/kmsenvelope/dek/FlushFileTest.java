package dev.kmsenvelope.dek;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KmsConfigurationException;
import dev.kmsenvelope.testing.InMemoryKeyService;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Filter;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file by which other processes have cached data keys dropped. */
class FlushFileTest {

    private static final KeyId KEY = KeyId.of("k");
    private static final DataKeyUse USE = new DataKeyUse(0x0478, 32, true);
    private static final int TRIES = 600;
    private static final int PAUSE_MILLIS = 50;

    @TempDir
    private Path directory;

    private final InMemoryKeyService service = new InMemoryKeyService().withKey("k");

    private Path file() {
        return directory.resolve("flush");
    }

    private void touch(long millis) throws Exception {
        if (!Files.exists(file())) {
            Files.createFile(file());
        }
        Files.setLastModifiedTime(file(), FileTime.fromMillis(millis));
    }

    @Test
    void everyChangeIsSeenOnce() throws Exception {
        FlushFile file = new FlushFile(file());
        assertThat(file.hasChanged()).as("still missing").isFalse();
        touch(1_000_000);
        assertThat(file.hasChanged()).as("made").isTrue();
        assertThat(file.hasChanged()).isFalse();
        touch(2_000_000);
        assertThat(file.hasChanged()).as("later").isTrue();
        touch(1_000_000);
        assertThat(file.hasChanged()).as("a clock that was set back").isTrue();
        Path other = Files.createFile(directory.resolve("other"));
        Files.setLastModifiedTime(other, FileTime.fromMillis(1_000_000));
        Files.move(other, file(), StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        assertThat(file.hasChanged()).as("another file with the same time").isTrue();
        Files.delete(file());
        assertThat(file.hasChanged()).as("deleted").isTrue();
        assertThat(file.hasChanged()).isFalse();
    }

    @Test
    void whatWasThereBeforeIsNoChange() throws Exception {
        touch(1_000_000);
        assertThat(new FlushFile(file()).hasChanged()).isFalse();
    }

    @Test
    void aFileThatCannotBeLookedAtFlushesOnce() throws Exception {
        Path parent = Files.createDirectory(directory.resolve("parent"));
        FlushFile file = new FlushFile(parent.resolve("flush"));
        Files.delete(parent);
        Files.createSymbolicLink(parent, parent); // what is below that is neither there nor missing
        assertThat(file.hasChanged()).isTrue();
        assertThat(file.hasChanged()).isFalse();
    }

    @Test
    void theSettingNamesAPath() {
        assertThat(CacheSettings.DEFAULT.flushFile()).isEmpty();
        assertThat(CacheSettings.of(Configuration.of(Map.of("cache.flush-file", "relative")))
                        .flushFile())
                .contains(Path.of("relative").toAbsolutePath());
        Configuration wrong = Configuration.of(Map.of("cache.flush-file", "a\0b"));
        assertThatThrownBy(() -> CacheSettings.of(wrong)).isInstanceOf(KmsConfigurationException.class);
    }

    private DataKeyCache cache(Map<String, String> settings, Runnable afterWiping) {
        return new DataKeyCache(CacheSettings.of(Configuration.of(settings)), afterWiping);
    }

    private void use(DataKeyCache cache) {
        CachingDataKeySource.forWriting(cache, new DirectDataKeySource(service))
                .forEncryption(KEY, USE, EncryptionContext.empty())
                .close();
    }

    private static void await(String what, java.util.function.BooleanSupplier condition) throws InterruptedException {
        for (int i = 0; i < TRIES && !condition.getAsBoolean(); i++) {
            Thread.sleep(PAUSE_MILLIS);
        }
        assertThat(condition.getAsBoolean()).as(what).isTrue();
    }

    /** Also of a program that does nothing just now. */
    @Test
    void aChangeDropsWhatIsCachedWithoutAnyUse() throws Exception {
        AtomicInteger wiped = new AtomicInteger();
        try (DataKeyCache cache = cache(Map.of("cache.flush-file", file().toString()), wiped::incrementAndGet)) {
            for (int round = 1; round <= 2; round++) {
                use(cache);
                use(cache);
                assertThat(service.generated).hasValue(round);
                touch(round * 1_000_000L);
                int expected = round;
                await("wiped", () -> wiped.get() == expected);
                assertThat(cache.statistics().evictions()).containsEntry(EvictionCause.FLUSHED, (long) round);
            }
        }
    }

    /** A file system may keep who looks waiting, and the timer serves all caches. */
    @Test
    void theTimerDoesNotLookItself() throws Exception {
        Path parent = Files.createDirectory(directory.resolve("parent"));
        Logger logger = Logger.getLogger(FlushFile.class.getName());
        List<String> lookers = Collections.synchronizedList(new ArrayList<>());
        Filter before = logger.getFilter();
        logger.setFilter(entry -> {
            lookers.add(Thread.currentThread().getName());
            return false;
        });
        try (DataKeyCache cache =
                cache(Map.of("cache.flush-file", parent.resolve("flush").toString()), () -> {})) {
            use(cache);
            Files.delete(parent);
            Files.createSymbolicLink(parent, parent); // says so in the log who looks
            await("looked at", () -> !lookers.isEmpty());
        } finally {
            logger.setFilter(before);
        }
        assertThat(lookers).allMatch(name -> name.startsWith("kms-envelope-cache-loader-"));
    }

    @Test
    void withoutTheSettingNothingIsLookedAt() throws Exception {
        try (DataKeyCache cache = cache(Map.of(), () -> {})) {
            use(cache);
            touch(1_000_000);
            Thread.sleep(FlushWatch.INTERVAL_MILLIS + 200);
            assertThat(cache.statistics().entries()).isEqualTo(1);
        }
    }

    @Test
    void aClosedCacheIsNotWatched() throws Exception {
        Set<Thread> before = Thread.getAllStackTraces().keySet();
        DataKeyCache cache = cache(Map.of("cache.flush-file", file().toString()), () -> {});
        use(cache);
        cache.close();
        await(
                "no timer",
                () -> Thread.getAllStackTraces().keySet().stream()
                        .filter(thread -> !before.contains(thread))
                        .noneMatch(thread -> thread.getName().startsWith("kms-envelope-cache-timer")));
    }
}
