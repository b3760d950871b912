package dev.kmsenvelope.keystore.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.kmsenvelope.keystore.StoreFileException;
import dev.kmsenvelope.keystore.StoreFileException.Reason;
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
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnJre;
import org.junit.jupiter.api.condition.JRE;
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

    /** What is there besides the file that writers lock. */
    private List<Path> left() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(each -> !each.endsWith("store.kms.lock"))
                    .sorted()
                    .toList();
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
    void aLinkIsFollowedAndStays() throws Exception {
        Path elsewhere = Files.createDirectory(directory.resolve("elsewhere"));
        Path target = Files.write(elsewhere.resolve("real.kms"), OLD);
        Files.createSymbolicLink(path, target);

        file.write(OLD, NEW);

        assertThat(path).isSymbolicLink();
        assertThat(Files.readAllBytes(target)).isEqualTo(NEW);
        assertThat(elsewhere.toFile().list()).containsExactlyInAnyOrder("real.kms", "real.kms.lock");

        Files.delete(target);
        assertThatThrownBy(() -> file.write(null, NEW)).isInstanceOf(FileSystemException.class);
        assertThat(target).as("a link to nothing makes nothing").doesNotExist();
    }

    @Test
    void noRegularFileIsRead() throws Exception {
        Files.createDirectory(path);
        assertThatThrownBy(() -> file.read())
                .isInstanceOf(FileSystemException.class)
                .hasMessageContaining(path.toString())
                .hasMessageContaining("is a directory");
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

    @EnabledOnJre(value = JRE.JAVA_17, disabledReason = "later zip file systems refuse the options of the call first")
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
}
