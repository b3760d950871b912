package dev.kmsenvelope.keystore.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.kmsenvelope.keystore.StoreFileException;
import dev.kmsenvelope.keystore.StoreFileException.Reason;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Writers of one file, in threads and processes: one at a time, and none of them loses what another one wrote. */
@Timeout(120) // One that hangs is what some of this is about.
class WriteLockTest {

    private static final byte[] OLD = Forge.bytes("old");
    private static final byte[] NEW = Forge.bytes("new");

    @TempDir
    private Path directory;

    private Path path;
    private Path lock;
    private StoreFile file;
    private StoreFile impatient;

    @BeforeEach
    void place() throws IOException {
        directory = directory.toRealPath();
        path = directory.resolve("store.kms");
        lock = directory.resolve("store.kms.lock");
        file = StoreFile.at(path);
        impatient = StoreFile.at(path, new FileSteps(), Duration.ofMillis(50));
    }

    private List<String> left() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(each -> each.getFileName().toString()).sorted().toList();
        }
    }

    private static Reason refusal(StoreFile file, byte @Nullable [] before) {
        StoreFileException refusal = catchThrowableOfType(StoreFileException.class, () -> file.write(before, NEW));
        assertThat(refusal).isNotNull();
        return refusal.reason();
    }

    private static <T> T elsewhere(Callable<T> task) throws Exception {
        ExecutorService other = Executors.newSingleThreadExecutor();
        try {
            return other.submit(task).get();
        } finally {
            other.shutdownNow();
        }
    }

    private WriteLock held() throws IOException {
        return WriteLock.acquire(path, Duration.ZERO, new FileSteps());
    }

    @Test
    void theLockFileIsEmptyForItsOwnerOnlyAndStays() throws Exception {
        file.write(null, OLD);
        assertThat(left()).containsExactly("store.kms", "store.kms.lock");
        Object first = Files.readAttributes(lock, "fileKey").get("fileKey");

        file.write(OLD, NEW);

        assertThat(lock).isEmptyFile();
        assertThat(Files.readAttributes(lock, "fileKey").get("fileKey"))
                .as("the next writer locks the same")
                .isEqualTo(first);
        if (FileSystems.getDefault().supportedFileAttributeViews().contains("posix")) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(lock)))
                    .isEqualTo("rw-------");
        }
    }

    @Test
    void writersThroughALinkAndWithoutItExcludeEachOther() throws Exception {
        Files.write(path, OLD);
        Path link = Files.createSymbolicLink(directory.resolve("link"), path);
        StoreFile linked = StoreFile.at(link, new FileSteps(), Duration.ofMillis(50));
        try (WriteLock held = held()) {
            assertThat(held.path()).isEqualTo(lock);
            assertThat(elsewhere(() -> refusal(linked, OLD))).isEqualTo(Reason.IN_USE);
        }
        linked.write(OLD, NEW);
    }

    @Test
    void whatADeadWriterLeftIsNoObstacleAndIsRemoved() throws Exception {
        Files.write(lock, Forge.bytes("of an earlier version"));
        Files.write(directory.resolve("store.kms.0123456789abcdef.tmp"), Forge.bytes("half"));
        List<String> others = List.of(
                "store.kms.0123456789abcde.tmp",
                "store.kms.0123456789ABCDEF.tmp",
                "store.kms.0123456789abcdef.tmp~",
                "other.kms.0123456789abcdef.tmp",
                "storeXkms.0123456789abcdef.tmp");
        for (String other : others) {
            Files.write(directory.resolve(other), OLD);
        }
        Files.createDirectory(directory.resolve("store.kms.aaaaaaaaaaaaaaaa.tmp"));

        impatient.write(null, NEW);

        assertThat(file.read()).isEqualTo(NEW);
        assertThat(left())
                .doesNotContain("store.kms.0123456789abcdef.tmp")
                .contains("store.kms.aaaaaaaaaaaaaaaa.tmp")
                .containsAll(others);
    }

    /** A writer that stalls is not taken for dead, however long it does. */
    @Test
    void aLockIsNeverTooOld() throws Exception {
        Files.write(path, OLD);
        Files.write(lock, new byte[0]);
        Files.setLastModifiedTime(lock, FileTime.from(Instant.EPOCH)); // before: it opens the file, and closes it
        try (WriteLock held = held()) {
            assertThat(elsewhere(() -> refusal(impatient, OLD))).isEqualTo(Reason.IN_USE);
            Process other = StoreFileProcess.start(path, "process", 1, Duration.ofMillis(50));
            assertThat(other.waitFor()).as("it gives up").isEqualTo(StoreFileProcess.IN_USE);
            held.requireHeld();
        }
        assertThat(file.read()).isEqualTo(OLD);
    }

    @Test
    void aWriterWhoseRightWasTakenDoesNotMoveWhatIsNotIts() throws Exception {
        Files.write(path, OLD);
        Path lock = directory.resolve("store.kms.lock");
        StoreFile robbed = StoreFile.at(
                path,
                new FileSteps() {
                    @Override
                    void force(FileChannel channel) throws IOException {
                        super.force(channel);
                        Files.move(lock, directory.resolve("taken"));
                        Files.write(lock, Forge.bytes(""));
                    }
                },
                Duration.ofSeconds(1));

        assertThat(refusal(robbed, OLD)).isEqualTo(Reason.IN_USE);
        assertThat(file.read()).isEqualTo(OLD);
        assertThat(lock).as("it is not ours").exists();
    }

    /** Somebody removes the lock file at the last moment, and the next writer begins: what is moved is whole all the same. */
    @Test
    void whatIsMovedIsAlwaysAWritersOwn() throws Exception {
        Files.write(path, OLD);
        StoreFile stalled = StoreFile.at(
                path,
                new FileSteps() {
                    @Override
                    void move(Path from, Path to) throws IOException {
                        Files.move(lock, directory.resolve("taken"));
                        Files.write(lock, Forge.bytes("half"));
                        super.move(from, to);
                    }
                },
                Duration.ofSeconds(1));

        stalled.write(OLD, NEW);

        assertThat(file.read()).isEqualTo(NEW);
        assertThat(lock).hasContent("half");
    }

    @Test
    void aLockFileThatWasRemovedWhileOthersWaitedIsMadeAnew() throws Exception {
        Files.write(path, OLD);
        CountDownLatch waiting = new CountDownLatch(1);
        FileSteps steps = new FileSteps() {
            @Override
            boolean tryLock(FileChannel channel) throws IOException {
                if (waiting.getCount() == 1) {
                    Files.delete(lock);
                    waiting.countDown();
                }
                return super.tryLock(channel);
            }
        };

        StoreFile.at(path, steps, Duration.ofSeconds(10)).write(OLD, NEW);

        assertThat(file.read()).isEqualTo(NEW);
        assertThat(lock).as("this one is locked by the next writer").exists();
    }

    @Test
    void nothingButAFileIsLocked() throws Exception {
        Files.write(path, OLD);
        Path elsewhere = Files.write(directory.resolve("elsewhere"), OLD);
        Files.createDirectory(lock);
        refusesTheLock("folder");
        Files.delete(lock);
        for (Path target : List.of(elsewhere, directory.resolve("none"), directory, Path.of("/dev/null"))) {
            Files.createSymbolicLink(lock, target);
            refusesTheLock("link");
            Files.delete(lock);
        }
        assertThat(Files.readAllBytes(elsewhere)).isEqualTo(OLD);
        assertThat(directory.resolve("none")).doesNotExist();
    }

    /** Opening it for writing waits for a reader, who need not come. */
    @Test
    void aPipeInPlaceOfTheLockFileKeepsNobodyWaiting() throws Exception {
        Files.write(path, OLD);
        assumeTrue(makePipe(lock), "there is no mkfifo here");

        refusesTheLock("device");

        Files.createSymbolicLink(directory.resolve("link"), lock);
        Files.move(lock, directory.resolve("pipe"));
        Files.createSymbolicLink(lock, directory.resolve("pipe"));
        refusesTheLock("link");
    }

    private static boolean makePipe(Path at) throws InterruptedException {
        try {
            return new ProcessBuilder("mkfifo", at.toString()).start().waitFor() == 0;
        } catch (IOException e) {
            return false;
        }
    }

    private void refusesTheLock(String what) throws IOException {
        List<String> before = left();
        assertThatThrownBy(() -> file.write(OLD, NEW))
                .isInstanceOf(FileSystemException.class)
                .hasMessageContaining(lock.toString())
                .hasMessageContaining(what);
        assertThat(file.read()).isEqualTo(OLD);
        assertThat(left()).isEqualTo(before);
    }

    @Test
    void whereThereAreNoLocksNothingIsWrittenAndItIsSaid() throws Exception {
        FileSteps noLocks = new FileSteps() {
            @Override
            boolean tryLock(FileChannel channel) throws IOException {
                throw new IOException("No locks available");
            }
        };
        StoreFile there = StoreFile.at(path, noLocks, Duration.ofSeconds(10));
        assertThatThrownBy(() -> there.write(null, NEW))
                .isInstanceOf(FileSystemException.class)
                .hasMessageContaining("does not lock files")
                .hasMessageContaining("No locks available");
        assertThat(left()).isEmpty();

        Files.write(path, OLD);
        assertThatThrownBy(() -> there.write(OLD, NEW)).hasMessageContaining(path.toString());
        assertThat(left()).containsExactly("store.kms");
        Files.write(lock, new byte[0]);
        assertThatThrownBy(() -> there.write(OLD, NEW)).hasMessageContaining("does not lock files");
        assertThat(left()).as("not ours to remove").containsExactly("store.kms", "store.kms.lock");
    }

    @Test
    void anInterruptEndsTheWaiting() throws Exception {
        Files.write(path, OLD);
        try (WriteLock held = held()) {
            ExecutorService other = Executors.newSingleThreadExecutor();
            CountDownLatch started = new CountDownLatch(1);
            Future<Throwable> failure = other.submit(() -> {
                started.countDown();
                Throwable thrown = catchThrowable(() -> file.write(OLD, NEW));
                assertThat(Thread.currentThread().isInterrupted()).isTrue();
                return thrown;
            });
            started.await();
            other.shutdownNow();
            assertThat(failure.get()).isInstanceOf(IOException.class).hasMessageContaining("interrupted");
            assertThat(held.path()).exists();
        }
        assertThat(file.read()).isEqualTo(OLD);
    }

    @Test
    void whoWaitsForAnotherProcessIsInterruptedToo() throws Exception {
        Files.write(path, OLD);
        CountDownLatch started = new CountDownLatch(1);
        FileSteps busy = new FileSteps() {
            @Override
            boolean tryLock(FileChannel channel) {
                started.countDown();
                return false;
            }
        };
        ExecutorService other = Executors.newSingleThreadExecutor();
        Future<Throwable> failure = other.submit(() -> catchThrowable(
                () -> StoreFile.at(path, busy, Duration.ofSeconds(100)).write(OLD, NEW)));
        started.await();
        other.shutdownNow();

        assertThat(failure.get()).isInstanceOf(IOException.class).hasMessageContaining("interrupted");
        file.write(OLD, NEW);
    }

    /** A program may write to any number of paths in its life. */
    @Test
    void pathsAreForgottenWhenNobodyIsThere() throws Exception {
        file.write(null, OLD);
        assertThat(Turns.isKnown(lock)).isFalse();
        try (WriteLock held = held()) {
            assertThat(elsewhere(() -> refusal(impatient, OLD))).isEqualTo(Reason.IN_USE);
            assertThat(Turns.isKnown(held.path())).isTrue();
        }
        assertThat(Turns.isKnown(lock)).isFalse();
        Files.delete(lock);
        Files.createDirectory(lock);
        assertThatThrownBy(() -> file.write(OLD, NEW)).isInstanceOf(IOException.class);
        assertThat(Turns.isKnown(lock)).as("after a failure").isFalse();
    }

    @Test
    void threadsLoseNothing() throws Exception {
        file.write(null, new byte[0]);
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<?>> running = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                String name = "thread-" + i;
                running.add(threads.submit(() -> {
                    StoreFileProcess.append(path, name, 25);
                    return null;
                }));
            }
            for (Future<?> each : running) {
                each.get();
            }
        } finally {
            threads.shutdownNow();
        }
        assertAll("thread-", 4, 25);
    }

    @Test
    void processesLoseNothing() throws Exception {
        file.write(null, new byte[0]);
        List<Process> running = new ArrayList<>();
        try {
            for (int i = 0; i < 2; i++) {
                running.add(StoreFileProcess.start(path, "process-" + i, 40));
            }
            StoreFileProcess.append(path, "process-2", 40);
            for (Process each : running) {
                assertThat(each.waitFor()).isZero();
            }
        } finally {
            running.forEach(Process::destroyForcibly);
        }
        assertAll("process-", 3, 40);
    }

    private void assertAll(String prefix, int writers, int times) throws IOException {
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < writers; i++) {
            for (int j = 0; j < times; j++) {
                expected.add(prefix + i + " " + j);
            }
        }
        assertThat(Files.readAllLines(path)).containsExactlyInAnyOrderElementsOf(expected);
        assertThat(left()).containsExactly("store.kms", "store.kms.lock");
    }
}
