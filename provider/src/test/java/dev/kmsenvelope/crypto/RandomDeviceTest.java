package dev.kmsenvelope.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RandomDeviceTest {

    private static final byte[] FROM_ELSEWHERE = {1, 2, 3};

    @TempDir
    private Path directory;

    private static RandomSource source(Path path) {
        return RandomDevice.open(path, () -> length -> FROM_ELSEWHERE);
    }

    private static RandomSource device() {
        Assumptions.assumeTrue(Files.exists(RandomDevice.PATH), "this system has no " + RandomDevice.PATH);
        return source(RandomDevice.PATH);
    }

    @Test
    @DisplayName("RULES 17: no two draws are equal, in several threads either, and none comes from elsewhere")
    void drawsDiffer() throws Exception {
        RandomSource source = device();
        ExecutorService executor = Executors.newFixedThreadPool(4);
        try {
            Callable<List<byte[]>> draws = () -> {
                List<byte[]> drawn = new ArrayList<>();
                for (int i = 0; i < 2000; i++) {
                    drawn.add(source.next(16));
                }
                return drawn;
            };
            Set<String> seen = new HashSet<>();
            for (Future<List<byte[]>> one : executor.invokeAll(List.of(draws, draws, draws, draws))) {
                one.get()
                        .forEach(bytes ->
                                assertThat(seen.add(Arrays.toString(bytes))).isTrue());
            }
            assertThat(seen).hasSize(8000);
        } finally {
            executor.shutdownNow();
        }
    }

    @Test
    @DisplayName("every byte of a draw is random, at any length")
    void everyByteIsDrawn() {
        RandomSource source = device();
        for (int length : new int[] {0, 1, 20, 32, 70_000}) {
            byte[] union = new byte[length];
            for (int i = 0; i < 64; i++) {
                byte[] drawn = source.next(length);
                assertThat(drawn).hasSize(length);
                for (int at = 0; at < length; at++) {
                    union[at] |= drawn[at];
                }
            }
            for (byte bits : union) {
                assertThat(bits).as("all bits are set some time").isEqualTo((byte) 0xFF);
            }
        }
    }

    @Test
    @DisplayName("without a device the JDK's sources are asked")
    void noDevice() {
        assertThat(source(directory.resolve("absent")).next(3)).isEqualTo(FROM_ELSEWHERE);
        assertThat(source(directory).next(3)).isEqualTo(FROM_ELSEWHERE);
    }

    @Test
    @DisplayName("an ordinary file in the device's place is not read: it says the same to everybody")
    void aFile() throws Exception {
        Path file = Files.write(directory.resolve("urandom"), new byte[100]);
        assertThat(source(file).next(3)).isEqualTo(FROM_ELSEWHERE);
    }

    @Test
    @DisplayName("a device that comes to an end is not relied upon, not even for a part")
    void anEnd() {
        Path empty = Path.of("/dev/null");
        Assumptions.assumeTrue(Files.exists(empty), "this system has no " + empty);
        assertThat(source(empty).next(3)).isEqualTo(FROM_ELSEWHERE);
    }

    @Test
    @DisplayName("RULES 17: what is asked in its place asks the system each time too")
    void theJdksSources() {
        RandomSource source =
                RandomDevice.open(directory.resolve("absent"), RandomSource.OperatingSystem::openThroughJdk);
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < 1000; i++) {
            assertThat(seen.add(Arrays.toString(source.next(16)))).isTrue();
        }
    }
}
