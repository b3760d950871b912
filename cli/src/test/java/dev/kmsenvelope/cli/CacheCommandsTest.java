package dev.kmsenvelope.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code cache flush} and what of {@code cache stats} needs no other process; CacheIT has the rest. */
class CacheCommandsTest {

    @TempDir
    private Path directory;

    private Cli cli;

    @BeforeEach
    void makeCli() throws IOException {
        cli = new Cli(directory);
    }

    private Path flushFile() throws IOException {
        Path file = cli.file("flush");
        cli.configure("cache.flush-file = " + file.toString().replace("\\", "\\\\"));
        return file;
    }

    @Test
    void withoutTheSettingItSaysWhatIsMissing() {
        cli.run("cache", "flush").failed(ExitCode.USAGE, "no setting cache.flush-file", "cache.max-age");
    }

    @Test
    void theFileIsMadeForItsOwnerOnly() throws IOException {
        Path file = flushFile();
        assertThat(cli.run("cache", "flush").ok().err()).contains("changed " + file);
        assertThat(file).isEmptyFile();
        if (file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .isEqualTo("rw-------");
        }
    }

    @Test
    void eachTimeItHasAnotherTime() throws IOException {
        Path file = flushFile();
        Set<FileTime> times = new HashSet<>();
        for (int i = 0; i < 10; i++) {
            cli.run("cache", "flush").ok();
            times.add(Files.getLastModifiedTime(file));
        }
        assertThat(times).hasSize(10);
        Files.setLastModifiedTime(file, FileTime.fromMillis(System.currentTimeMillis() + 3_600_000));
        FileTime future = Files.getLastModifiedTime(file);
        cli.run("cache", "flush").ok();
        assertThat(Files.getLastModifiedTime(file)).isNotEqualTo(future);
    }

    @Test
    void itsContentStays() throws IOException {
        Path file = flushFile();
        Files.writeString(file, "who flushes, and why");
        cli.run("cache", "flush").ok();
        assertThat(file).hasContent("who flushes, and why");
    }

    @Test
    void withoutTheDirectoryItFails() throws IOException {
        cli.configure("cache.flush-file = " + cli.file("none").resolve("flush"));
        cli.run("cache", "flush").failed(ExitCode.IO, "none", "no such file or directory");
    }

    @Test
    void aDirectoryOrALinkIsNoFlushFile() throws IOException {
        Path file = flushFile();
        Files.createDirectory(file);
        cli.run("cache", "flush").failed(ExitCode.USAGE, "is not a file");
        Files.delete(file);
        Path target = cli.write("target", new byte[1]);
        FileTime before = FileTime.fromMillis(1_000_000);
        Files.setLastModifiedTime(target, before);
        try {
            Files.createSymbolicLink(file, target);
        } catch (UnsupportedOperationException | IOException e) {
            assumeTrue(false, "no symbolic links here: " + e.getMessage());
        }
        cli.run("cache", "flush").failed(ExitCode.USAGE, "is not a file");
        assertThat(Files.getLastModifiedTime(target)).isEqualTo(before);
    }

    @Test
    void anotherProgramIsToldFromAJvmAndLeftAlone() throws Exception {
        assumeTrue(Files.isReadable(Path.of("/proc/self/maps")), "a system that shows memory maps");
        Process other = new ProcessBuilder("cat").start();
        try {
            other.getOutputStream().write("a\n".getBytes(StandardCharsets.US_ASCII));
            other.getOutputStream().flush();
            assertThat(other.getInputStream().read()).as("it is cat now").isEqualTo('a');
            Cli.bare(new byte[0], "cache", "stats", "--pid", Long.toString(other.pid()))
                    .failed(ExitCode.IO, "process " + other.pid() + " cannot be asked: it is no JVM");
            other.getOutputStream().close();
            assertThat(other.waitFor()).as("no signal came").isZero();
        } finally {
            other.destroyForcibly();
        }
    }

    @Test
    void aProcessThatThereIsNotCannotBeAsked() {
        Cli.bare(new byte[0], "cache", "stats", "--pid", "999999999")
                .failed(ExitCode.IO, "process 999999999 cannot be asked");
        Cli.bare(new byte[0], "cache", "stats", "--pid", "0").failed(ExitCode.USAGE, "positive");
        Cli.bare(new byte[0], "cache", "stats", "--pid", "self").failed(ExitCode.USAGE, "--pid");
        Cli.bare(new byte[0], "cache", "stats").failed(ExitCode.USAGE, "--pid");
    }
}
