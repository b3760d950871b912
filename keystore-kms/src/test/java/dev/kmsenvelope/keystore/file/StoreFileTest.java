package dev.kmsenvelope.keystore.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.kmsenvelope.keystore.file.StoreFileException.Reason;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystem;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The file on disk: the old content or the new one, and nobody's writing is lost. */
class StoreFileTest {

    private static final byte[] OLD = Forge.bytes("old");
    private static final byte[] NEW = Forge.bytes("new");

    @TempDir
    private Path directory;

    private Path path;
    private StoreFile file;

    @BeforeEach
    void place() throws IOException {
        directory = directory.toRealPath();
        path = directory.resolve("store.kms");
        file = StoreFile.at(path);
    }

    private List<Path> left() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.sorted().toList();
        }
    }

    private static Reason refusal(StoreFile file, byte @Nullable [] before) {
        StoreFileException refusal = catchThrowableOfType(StoreFileException.class, () -> file.write(before, NEW));
        assertThat(refusal).isNotNull();
        return refusal.reason();
    }

    @Test
    void itIsMadeAndReplaced() throws Exception {
        assertThatThrownBy(() -> file.read()).isInstanceOf(NoSuchFileException.class);

        file.write(null, OLD);
        assertThat(file.read()).isEqualTo(OLD);
        FileTime made = Files.getLastModifiedTime(path);
        file.write(OLD, NEW);

        assertThat(file.read()).isEqualTo(NEW);
        assertThat(Files.getLastModifiedTime(path)).as("for those who watch it").isGreaterThan(made);
        assertThat(left()).containsExactly(path);
    }

    @Test
    void theClockMayHaveBeenSetBack() throws Exception {
        file.write(null, OLD);
        FileTime future = FileTime.from(Instant.now().plusSeconds(1000));
        Files.setLastModifiedTime(path, future);

        file.write(OLD, NEW);

        assertThat(Files.getLastModifiedTime(path)).isGreaterThan(future);
    }

    @Test
    void whatSomebodyElseWroteIsNotWrittenOver() throws Exception {
        Files.write(path, Forge.bytes("theirs"));

        assertThat(refusal(file, OLD)).isEqualTo(Reason.CHANGED_MEANWHILE);
        assertThat(refusal(file, null)).isEqualTo(Reason.CHANGED_MEANWHILE);
        assertThat(file.read()).isEqualTo(Forge.bytes("theirs"));
        Files.delete(path);
        assertThat(refusal(file, OLD)).isEqualTo(Reason.CHANGED_MEANWHILE);
        assertThat(left()).isEmpty();
    }

    @Test
    void whatSomebodyWritesAtTheSameMomentIsSeen() throws Exception {
        Files.write(path, OLD);
        StoreFile slow = StoreFile.at(
                path,
                new FileSteps() {
                    @Override
                    void force(FileChannel channel) throws IOException {
                        super.force(channel);
                        Files.write(path, Forge.bytes("git was here"));
                    }
                },
                Duration.ofSeconds(1));

        assertThat(refusal(slow, OLD)).isEqualTo(Reason.CHANGED_MEANWHILE);
        assertThat(file.read()).isEqualTo(Forge.bytes("git was here"));
        assertThat(left()).containsExactly(path);
    }

    @Test
    void permissionsAreKept() throws Exception {
        assumeTrue(FileSystems.getDefault().supportedFileAttributeViews().contains("posix"));
        for (String permissions : List.of("rw-------", "rw-r-----", "rw-rw-rw-", "r--r--r--")) {
            Files.write(path, OLD);
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));

            file.write(OLD, NEW);

            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                    .isEqualTo(permissions);
            Files.delete(path);
        }
    }

    @Test
    void aLinkIsFollowedAndStays() throws Exception {
        Path elsewhere = Files.createDirectory(directory.resolve("elsewhere"));
        Path target = Files.write(elsewhere.resolve("real.kms"), OLD);
        Files.createSymbolicLink(path, target);

        file.write(OLD, NEW);

        assertThat(path).isSymbolicLink();
        assertThat(Files.readAllBytes(target)).isEqualTo(NEW);
        assertThat(elsewhere.toFile().list()).containsExactly("real.kms");

        Files.delete(target);
        assertThatThrownBy(() -> file.write(null, NEW)).isInstanceOf(FileSystemException.class);
        assertThat(target).as("a link to nothing makes nothing").doesNotExist();
    }

    @Test
    void writersThroughALinkAndWithoutItExcludeEachOther() throws Exception {
        Files.write(path, OLD);
        Path link = Files.createSymbolicLink(directory.resolve("link"), path);
        try (WriteLock held = WriteLock.acquire(path, Duration.ZERO)) {
            assertThat(held.path()).isEqualTo(directory.resolve("store.kms.lock"));
            assertThat(refusalElsewhere(StoreFile.at(link, new FileSteps(), Duration.ofMillis(50))))
                    .isEqualTo(Reason.IN_USE);
        }
        StoreFile.at(link).write(OLD, NEW);
    }

    private static Reason refusalElsewhere(StoreFile file) throws Exception {
        ExecutorService other = Executors.newSingleThreadExecutor();
        try {
            return other.submit(() -> refusal(file, OLD)).get();
        } finally {
            other.shutdownNow();
        }
    }

    @Test
    void noRegularFileIsRead() throws Exception {
        Files.createDirectory(path);
        assertThatThrownBy(() -> file.read())
                .isInstanceOfSatisfying(
                        StoreFileException.class, e -> assertThat(e.reason()).isEqualTo(Reason.NOT_A_KEYSTORE));
        assertThatThrownBy(() -> file.write(null, NEW)).isInstanceOf(IOException.class);
        assertThat(left()).containsExactly(path);
    }

    @Test
    void nothingTooLargeIsReadWhole() throws Exception {
        try (FileChannel sparse = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            sparse.write(ByteBuffer.wrap(OLD), 1L << 33);
        }
        assertThatThrownBy(() -> file.read())
                .isInstanceOfSatisfying(
                        StoreFileException.class, e -> assertThat(e.reason()).isEqualTo(Reason.TOO_LARGE));
    }

    @Test
    void aFolderThatIsMissingIsNamed() {
        Path missing = directory.resolve("missing/store.kms");
        assertThatThrownBy(() -> StoreFile.at(missing).write(null, NEW))
                .isInstanceOf(FileSystemException.class)
                .hasMessageContaining("cannot be written")
                .hasMessageContaining(missing.toString());
    }

    @Test
    void aReadOnlyFileSystemIsNamed() throws Exception {
        Path zip = directory.resolve("read-only.zip");
        try (FileSystem files = FileSystems.newFileSystem(URI.create("jar:" + zip.toUri()), Map.of("create", "true"))) {
            Files.write(files.getPath("/store.kms"), OLD);
        }
        assertThat(zip.toFile().setReadOnly()).isTrue();
        try (FileSystem files = FileSystems.newFileSystem(zip, Map.of("accessMode", "readOnly"))) {
            assumeTrue(files.isReadOnly(), "this JDK opens it for writing too");
            StoreFile there = StoreFile.at(files.getPath("/store.kms"));
            assertThat(there.read()).isEqualTo(OLD);
            assertThatThrownBy(() -> there.write(OLD, NEW))
                    .isInstanceOf(FileSystemException.class)
                    .hasMessageContaining("read-only");
        }
    }

    @Test
    void aReadOnlyFolderIsNamed() throws Exception {
        assumeTrue(FileSystems.getDefault().supportedFileAttributeViews().contains("posix"));
        Files.write(path, OLD);
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("r-xr-xr-x"));
        try {
            assumeTrue(!Files.isWritable(directory), "root writes everywhere");
            assertThatThrownBy(() -> file.write(OLD, NEW))
                    .isInstanceOf(FileSystemException.class)
                    .hasMessageContaining("permission denied");
            assertThat(file.read()).isEqualTo(OLD);
        } finally {
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
        }
    }

    @Test
    void aFailureAtAnyStepLeavesTheOldFileAlone() throws Exception {
        Files.write(path, OLD);
        FileSteps fullDisk = new FileSteps() {
            @Override
            void write(FileChannel channel, ByteBuffer bytes) throws IOException {
                channel.write(bytes.slice(0, 1));
                throw new IOException("No space left on device");
            }
        };
        FileSteps brokenDisk = new FileSteps() {
            @Override
            void force(FileChannel channel) throws IOException {
                throw new IOException("Input/output error");
            }
        };
        FileSteps noRename = new FileSteps() {
            @Override
            void move(Path from, Path to) throws IOException {
                throw new FileSystemException(to.toString(), null, "Device or resource busy");
            }
        };
        FileSteps bug = new FileSteps() {
            @Override
            void move(Path from, Path to) {
                throw new IllegalStateException("a bug");
            }
        };
        for (FileSteps steps : List.of(fullDisk, brokenDisk, noRename)) {
            assertThatThrownBy(() ->
                            StoreFile.at(path, steps, Duration.ofSeconds(1)).write(OLD, NEW))
                    .isInstanceOf(FileSystemException.class)
                    .hasMessageContaining(path.toString())
                    .hasMessageContaining("cannot be written");
        }
        assertThatThrownBy(() -> StoreFile.at(path, bug, Duration.ofSeconds(1)).write(OLD, NEW))
                .isInstanceOf(IllegalStateException.class);
        assertThat(file.read()).isEqualTo(OLD);
        assertThat(left()).containsExactly(path);
        file.write(OLD, NEW);
    }

    @Test
    void whatADeadWriterLeftIsRemovedWhenItIsOld() throws Exception {
        Path lock = Files.write(directory.resolve("store.kms.lock"), Forge.bytes("half"));
        StoreFile impatient = StoreFile.at(path, new FileSteps(), Duration.ofMillis(50));
        assertThat(refusal(impatient, null))
                .as("its writer may be about to lock it")
                .isEqualTo(Reason.IN_USE);
        assertThat(Files.readAllBytes(lock)).isEqualTo(Forge.bytes("half"));

        Files.setLastModifiedTime(lock, FileTime.from(Instant.now().minusSeconds(60)));
        impatient.write(null, NEW);

        assertThat(file.read()).isEqualTo(NEW);
        assertThat(left()).containsExactly(path);
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
                        Files.write(lock, Forge.bytes("half of another one's"));
                    }
                },
                Duration.ofSeconds(1));

        assertThat(refusal(robbed, OLD)).isEqualTo(Reason.IN_USE);
        assertThat(file.read()).isEqualTo(OLD);
        assertThat(lock).as("it is not ours").exists();
    }

    @Test
    void anInterruptEndsTheWaiting() throws Exception {
        Files.write(path, OLD);
        try (WriteLock held = WriteLock.acquire(path, Duration.ZERO)) {
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
        assertThat(left()).containsExactly(path);
    }
}
