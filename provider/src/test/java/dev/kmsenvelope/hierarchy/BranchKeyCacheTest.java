package dev.kmsenvelope.hierarchy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmsenvelope.kms.KeyAccessDeniedException;
import dev.kmsenvelope.kms.KeyDisabledException;
import dev.kmsenvelope.kms.KeyNotFoundException;
import dev.kmsenvelope.kms.KeyServiceClosedException;
import dev.kmsenvelope.kms.KmsException;
import dev.kmsenvelope.kms.KmsUnavailableException;
import dev.kmsenvelope.testing.Crowd;
import dev.kmsenvelope.testing.MemoryBranchKeys;
import dev.kmsenvelope.testing.SteppingTicker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class BranchKeyCacheTest {

    private static final Duration TTL = Duration.ofMinutes(10);

    private final MemoryBranchKeys store = new MemoryBranchKeys().withKey("a").withKey("b");
    private final SteppingTicker ticker = new SteppingTicker();
    private final BranchKeyCache cache = cache(1000);

    private BranchKeyCache cache(int maxEntries) {
        return new BranchKeyCache(store, new BranchKeyCacheSettings(TTL, maxEntries), Optional.empty(), ticker);
    }

    private UUID use(String id) {
        return cache.withActive(id, key -> {
            assertThat(key.key().isDestroyed()).isFalse();
            return key.version();
        });
    }

    @Test
    void aKeyIsReadOnceAndAgainWhenItsTimeIsOver() {
        UUID first = use("a");
        UUID second = store.rotate("a");
        ticker.pass(TTL.multipliedBy(3).dividedBy(4));
        assertThat(use("a")).isEqualTo(first);
        assertThat(store.calls).hasValue(1);

        ticker.pass(TTL);
        assertThat(use("a")).isEqualTo(second);
        assertThat(store.calls).hasValue(2);
        assertThat(store.handedOut.peek().key().isDestroyed()).as("wiped").isTrue();
    }

    @Test
    void nothingIsKeptBeyondItsTimeDuringAnOutage() {
        use("a");
        store.failWith(() -> new KmsUnavailableException("down", null));
        ticker.pass(TTL.minusSeconds(1));
        use("a");
        ticker.pass(Duration.ofSeconds(2));
        assertThatThrownBy(() -> use("a")).isInstanceOf(KmsUnavailableException.class);
    }

    @Test
    void theTimeCountsFromWhenTheStoreWasAsked() {
        store.before = () -> ticker.pass(TTL.dividedBy(2));
        use("a");
        store.before = () -> {};
        store.failWith(() -> new KmsUnavailableException("down", null));
        ticker.pass(TTL.dividedBy(2));
        assertThatThrownBy(() -> use("a")).isInstanceOf(KmsUnavailableException.class);
        assertThat(cache.size()).isZero();
        assertThat(store.handedOut).hasSize(1).allMatch(key -> key.key().isDestroyed());
    }

    @Test
    void shortlyBeforeItsTimeIsOverAKeyIsReadAnew() {
        use("a");
        UUID second = store.rotate("a");
        ticker.pass(TTL.multipliedBy(4).dividedBy(5));
        assertThat(use("a")).isEqualTo(second);
        assertThat(store.handedOut.peek().key().isDestroyed()).isTrue();
        ticker.pass(TTL.multipliedBy(3).dividedBy(4));
        use("a");
        assertThat(store.calls).as("its time began anew").hasValue(2);
    }

    @Test
    void duringAnOutageReadingAnewIsTriedNowAndThen() {
        use("a");
        store.failWith(() -> new KmsUnavailableException("down", null));
        ticker.pass(TTL.multipliedBy(4).dividedBy(5));
        for (int i = 0; i < 100; i++) {
            use("a");
        }
        assertThat(store.calls).hasValue(2);
        ticker.pass(TTL.dividedBy(20));
        use("a");
        assertThat(store.calls).hasValue(3);
    }

    /** The store answers late that it cannot be asked, also when it was said before that it should be asked later. */
    @Test
    void anOutageThatEndsAfterTheTimeOfTheKeyGivesNoKey() {
        for (int putOff = 0; putOff <= 2; putOff++) {
            store.failWith(() -> null);
            use("a");
            store.failWith(() -> new KmsUnavailableException("down", null));
            ticker.pass(TTL.multipliedBy(80).dividedBy(100));
            for (int i = 0; i < putOff; i++) {
                use("a");
                ticker.pass(TTL.multipliedBy(5).dividedBy(100));
            }
            Duration rest = TTL.multipliedBy(20 - 5L * putOff).dividedBy(100);
            store.before = () -> ticker.pass(rest);

            assertThatThrownBy(() -> use("a")).isInstanceOf(KmsUnavailableException.class);

            store.before = () -> {};
            assertThat(cache.size()).isZero();
            assertThat(store.handedOut)
                    .hasSize(putOff + 1)
                    .allMatch(key -> key.key().isDestroyed());
        }
    }

    @Test
    void anOutageThatEndsJustBeforeTheTimeOfTheKeyGivesIt() {
        use("a");
        store.failWith(() -> new KmsUnavailableException("down", null));
        ticker.pass(TTL.multipliedBy(4).dividedBy(5));
        store.before = () -> ticker.pass(TTL.dividedBy(5).minusNanos(1));
        assertThat(use("a")).isEqualTo(store.activeVersion("a"));
        assertThat(store.calls).hasValue(2);
    }

    @Test
    void anOutageDuringWhichTheCacheIsFlushedGivesNoKey() {
        use("a");
        store.failWith(() -> new KmsUnavailableException("down", null));
        ticker.pass(TTL.multipliedBy(4).dividedBy(5));
        store.before = cache::flush;
        assertThatThrownBy(() -> use("a")).isInstanceOf(KmsUnavailableException.class);
        assertThat(store.handedOut).hasSize(1).allMatch(key -> key.key().isDestroyed());
    }

    /** RULES 13: also of what is read from elsewhere at that time. */
    @Test
    void anOutageDuringWhichTheKeyIsRefusedGivesNoKey() {
        UUID version = use("a");
        ticker.pass(TTL.multipliedBy(4).dividedBy(5));
        onceWhileTheStoreIsAsked(() -> {
            refuse("a", version, new KeyAccessDeniedException("denied", null));
            store.failWith(() -> new KmsUnavailableException("down", null));
        });
        assertThatThrownBy(() -> use("a")).isInstanceOf(KmsUnavailableException.class);
        assertThat(store.handedOut).hasSize(1).allMatch(key -> key.key().isDestroyed());
    }

    /** As another thread does while the store keeps this one waiting. */
    private void onceWhileTheStoreIsAsked(Runnable action) {
        store.before = () -> {
            store.before = () -> {};
            action.run();
        };
    }

    private void refuse(String id, UUID version, KmsException refusal) {
        store.failWith(() -> refusal);
        assertThatThrownBy(() -> cache.withVersion(id, version, BranchKey::id)).isSameAs(refusal);
        store.failWith(() -> null);
    }

    /** RULES 13: what the store was asked for before a refusal is not kept after it. */
    @Test
    void aKeyThatIsReadWhileAnotherVersionIsRefusedIsUsedOnceAndWiped() {
        UUID old = store.activeVersion("a");
        store.rotate("a");
        for (KmsException refusal :
                List.of(new KeyAccessDeniedException("denied", null), new KeyDisabledException("disabled", null))) {
            onceWhileTheStoreIsAsked(() -> refuse("a", old, refusal));
            assertThat(use("a")).isEqualTo(store.activeVersion("a"));
            assertThat(cache.size()).isZero();
            assertThat(store.handedOut).isNotEmpty().allMatch(key -> key.key().isDestroyed());
        }
        assertThat(store.handedOut).hasSize(2);
    }

    @Test
    void aKeyThatIsReadAnewWhileAnotherVersionIsRefusedIsUsedOnceAndWiped() {
        UUID old = use("a");
        UUID second = store.rotate("a");
        ticker.pass(TTL.multipliedBy(4).dividedBy(5));
        onceWhileTheStoreIsAsked(() -> refuse("a", old, new KeyDisabledException("disabled", null)));
        assertThat(use("a")).isEqualTo(second);
        assertThat(cache.size()).isZero();
        assertThat(store.handedOut).hasSize(2).allMatch(key -> key.key().isDestroyed());
    }

    /** Who comes after a refusal waits for nothing older, and what he reads stays. */
    @Test
    void afterARefusalTheKeyIsReadAnew() {
        UUID first = store.activeVersion("a");
        onceWhileTheStoreIsAsked(() -> {
            refuse("a", UUID.randomUUID(), new KeyAccessDeniedException("denied", null));
            UUID second = store.rotate("a");
            assertThat(use("a")).isEqualTo(second);
        });
        assertThat(use("a")).isEqualTo(first);
        assertThat(use("a")).isEqualTo(store.activeVersion("a")).isNotEqualTo(first);
        assertThat(store.calls).hasValue(3);
        assertThat(store.handedOut).hasSize(2);
        assertThat(store.handedOut.stream().filter(key -> key.version().equals(first)))
                .allMatch(key -> key.key().isDestroyed());
    }

    @Test
    void aRefusalDropsNoOtherBranchKeyThatIsBeingRead() {
        onceWhileTheStoreIsAsked(() -> refuse("a", UUID.randomUUID(), new KeyAccessDeniedException("denied", null)));
        use("b");
        use("b");
        assertThat(store.calls).hasValue(2);
        assertThat(cache.size()).isEqualTo(1);
    }

    /** A key that a flush file would not drop is not kept, and no failure leaves one that is never wiped. */
    @Test
    void withoutAWatchOverTheFlushFileNothingIsKept() {
        for (Throwable failure : List.of(new InternalError("no thread"), new IllegalStateException("no thread"))) {
            AtomicReference<Throwable> broken = new AtomicReference<>(failure);
            BranchKeyCache watched = new BranchKeyCache(
                    store, BranchKeyCacheSettings.defaults(), ticker, made -> () -> throwIfAny(broken));
            assertThatThrownBy(() -> watched.withActive("a", BranchKey::id)).isSameAs(failure);
            assertThat(watched.size()).as("read first").isZero();
            broken.set(null);
            watched.withActive("a", BranchKey::id);
            assertThat(watched.size()).isEqualTo(1);
            ticker.pass(BranchKeyCacheSettings.defaults().ttl().multipliedBy(4).dividedBy(5));
            broken.set(failure);
            assertThatThrownBy(() -> watched.withActive("a", BranchKey::id)).isSameAs(failure);
            assertThat(watched.size()).as("read anew").isZero();
            assertThat(store.handedOut).isNotEmpty().allMatch(key -> key.key().isDestroyed());
            watched.close();
        }
        assertThat(store.handedOut).hasSize(6);
    }

    private static void throwIfAny(AtomicReference<Throwable> failure) {
        if (failure.get() instanceof Error error) {
            throw error;
        }
        if (failure.get() instanceof RuntimeException exception) {
            throw exception;
        }
    }

    @Test
    void aKeyThatMayNotBeUsedAnyMoreIsDroppedWithAllItsVersions() {
        for (KmsException refusal :
                List.of(new KeyAccessDeniedException("denied", null), new KeyDisabledException("disabled", null))) {
            store.failWith(() -> null);
            UUID version = use("a");
            cache.withVersion("a", version, BranchKey::id);
            use("b");
            assertThat(cache.size()).isEqualTo(3);
            store.failWith(() -> refusal);
            ticker.pass(TTL.multipliedBy(4).dividedBy(5));

            assertThatThrownBy(() -> use("a")).isSameAs(refusal);

            assertThat(cache.size()).isEqualTo(1);
            assertThat(store.handedOut.stream().filter(key -> key.id().equals("a")))
                    .allMatch(key -> key.key().isDestroyed());
            assertThatThrownBy(() -> cache.withVersion("a", version, BranchKey::id))
                    .isSameAs(refusal);
            ticker.pass(TTL);
        }
    }

    @Test
    void aMissingVersionDropsNothing() {
        use("a");
        assertThatThrownBy(() -> cache.withVersion("a", UUID.randomUUID(), BranchKey::id))
                .isInstanceOf(KeyNotFoundException.class);
        use("a");
        assertThat(store.calls).hasValue(2);
        assertThat(cache.size()).isEqualTo(1);
    }

    /** Whoever can send messages can name any number of versions that there are not, as often as he likes. */
    @Test
    void unknownVersionsPushNoGoodKeyOut() {
        int room = 64;
        BranchKeyCache small = cache(room);
        for (int i = 0; i < room; i++) {
            store.rotate("tenant-" + i);
            small.withActive("tenant-" + i, BranchKey::version);
        }
        List<UUID> unknown = Stream.generate(UUID::randomUUID).limit(2L * room).toList();
        for (int round = 0; round < 20; round++) {
            for (UUID version : unknown) {
                assertThatThrownBy(() -> small.withVersion("tenant-0", version, BranchKey::id))
                        .isInstanceOf(KeyNotFoundException.class);
            }
            ticker.pass(MissingVersions.MAX_AGE); // so that each round asks the store again
        }
        assertThat(store.calls).hasValue(room + 20 * unknown.size());
        assertThat(small.size()).isEqualTo(room);
        assertThat(store.handedOut).hasSize(room).noneMatch(key -> key.key().isDestroyed());
        small.close();
    }

    @Test
    void keysThatAreBeingReadTakeNoPlaceOfThoseThatAreThere() throws Exception {
        BranchKeyCache small = cache(2);
        small.withActive("a", BranchKey::version);
        small.withActive("b", BranchKey::version);
        CountDownLatch reading = new CountDownLatch(8);
        CountDownLatch mayRead = new CountDownLatch(1);
        store.before = () -> {
            reading.countDown();
            await(mayRead);
        };
        ExecutorService executor = Executors.newFixedThreadPool(8);
        try {
            List<Future<String>> unknown = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                unknown.add(executor.submit(() -> small.withVersion("a", UUID.randomUUID(), BranchKey::id)));
            }
            await(reading);
            assertThat(small.size()).isEqualTo(2);
            assertThat(store.handedOut).hasSize(2).noneMatch(key -> key.key().isDestroyed());
            mayRead.countDown();
            for (Future<String> each : unknown) {
                assertThatThrownBy(() -> each.get(60, TimeUnit.SECONDS)).hasCauseInstanceOf(KeyNotFoundException.class);
            }
        } finally {
            mayRead.countDown();
            executor.shutdownNow();
            small.close();
        }
    }

    @Test
    void aMissingVersionIsRememberedForAMoment() {
        UUID missing = UUID.randomUUID();
        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(() -> cache.withVersion("a", missing, BranchKey::id))
                    .isInstanceOf(KeyNotFoundException.class)
                    .hasMessageContaining(missing.toString());
        }
        assertThat(store.calls).hasValue(1);
        assertThatThrownBy(() -> cache.withVersion("b", missing, BranchKey::id))
                .as("of another branch key")
                .isInstanceOf(KeyNotFoundException.class);
        assertThat(store.calls).hasValue(2);
        ticker.pass(MissingVersions.MAX_AGE);
        assertThatThrownBy(() -> cache.withVersion("a", missing, BranchKey::id))
                .isInstanceOf(KeyNotFoundException.class);
        assertThat(store.calls).hasValue(3);
    }

    /** As a program does that looks for a branch key and makes it if there is none. */
    @Test
    void aMissingBranchKeyIsNotRemembered() {
        assertThatThrownBy(() -> use("new")).isInstanceOf(KeyNotFoundException.class);
        UUID version = store.rotate("new");
        assertThat(use("new")).isEqualTo(version);
    }

    @Test
    void noMoreMissingVersionsAreRememberedThanThereIsRoomFor() {
        MissingVersions missing = new MissingVersions(ticker);
        for (int i = 0; i < 3 * MissingVersions.MAX_ENTRIES; i++) {
            missing.remember(new BranchKeyCache.Name("a", UUID.randomUUID()), new KeyNotFoundException("missing"));
        }
        assertThat(missing.size()).isLessThanOrEqualTo(MissingVersions.MAX_ENTRIES);
    }

    @Test
    void aFailureIsNotRemembered() {
        store.failWith(() -> new KmsUnavailableException("down", null));
        assertThatThrownBy(() -> use("a")).isInstanceOf(KmsUnavailableException.class);
        store.failWith(() -> null);
        assertThat(use("a")).isEqualTo(store.activeVersion("a"));
    }

    /** All who come while the key is being read get it by the same call. */
    @Test
    void manyThreadsReadAKeyOnce() throws Exception {
        CountDownLatch mayRead = new CountDownLatch(1);
        store.before = () -> await(mayRead);
        List<UUID> versions = Crowd.each(16, number -> () -> {
            if (number == 0) {
                mayRead.countDown();
            }
            return use("a");
        });
        assertThat(versions).hasSize(16).containsOnly(store.activeVersion("a"));
        assertThat(store.calls).hasValue(1);
    }

    private static void await(CountDownLatch latch) {
        try {
            if (!latch.await(60, TimeUnit.SECONDS)) {
                throw new AssertionError("nobody came");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new KmsUnavailableException("interrupted", e);
        }
    }

    /** One key's slow store does not keep others waiting. */
    @Test
    void anotherKeyIsUsedMeanwhile() throws Exception {
        CountDownLatch mayRead = new CountDownLatch(1);
        CountDownLatch reading = new CountDownLatch(1);
        use("b");
        store.before = () -> {
            reading.countDown();
            await(mayRead);
        };
        ExecutorService executor = Executors.newSingleThreadExecutor();
        try {
            Future<UUID> slow = executor.submit(() -> use("a"));
            await(reading);
            assertThat(use("b")).isEqualTo(store.activeVersion("b"));
            mayRead.countDown();
            assertThat(slow.get(60, TimeUnit.SECONDS)).isEqualTo(store.activeVersion("a"));
        } finally {
            mayRead.countDown();
            executor.shutdownNow();
        }
    }

    /** What an interrupted thread failed with is only his. */
    @Test
    void whoWaitsForAnInterruptedReaderReadsHimself() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        CountDownLatch reading = new CountDownLatch(1);
        store.before = () -> {
            reading.countDown();
            await(never);
        };
        ExecutorService executor = Executors.newFixedThreadPool(2);
        try {
            AtomicReference<Thread> reader = new AtomicReference<>();
            Future<UUID> interrupted = executor.submit(() -> {
                reader.set(Thread.currentThread());
                return use("a");
            });
            await(reading);
            store.before = () -> {};
            Future<UUID> waiting = executor.submit(() -> use("a"));
            reader.get().interrupt();
            assertThatThrownBy(() -> interrupted.get(60, TimeUnit.SECONDS))
                    .hasCauseInstanceOf(KmsUnavailableException.class);
            assertThat(waiting.get(60, TimeUnit.SECONDS)).isEqualTo(store.activeVersion("a"));
        } finally {
            executor.shutdownNow();
        }
    }

    @Test
    void aKeyInUseIsWipedOnlyAfterwards() {
        cache.withActive("a", key -> {
            cache.close();
            assertThat(key.key().isDestroyed()).as("in use").isFalse();
            return key;
        });
        assertThat(store.handedOut).hasSize(1).allMatch(key -> key.key().isDestroyed());
        assertThatThrownBy(() -> use("a")).isInstanceOf(KeyServiceClosedException.class);
    }

    @Test
    void aFlushDropsAllAndWhoUsesAKeyGoesOn() {
        use("b");
        cache.withActive("a", key -> {
            cache.flush();
            assertThat(key.key().isDestroyed()).as("in use").isFalse();
            return key;
        });
        assertThat(cache.size()).isZero();
        assertThat(store.handedOut).hasSize(2).allMatch(key -> key.key().isDestroyed());
        store.failWith(() -> new KeyAccessDeniedException("denied", null));
        assertThatThrownBy(() -> use("a")).isInstanceOf(KeyAccessDeniedException.class);
    }

    @Test
    void aKeyThatIsReadWhileTheCacheIsFlushedIsUsedOnceAndWiped() {
        store.before = cache::flush;
        use("a");
        assertThat(cache.size()).isZero();
        assertThat(store.handedOut).hasSize(1).allMatch(key -> key.key().isDestroyed());
    }

    @Test
    void aKeyThatIsReadAnewWhileTheCacheIsFlushedIsUsedOnceAndWiped() {
        use("a");
        UUID second = store.rotate("a");
        ticker.pass(TTL.multipliedBy(4).dividedBy(5));
        store.before = cache::flush;
        assertThat(use("a")).isEqualTo(second);
        assertThat(cache.size()).isZero();
        assertThat(store.handedOut).hasSize(2).allMatch(key -> key.key().isDestroyed());
    }

    @Test
    void aFlushForgetsMissingVersionsAndSoDoesOneThatComesWhileTheStoreIsAsked() {
        UUID missing = UUID.randomUUID();
        for (int calls = 1; calls <= 3; calls++) {
            assertThatThrownBy(() -> cache.withVersion("a", missing, BranchKey::id))
                    .isInstanceOf(KeyNotFoundException.class);
            assertThat(store.calls).hasValue(calls);
            cache.flush();
            store.before = cache::flush;
        }
    }

    /** Those who came before the flush get what they wait for; who comes after it waits for nothing older. */
    @Test
    void whatIsBeingReadAtAFlushIsGivenToThoseWhoWaitAndNotKept() throws Exception {
        UUID first = store.activeVersion("a");
        CountDownLatch reading = new CountDownLatch(1);
        CountDownLatch mayEnd = new CountDownLatch(1);
        store.before = () -> {
            reading.countDown();
            await(mayEnd);
        };
        ExecutorService executor = Executors.newFixedThreadPool(2);
        try {
            Future<UUID> reader = executor.submit(() -> use("a"));
            await(reading);
            AtomicReference<Thread> second = new AtomicReference<>();
            Future<UUID> waiting = executor.submit(() -> {
                second.set(Thread.currentThread());
                return use("a");
            });
            while (second.get() == null || second.get().getState() != Thread.State.WAITING) {
                Thread.onSpinWait();
            }
            cache.flush();
            store.before = () -> {};
            UUID rotated = store.rotate("a");
            assertThat(use("a")).as("came after the flush").isEqualTo(rotated);

            mayEnd.countDown();
            assertThat(reader.get(60, TimeUnit.SECONDS)).isEqualTo(first);
            assertThat(waiting.get(60, TimeUnit.SECONDS)).isEqualTo(first);

            assertThat(store.calls).hasValue(2);
            assertThat(cache.size()).isEqualTo(1);
            assertThat(use("a")).isEqualTo(rotated);
            assertThat(store.handedOut.stream().filter(key -> key.version().equals(first)))
                    .isNotEmpty()
                    .allMatch(key -> key.key().isDestroyed());
        } finally {
            mayEnd.countDown();
            executor.shutdownNow();
        }
    }

    @Test
    void aKeyThatIsReadWhileTheCacheIsClosedIsWiped() {
        store.before = cache::close;
        use("a");
        assertThat(store.handedOut).hasSize(1).allMatch(key -> key.key().isDestroyed());
        assertThat(cache.size()).isZero();
    }

    @Test
    void noMoreAreKeptThanAreAllowedAndTheOthersAreWiped() {
        BranchKeyCache small = cache(10);
        for (int i = 0; i < 1000; i++) {
            String id = "tenant-" + i;
            store.rotate(id);
            small.withActive(id, BranchKey::version);
        }
        assertThat(small.size()).isLessThanOrEqualTo(10);
        assertThat(store.handedOut.stream().filter(key -> !key.key().isDestroyed()))
                .hasSizeLessThanOrEqualTo(10);
        small.close();
        assertThat(store.handedOut).hasSize(1000).allMatch(key -> key.key().isDestroyed());
    }

    /** Keys are used, evicted, read anew, flushed and closed all at once: none is seen wiped, and all are wiped in the end. */
    @Test
    void underStress() throws Exception {
        for (int i = 0; i < 50; i++) {
            store.rotate("tenant-" + i);
        }
        BranchKeyCache small = cache(8);
        Crowd.each(8, thread -> () -> {
            for (int i = 0; i < 5000; i++) {
                String id = "tenant-" + (i * 31 + thread * 7) % 50;
                byte[] copy = small.withActive(id, key -> key.key().copy());
                assertThat(copy).isNotEqualTo(new byte[BranchKey.LENGTH]);
                if (i % 100 == 0) {
                    ticker.pass(TTL.dividedBy(3));
                }
                if (i % 250 == 0) {
                    small.flush();
                }
            }
            return null;
        });
        small.close();
        List<BranchKey> alive = new ArrayList<>();
        store.handedOut.stream().filter(key -> !key.key().isDestroyed()).forEach(alive::add);
        assertThat(alive).isEmpty();
    }
}
