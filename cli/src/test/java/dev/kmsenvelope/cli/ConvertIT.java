package dev.kmsenvelope.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmsenvelope.cli.Program.Ending;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The jar converts files that are longer than its memory. */
@Timeout(value = 180, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ConvertIT {

    private static final String KEY = "alias/orders";
    private static final String OUTER = "alias/outer";
    private static final String TEMPLATE = "AES256_GCM_HKDF_1MB";
    private static final int MEBIBYTES = 80;

    @TempDir
    private Path directory;

    private Program program;

    private void run(String... arguments) throws Exception {
        Ending ending = program.run(arguments);
        assertThat(ending.code()).as(ending.err()).isZero();
    }

    private void convert(String from, String to, String... options) throws Exception {
        List<String> all = new ArrayList<>(List.of("convert", "-q", "--key", KEY, "-o", path(to), path(from)));
        all.addAll(List.of(options));
        run(all.toArray(String[]::new));
    }

    private String path(String name) {
        return directory.resolve(name).toString();
    }

    @Test
    @DisplayName("From one format to the next, in constant memory")
    void large() throws Exception {
        program = new Program(directory.resolve("keys"));
        run("key", "create", KEY);
        run("key", "create", OUTER);
        byte[] mebibyte = new byte[1 << 20];
        new Random(5).nextBytes(mebibyte);
        try (var out = Files.newOutputStream(directory.resolve("plain"))) {
            for (int i = 0; i < MEBIBYTES; i++) {
                out.write(mebibyte);
            }
        }
        run("encrypt", "-q", "-k", KEY, "-o", path("esdk"), path("plain"));
        convert("esdk", "object", "--to", "s3ec", "--metadata", path("json"));
        assertThat(Files.size(directory.resolve("object"))).isGreaterThan(MEBIBYTES << 20);
        Files.delete(directory.resolve("object"));
        convert("esdk", "stream", "--to", "tink", "--tink-keyset", path("keyset"), "--tink-template", TEMPLATE);
        convert(
                "stream",
                "dual",
                "--from-key",
                KEY,
                "--from-tink-keyset",
                path("keyset"),
                "--to",
                "dual",
                "--outer-key",
                OUTER);
        run("decrypt", "-q", "--dual", "-k", KEY, "--outer-key", OUTER, "-o", path("opened"), path("dual"));
        assertThat(Files.mismatch(directory.resolve("plain"), directory.resolve("opened")))
                .isEqualTo(-1);
    }
}
