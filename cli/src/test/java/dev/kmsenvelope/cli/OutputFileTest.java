package dev.kmsenvelope.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutputFileTest {

    private static final byte[] OURS = {1, 2, 3};
    private static final byte[] THEIRS = {9};

    @TempDir
    private Path directory;

    private List<String> listing() throws IOException {
        try (Stream<Path> list = Files.list(directory)) {
            return list.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void theFileAppearsWithTheCommitAndNotBefore() throws IOException {
        Path target = directory.resolve("out");
        try (Output out = OutputFile.create(target, false, false)) {
            out.stream().write(OURS);
            assertThat(target).doesNotExist();
            out.commit();
            assertThat(target).hasBinaryContent(OURS);
        }
        assertThat(listing()).containsExactly("out");
    }

    @Test
    void withoutACommitThereIsNothing() throws IOException {
        try (Output out = OutputFile.create(directory.resolve("out"), false, true)) {
            out.stream().write(OURS);
            assertThat(listing()).hasSize(1);
        }
        assertThat(listing()).isEmpty();
    }

    @Test
    void aFileThatSomebodyMakesMeanwhileStays() throws IOException {
        Path target = directory.resolve("out");
        try (Output out = OutputFile.create(target, false, false)) {
            out.stream().write(OURS);
            Files.write(target, THEIRS);
            assertThatThrownBy(out::commit)
                    .isInstanceOf(FileAlreadyExistsException.class)
                    .hasMessage(target.toString());
        }
        assertThat(target).hasBinaryContent(THEIRS);
        assertThat(listing()).containsExactly("out");
    }

    @Test
    void forceReplacesWhatALinkPointsTo() throws IOException {
        Path target = Files.write(directory.resolve("target"), THEIRS);
        Path link = Files.createSymbolicLink(directory.resolve("link"), Path.of("target"));
        try (Output out = OutputFile.create(link, true, false)) {
            out.stream().write(OURS);
            out.commit();
        }
        assertThat(link).isSymbolicLink().hasBinaryContent(OURS);
        assertThat(target).hasBinaryContent(OURS);
        assertThat(listing()).containsExactly("link", "target");
    }

    @Test
    void aNameOfFullLengthIsPossible() throws IOException {
        Path target = directory.resolve("x".repeat(255));
        try (Output out = OutputFile.create(target, false, false)) {
            out.commit();
        }
        assertThat(target).exists();
    }
}
