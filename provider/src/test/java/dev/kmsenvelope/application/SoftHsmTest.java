package dev.kmsenvelope.application;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Keys in a PKCS#11 token: SoftHSM2's, where it is installed. It finds its configuration by an environment variable, so
 * what works with the token is another process, {@link SoftHsmProcess}.
 */
class SoftHsmTest {

    @TempDir
    Path directory;

    @Test
    void keysStayInAToken() throws Exception {
        Optional<Path> tool = onPath("softhsm2-util");
        Optional<Path> library = tool.flatMap(SoftHsmTest::library);
        assumeTrue(
                library.isPresent(),
                "skipped: SoftHSM2 is not installed (softhsm2-util on the PATH and libsofthsm2.so beside it)");
        Path tokens = Files.createDirectory(directory.resolve("tokens"));
        Files.writeString(
                directory.resolve("softhsm2.conf"),
                "directories.tokendir = " + tokens + "\nobjectstore.backend = file\nlog.level = ERROR\n");
        Files.writeString(directory.resolve("pkcs11.cfg"), """
                name = Test
                library = %s
                slotListIndex = 0
                attributes(*,CKO_SECRET_KEY,*) = {
                  CKA_SENSITIVE = true
                  CKA_EXTRACTABLE = false
                }
                attributes(*,CKO_PRIVATE_KEY,*) = {
                  CKA_SENSITIVE = true
                  CKA_EXTRACTABLE = false
                }
                """.formatted(library.get()));
        run(
                "made",
                tool.get().toString(),
                "--init-token",
                "--free",
                "--label",
                "test",
                "--so-pin",
                SoftHsmProcess.PIN + "so",
                "--pin",
                SoftHsmProcess.PIN);

        String output = run(
                "used",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                SoftHsmProcess.class.getName(),
                directory.toString());

        assertThat(output.lines().filter(line -> line.startsWith("shown: ")))
                .containsExactlyElementsOf(SoftHsmProcess.STEPS.stream()
                        .map(step -> "shown: " + step)
                        .toList());
        assertThat(output).doesNotContain(SoftHsmProcess.PIN);
    }

    private String run(String name, String... command) throws IOException, InterruptedException {
        Path output = directory.resolve(name + ".out");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment()
                .put("SOFTHSM2_CONF", directory.resolve("softhsm2.conf").toString());
        Process process = builder.start();
        try {
            assertThat(process.waitFor(5, TimeUnit.MINUTES)).as("it ends").isTrue();
        } finally {
            process.destroyForcibly();
        }
        String text = Files.readString(output);
        assertThat(process.exitValue()).as(text).isZero();
        return text;
    }

    private static Optional<Path> onPath(String program) {
        return Stream.of(Optional.ofNullable(System.getenv("PATH")).orElse("").split(File.pathSeparator))
                .filter(entry -> !entry.isBlank())
                .map(entry -> Path.of(entry).resolve(program))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** In one of the places where packages put it, below the directory that the program is installed under. */
    private static Optional<Path> library(Path tool) {
        Path parent = tool.toAbsolutePath().getParent();
        Path root = parent == null ? null : parent.getParent();
        if (root == null) {
            return Optional.empty();
        }
        List<Path> candidates = new ArrayList<>();
        for (String lib : List.of("lib", "lib64")) {
            for (String suffix : List.of(".so", ".dylib")) {
                candidates.add(root.resolve(lib).resolve("softhsm").resolve("libsofthsm2" + suffix));
                candidates.add(root.resolve(lib).resolve("pkcs11").resolve("libsofthsm2" + suffix));
                candidates.add(root.resolve(lib).resolve("libsofthsm2" + suffix));
            }
        }
        return candidates.stream().filter(Files::isRegularFile).findFirst();
    }
}
