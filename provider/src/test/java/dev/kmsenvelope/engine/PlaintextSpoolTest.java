package dev.kmsenvelope.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.kmsenvelope.crypto.AesGcm;
import dev.kmsenvelope.crypto.RandomSource;
import dev.kmsenvelope.testing.TestEngine;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.ProviderException;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlaintextSpoolTest {

    private static final int PIECE = PlaintextSpool.PIECE;

    @TempDir
    Path directory;

    private PlaintextSpool spool() {
        return PlaintextSpool.create(directory, TestEngine.GCM, RandomSource.operatingSystem());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE, 3 * PIECE + 7})
    void whatWentInComesOutOnce(int size) {
        byte[] text = TestEngine.randomBytes(size, 1);
        try (PlaintextSpool spool = spool()) {
            Random random = new Random(size);
            for (int at = 0; at < size; ) {
                int count = Math.min(1 + random.nextInt(2 * PIECE), size - at);
                spool.append(text, at, count);
                at += count;
            }
            assertThat(spool.remaining()).isEqualTo(size);
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            byte[] piece = new byte[PIECE];
            for (int count = spool.take(piece, 0); count > 0; count = spool.take(piece, 0)) {
                out.write(piece, 0, count);
            }
            assertThat(out.toByteArray()).isEqualTo(text);
            assertThat(spool.remaining()).isZero();
            assertThat(spool.take(piece, 0)).isZero();
            assertThatThrownBy(() -> spool.append(text, 0, 0)).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    @DisplayName("The file has no name while it is open, and is gone afterwards")
    void noName() throws IOException {
        PlaintextSpool spool = spool();
        assumeTrue(isLinux());
        assertThat(directory).isEmptyDirectory();
        assertThat(openFile()).exists();
        spool.close();
        spool.close();
        assertThat(directory).isEmptyDirectory();
        assertThatThrownBy(() -> spool.append(new byte[PIECE], 0, PIECE)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    @DisplayName("It is made for its owner only, and never takes a file that is there")
    void newFiles() throws IOException {
        Path path = directory.resolve("new");
        PlaintextSpool.newFile(path).close();
        if (Files.getFileStore(path).supportsFileAttributeView("posix")) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                    .isEqualTo("rw-------");
        }
        assertThatThrownBy(() -> PlaintextSpool.newFile(path)).isInstanceOf(FileAlreadyExistsException.class);
    }

    @Test
    @DisplayName("The file holds ciphertext only, under another key each time")
    void ciphertext() throws IOException {
        assumeTrue(isLinux());
        byte[] text = new byte[2 * PIECE];
        byte[][] files = new byte[2][];
        for (int i = 0; i < 2; i++) {
            try (PlaintextSpool spool = spool()) {
                spool.append(text, 0, text.length);
                files[i] = Files.readAllBytes(openFile());
            }
        }
        assertThat(files[0]).hasSize(2 * (PIECE + AesGcm.TAG_LENGTH)).isNotEqualTo(files[1]);
        assertThat(new String(files[0], StandardCharsets.ISO_8859_1)).doesNotContain("\0".repeat(8));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, PIECE, PIECE + 15, PIECE + 16, 2 * (PIECE + 16) + 4})
    @DisplayName("What was changed in the file, swapped or cut off is a failure of the file and not of the message")
    void changes(int at) throws IOException {
        assumeTrue(isLinux());
        try (PlaintextSpool spool = spool()) {
            byte[] text = TestEngine.randomBytes(2 * PIECE + 5, 2);
            spool.append(text, 0, text.length);
            byte[] piece = new byte[PIECE];
            int first = at < PIECE + 16 ? 0 : 1;
            Path file = openFile();
            if (at < 2 * (PIECE + 16)) {
                try (FileChannel changing = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                    ByteBuffer one = ByteBuffer.allocate(1);
                    changing.read(one, at);
                    changing.write(ByteBuffer.wrap(new byte[] {(byte) (one.get(0) ^ 1)}), at);
                }
            } else {
                first = 1;
                spool.take(piece, 0);
                try (FileChannel changing = FileChannel.open(file, StandardOpenOption.WRITE)) {
                    changing.truncate(at - (PIECE + 16));
                }
            }
            if (first == 1 && at < 2 * (PIECE + 16)) {
                spool.take(piece, 0);
            }
            byte[] out = new byte[PIECE];
            assertThatExceptionOfType(SpoolException.class)
                    .isThrownBy(() -> spool.take(out, 0))
                    .isInstanceOf(ProviderException.class)
                    .satisfies(e -> assertThat(e.failure()).isInstanceOf(IOException.class));
            assertThat(out).containsOnly(0);
        }
    }

    @Test
    void withoutADirectoryThereIsNoFile() {
        Path missing = directory.resolve("missing");
        assertThatExceptionOfType(SpoolException.class)
                .isThrownBy(() -> PlaintextSpool.create(missing, TestEngine.GCM, RandomSource.operatingSystem()))
                .satisfies(e -> assertThat(e.failure()).isInstanceOf(NoSuchFileException.class));
    }

    private static boolean isLinux() {
        return Files.isDirectory(Path.of("/proc/self/fd"));
    }

    /** The one open file that had its name in the directory. */
    private Path openFile() throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.filter(this::wasInTheDirectory).findFirst().orElseThrow();
        }
    }

    private boolean wasInTheDirectory(Path link) {
        try {
            return Files.readSymbolicLink(link).toString().startsWith(directory.toRealPath() + "/kms-envelope-");
        } catch (IOException e) {
            return false; // it was closed meanwhile
        }
    }
}
