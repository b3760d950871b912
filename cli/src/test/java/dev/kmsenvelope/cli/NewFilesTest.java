package dev.kmsenvelope.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NewFilesTest {

    private static final byte[] OLD = {9};
    private static final byte[] FRESH = {1, 2, 3};

    @TempDir
    private Path directory;

    /** Fails at one of its flushes, counted from 1, and at all after it. */
    private static final class Failing extends ByteArrayOutputStream {

        private int left;

        Failing(int flush) {
            this.left = flush;
        }

        @Override
        public void flush() throws IOException {
            if (--left <= 0) {
                throw new IOException("no space left");
            }
        }
    }

    private static Stdio stdio(OutputStream out) {
        return new Stdio(new ByteArrayInputStream(new byte[0]), out, new PrintWriter(new StringWriter()));
    }

    private NewFiles open(Output message, Path companion) throws IOException {
        return NewFiles.open(message, stdio(OutputStream.nullOutputStream()), companion, true);
    }

    private static void fill(NewFiles files) throws IOException {
        files.stream().write(FRESH);
        files.writeCompanion(FRESH);
    }

    private List<String> listing() throws IOException {
        try (Stream<Path> list = Files.list(directory)) {
            return list.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void bothAppearWithTheCommitAndNothingElseStays() throws IOException {
        Path companion = Files.write(directory.resolve("json"), OLD);
        Path target = Files.write(directory.resolve("object"), OLD);
        try (NewFiles files = open(OutputFile.create(target, true, false), companion)) {
            fill(files);
            assertThat(companion).hasBinaryContent(OLD);
            assertThat(target).hasBinaryContent(OLD);
            files.commit();
        }
        assertThat(companion).hasBinaryContent(FRESH);
        assertThat(target).hasBinaryContent(FRESH);
        assertThat(listing()).containsExactly("json", "object");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void standardOutputThatFailsLeavesTheOldFileBesideIt(int flush) throws IOException {
        Path companion = Files.write(directory.resolve("json"), OLD);
        Files.setPosixFilePermissions(companion, PosixFilePermissions.fromString("r--r-----"));
        try (NewFiles files = open(Output.open(stdio(new Failing(flush)), null, true, false), companion)) {
            fill(files);
            assertThatThrownBy(files::commit).hasMessage("no space left");
        }
        assertThat(companion).hasBinaryContent(OLD);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(companion)))
                .isEqualTo("r--r-----");
        assertThat(listing()).containsExactly("json");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void standardOutputThatFailsLeavesNoNewFileBesideIt(int flush) throws IOException {
        Path companion = directory.resolve("json");
        try (NewFiles files = open(Output.open(stdio(new Failing(flush)), null, true, false), companion)) {
            fill(files);
            assertThatThrownBy(files::commit).hasMessage("no space left");
        }
        assertThat(listing()).isEmpty();
    }

    @Test
    void theOldFileComesBackIfTheMessageCannotTakeItsName() throws IOException {
        Path companion = Files.write(directory.resolve("json"), OLD);
        Path link = Files.createSymbolicLink(directory.resolve("link"), Path.of("json"));
        Path target = directory.resolve("object");
        try (NewFiles files = open(OutputFile.create(target, false, false), link)) {
            fill(files);
            Files.write(target, OLD);
            assertThatThrownBy(files::commit).isInstanceOf(FileAlreadyExistsException.class);
        }
        assertThat(link).isSymbolicLink();
        assertThat(companion).hasBinaryContent(OLD);
        assertThat(target).hasBinaryContent(OLD);
        assertThat(listing()).containsExactly("json", "link", "object");
    }

    @Test
    void aFileThatSomebodyMakesMeanwhileStays() throws IOException {
        Path companion = directory.resolve("json");
        Path target = directory.resolve("object");
        Output message = OutputFile.create(target, false, false);
        try (NewFiles files = NewFiles.open(message, stdio(OutputStream.nullOutputStream()), companion, false)) {
            fill(files);
            Files.write(companion, OLD);
            assertThatThrownBy(files::commit).isInstanceOf(FileAlreadyExistsException.class);
        }
        assertThat(companion).hasBinaryContent(OLD);
        assertThat(listing()).containsExactly("json");
    }

    @Test
    void anObjectOpensStillAfterItsMetadataWereToBeReplaced() throws IOException {
        Cli cli = new Cli(directory).withKey();
        String message = cli.message("data.enc", FRESH).toString();
        String object = cli.file("object").toString();
        String json = cli.file("json").toString();
        List<String> to = List.of("--to", "s3ec", "-k", Cli.KEY, "--metadata", json);
        cli.run(Stream.concat(Stream.of("convert", message, "-o", object), to.stream())
                        .toArray(String[]::new))
                .ok();
        Stdio failing = stdio(new Failing(1));
        List<String> again = List.of(
                "convert", message, "-f", "-o", "-", "--config", cli.settings().toString());
        int code = Main.run(failing, Stream.concat(again.stream(), to.stream()).toArray(String[]::new));
        assertThat(code).isEqualTo(ExitCode.IO);
        String[] back = {"convert", object, "-o", "-", "--from-metadata", json, "--from-key", Cli.KEY};
        byte[] opened = cli.run(Stream.concat(Stream.of(back), Stream.of("--to", "esdk", "-k", Cli.KEY))
                        .toArray(String[]::new))
                .ok()
                .out();
        assertThat(cli.run(opened, "decrypt").ok().out()).isEqualTo(FRESH);
        assertThat(cli.listing()).containsExactly("data.enc", "json", "object");
    }
}
