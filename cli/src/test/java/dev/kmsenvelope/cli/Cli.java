package dev.kmsenvelope.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;

/** Runs commands inside the test, with keys in a directory of the test's and files in another. */
final class Cli {

    static final String KEY = "alias/orders";

    private static final Set<String> WITH_KEYS = Set.of(
            "encrypt",
            "decrypt",
            "cat",
            "convert",
            "reencrypt",
            "rewrap",
            "dependencies",
            "key",
            "branch-key",
            "doctor",
            "cache",
            "keystore");

    /** Kept, or its level would be forgotten: every test would warn that its keys have a generated secret. */
    private static final Logger LOCAL = Logger.getLogger("dev.kmsenvelope.local");

    static {
        LOCAL.setLevel(Level.SEVERE);
    }

    private final Path settings;
    private final Path files;

    Cli(Path directory) throws IOException {
        this.settings = directory.resolve("settings.properties");
        this.files = Files.createDirectory(directory.resolve("files"));
        configure();
    }

    record Result(int code, byte[] out, String err) {

        String text() {
            return new String(out, StandardCharsets.UTF_8);
        }

        Result ok() {
            assertThat(code).as(err).isZero();
            return this;
        }

        /** Lines on standard error that tell of single files, and nothing on standard output. */
        Result failedOf(int expected, String... words) {
            assertThat(code).as(err).isEqualTo(expected);
            assertThat(out).isEmpty();
            assertThat(err.lines()).allMatch(line -> line.startsWith("kms-envelope: "));
            assertThat(err).doesNotContain("Exception").contains(words);
            return this;
        }

        /** One line on standard error, and nothing on standard output. */
        Result failed(int expected, String... words) {
            assertThat(code).as(err).isEqualTo(expected);
            assertThat(err.lines()).hasSize(1);
            assertThat(err).startsWith("kms-envelope: ").doesNotContain("Exception");
            for (String word : words) {
                assertThat(err).contains(word);
            }
            return this;
        }
    }

    Cli withKey() {
        run("key", "create", KEY).ok();
        return this;
    }

    /** Sets what is configured besides the key directory. */
    void configure(String... lines) throws IOException {
        List<String> all = new ArrayList<>(List.of(lines));
        all.add("local.directory = "
                + settings.resolveSibling("keys").toString().replace("\\", "\\\\"));
        Files.write(settings, all);
    }

    Path settings() {
        return settings;
    }

    Path file(String name) {
        return files.resolve(name);
    }

    Path write(String name, byte[] content) throws IOException {
        return Files.write(file(name), content);
    }

    byte[] read(String name) throws IOException {
        return Files.readAllBytes(file(name));
    }

    List<String> listing() throws IOException {
        try (Stream<Path> list = Files.list(files)) {
            return list.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }

    Result run(String... arguments) {
        return run(new byte[0], arguments);
    }

    Result run(byte[] input, String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        if (!all.contains("--config") && WITH_KEYS.contains(all.get(0))) {
            all.addAll(List.of("--config", settings.toString()));
        }
        return bare(input, all.toArray(String[]::new));
    }

    static Result bare(byte[] input, String... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        StringWriter err = new StringWriter();
        int code = Main.run(new Stdio(new ByteArrayInputStream(input), out, new PrintWriter(err, true)), arguments);
        return new Result(code, out.toByteArray(), err.toString());
    }

    /** An encrypted file of that content. */
    Path message(String name, byte[] plaintext, String... options) throws IOException {
        List<String> arguments = new ArrayList<>(
                List.of("encrypt", "--key", KEY, "-o", file(name).toString(), "-"));
        arguments.addAll(List.of(options));
        run(plaintext, arguments.toArray(String[]::new)).ok();
        return file(name);
    }
}
