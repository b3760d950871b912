package dev.kmsenvelope.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmsenvelope.cli.Program.Ending;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The jar has what both layers need, and memory enough for files that are longer than it. */
@Timeout(value = 180, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class DualIT {

    private static final String KEY = "alias/orders";
    private static final String OUTER = "alias/outer";
    private static final int MEBIBYTES = 80;

    @TempDir
    private Path directory;

    private Program program;
    private Program large;

    private static Ending run(Program program, String... arguments) throws Exception {
        Ending ending = program.run(arguments);
        assertThat(ending.code()).as(ending.err()).isZero();
        return ending;
    }

    @Test
    @DisplayName("A file that is longer than the memory of the process, there and back, and its layers")
    void file() throws Exception {
        program = new Program(directory.resolve("keys"));
        large = Program.forManyBytes(directory.resolve("keys"));
        run(program, "key", "create", KEY);
        run(program, "key", "create", OUTER);
        Path plain = directory.resolve("plain");
        byte[] mebibyte = new byte[1 << 20];
        new Random(4).nextBytes(mebibyte);
        try (var out = Files.newOutputStream(plain)) {
            for (int i = 0; i < MEBIBYTES; i++) {
                out.write(mebibyte);
            }
        }
        String message = directory.resolve("message").toString();
        String opened = directory.resolve("opened").toString();
        run(large, "encrypt", "-q", "--dual", "-k", KEY, "--outer-key", OUTER, "-o", message, plain.toString());
        run(large, "decrypt", "-q", "--dual", "-k", KEY, "--outer-key", OUTER, "-o", opened, message);
        assertThat(Files.mismatch(plain, Path.of(opened))).isEqualTo(-1);
        assertThat(run(program, "inspect", "--outer-key", OUTER, message).text())
                .contains("Inner layer");

        Ending hint = program.run(
                "decrypt", "-q", "-k", OUTER, "-o", directory.resolve("no").toString(), message);
        assertThat(hint.code()).isEqualTo(3);
        assertThat(hint.err()).contains("--dual");
        assertThat(directory.resolve("no")).doesNotExist();
    }
}
