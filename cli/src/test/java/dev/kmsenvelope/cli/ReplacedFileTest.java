package dev.kmsenvelope.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@DisabledOnOs(OS.WINDOWS)
class ReplacedFileTest {

    private static final byte[] OLD = {9};
    private static final byte[] NEW = {1, 2, 3};

    @TempDir
    private Path directory;

    private Path file;

    @BeforeEach
    void makeFile() throws IOException {
        file = Files.write(directory.resolve("file"), OLD);
    }

    private List<String> listing() throws IOException {
        try (Stream<Path> list = Files.list(directory)) {
            return list.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }

    private Path temporary() throws IOException {
        try (Stream<Path> list = Files.list(directory)) {
            return list.filter(path -> path.toString().endsWith(".tmp"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private void replace() throws IOException {
        try (ReplacedFile replaced = ReplacedFile.open(file, false)) {
            replaced.out().write(NEW);
            replaced.commit();
        }
    }

    @Test
    void theOldContentStaysUntilTheCommit() throws IOException {
        try (ReplacedFile replaced = ReplacedFile.open(file, false)) {
            assertThat(replaced.in().readAllBytes()).isEqualTo(OLD);
            replaced.out().write(NEW);
            assertThat(file).hasBinaryContent(OLD);
            assertThat(Files.getPosixFilePermissions(temporary()))
                    .as("nobody else reads it while it is being written")
                    .isEqualTo(PosixFilePermissions.fromString("rw-------"));
            replaced.commit();
            assertThat(file).hasBinaryContent(NEW);
        }
        assertThat(listing()).containsExactly("file");
    }

    @Test
    void withoutACommitTheOldContentStays() throws IOException {
        try (ReplacedFile replaced = ReplacedFile.open(file, false)) {
            replaced.out().write(NEW);
        }
        assertThat(file).hasBinaryContent(OLD);
        assertThat(listing()).containsExactly("file");
    }

    @Test
    void permissionsStayAndTheTimeIsNew() throws IOException {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r---w-"));
        Files.setLastModifiedTime(file, FileTime.from(Instant.EPOCH));
        replace();
        assertThat(Files.getPosixFilePermissions(file)).isEqualTo(PosixFilePermissions.fromString("rw-r---w-"));
        assertThat(Files.getLastModifiedTime(file).toInstant()).isAfter(Instant.EPOCH);
    }

    @Test
    void ownerAndGroupStay() throws IOException {
        assumeTrue("root".equals(System.getProperty("user.name")), "only root can give files away");
        Files.setAttribute(file, "unix:uid", 12345);
        Files.setAttribute(file, "unix:gid", 23456);
        replace();
        assertThat(Files.getAttribute(file, "unix:uid")).isEqualTo(12345);
        assertThat(Files.getAttribute(file, "unix:gid")).isEqualTo(23456);
    }

    @Test
    void extendedAttributesStay() throws IOException {
        UserDefinedFileAttributeView view = Files.getFileAttributeView(file, UserDefinedFileAttributeView.class);
        try {
            view.write("origin", ByteBuffer.wrap(NEW));
        } catch (IOException | NullPointerException e) {
            assumeTrue(false, "this file system has no extended attributes");
        }
        replace();
        ByteBuffer value = ByteBuffer.allocate(10);
        Files.getFileAttributeView(file, UserDefinedFileAttributeView.class).read("origin", value);
        assertThat(value.flip()).isEqualTo(ByteBuffer.wrap(NEW));
    }

    @Test
    void aFileThatWasChangedMeanwhileIsNotReplaced() throws IOException {
        try (ReplacedFile replaced = ReplacedFile.open(file, false)) {
            replaced.out().write(NEW);
            Files.write(file, OLD, StandardOpenOption.APPEND);
            assertThatThrownBy(replaced::commit)
                    .isInstanceOf(FileSystemException.class)
                    .hasMessageContaining("changed by somebody else");
        }
        assertThat(file).hasBinaryContent(new byte[] {9, 9});
        try (ReplacedFile replaced = ReplacedFile.open(file, false)) {
            replaced.out().write(NEW);
            Path other = Files.write(directory.resolve("other"), new byte[] {7, 7});
            Files.setLastModifiedTime(other, Files.getLastModifiedTime(file));
            Files.move(other, file, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
            assertThatThrownBy(replaced::commit).hasMessageContaining("changed by somebody else");
        }
        try (ReplacedFile replaced = ReplacedFile.open(file, false)) {
            Files.delete(file);
            assertThatThrownBy(replaced::commit).isInstanceOf(IOException.class);
        }
        assertThat(listing()).isEmpty();
    }

    @Test
    void whatIsNoFileIsRefused() throws IOException {
        Path link = Files.createSymbolicLink(directory.resolve("link"), Path.of("file"));
        assertThatThrownBy(() -> ReplacedFile.open(link, false)).hasMessageContaining("not a file");
        assertThatThrownBy(() -> ReplacedFile.open(directory, false)).hasMessageContaining("not a file");
        assertThat(file).hasBinaryContent(OLD);
    }

    @Test
    void hardLinksAreSplitOnlyWhenThatIsAllowed() throws IOException {
        Path second = Files.createLink(directory.resolve("second"), file);
        assertThatThrownBy(() -> ReplacedFile.open(file, false)).hasMessageContaining("has 2 names (hard links)");
        try (ReplacedFile replaced = ReplacedFile.open(file, true)) {
            replaced.out().write(NEW);
            replaced.commit();
        }
        assertThat(file).hasBinaryContent(NEW);
        assertThat(second).hasBinaryContent(OLD);
    }

    @Test
    void onlyWhatNobodyWritesIsStale() throws Exception {
        Path stale = Files.write(directory.resolve(".kms-envelope-replace-0123456789abcdef.tmp"), OLD);
        assertThat(ReplacedFile.removeIfStale(stale)).isTrue();
        assertThat(stale).doesNotExist();
        assertThat(ReplacedFile.removeIfStale(stale))
                .as("somebody else was faster")
                .isFalse();

        Path others = Files.write(directory.resolve(".kms-envelope-0123456789abcdef.tmp"), OLD);
        assertThat(ReplacedFile.removeIfStale(others)).isFalse();
        assertThat(others).exists();

        try (ReplacedFile replaced = ReplacedFile.open(file, false)) {
            assertThat(ReplacedFile.removeIfStale(temporary()))
                    .as("it is being written here")
                    .isFalse();
            replaced.out().write(NEW);
            replaced.commit();
        }
        assertThat(file).hasBinaryContent(NEW);

        Path locked = Files.write(directory.resolve(".kms-envelope-replace-00000000000000aa.tmp"), OLD);
        try (FileChannel channel = FileChannel.open(locked, StandardOpenOption.WRITE)) {
            assertThat(channel.tryLock()).isNotNull();
            assertThat(ReplacedFile.removeIfStale(locked)).isFalse();
        }
        assertThat(locked).exists();
    }

    @Test
    void whereNoFileCanBeMadeTheOldOneStays() throws IOException {
        Path system = Path.of("/proc/self/limits");
        assumeTrue(Files.isRegularFile(system));
        assertThatThrownBy(() -> ReplacedFile.open(system, false))
                .isInstanceOf(FileSystemException.class)
                .hasMessageContaining("/proc/self/limits");
    }
}
