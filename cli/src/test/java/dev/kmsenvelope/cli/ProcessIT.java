package dev.kmsenvelope.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.kmsenvelope.cli.Program.Ending;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.DigestInputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The jar as a process: what depends on real pipes, signals, limits and devices. */
@DisabledOnOs(OS.WINDOWS)
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ProcessIT {

    private static final String KEY = "alias/orders";
    private static final byte[] MEBIBYTE = new byte[1 << 20];

    @TempDir
    private static Path home;

    private static Program program;
    private static String firstWarning;

    @TempDir
    private Path directory;

    private Path target;

    @BeforeAll
    static void makeKey() throws Exception {
        new Random(1).nextBytes(MEBIBYTE);
        program = new Program(home.resolve("keys"));
        Ending ending = program.run("key", "create", KEY);
        assertThat(ending.code()).as(ending.err()).isZero();
        firstWarning = ending.err();
    }

    @BeforeEach
    void nameTarget() {
        target = directory.resolve("out");
    }

    private List<String> listing() throws IOException {
        try (Stream<Path> list = Files.list(directory)) {
            return list.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void warningsOfTheLibraryArePlainLines() {
        assertThat(firstWarning.lines()).hasSize(1);
        assertThat(firstWarning).startsWith("kms-envelope: warning: Keys are protected by a generated secret");
    }

    @Test
    void theJvmAddsNothingToStandardError() throws Exception {
        Ending ending = program.run("--version");
        assertThat(ending.code()).isZero();
        assertThat(ending.err()).isEmpty();
        assertThat(ending.text()).startsWith("kms-envelope 0.");
        assertThat(program.run("demo").err()).isEmpty();
        assertThat(program.run("doctor").err()).isEmpty();
    }

    @Test
    void anInstalledProviderIsFoundByTheDoctor() throws Exception {
        Path list = Files.writeString(home.resolve("java.security"), "security.provider.13=KmsEnvelope\n");
        List<String> command = program.command("doctor");
        command.add(1, "-Djava.security.properties=" + list);
        Ending ending = program.run(new byte[0], command);
        assumeTrue(ending.text().contains("13 of 13"), "a JDK with 12 providers");
        assertThat(ending.code()).isZero();
        assertThat(ending.text()).contains("Raw keys  AES/GCM/NoPadding is served by SunJCE");
        assertThat(ending.text()).contains("KMS keys  AES/GCM/NoPadding is served by KmsEnvelope");
    }

    @Test
    void pipesOfAnySizeGoThroughLittleMemory() throws Exception {
        int mebibytes = 80;
        Program large = Program.forManyBytes(home.resolve("keys"));
        Process encrypt = large.start("encrypt", "--key", KEY);
        Process decrypt = large.start("decrypt");
        CompletableFuture<byte[]> sent = Program.parallel(() -> send(encrypt, mebibytes));
        CompletableFuture<Long> passed = Program.parallel(() -> pass(encrypt, decrypt));
        MessageDigest received = MessageDigest.getInstance("SHA-256");
        try (InputStream out = new DigestInputStream(decrypt.getInputStream(), received)) {
            assertThat(out.transferTo(OutputStream.nullOutputStream())).isEqualTo((long) mebibytes << 20);
        }
        passed.get();
        assertThat(encrypt.waitFor()).isZero();
        assertThat(decrypt.waitFor()).isZero();
        assertThat(received.digest()).isEqualTo(sent.get());
    }

    private static byte[] send(Process process, int mebibytes) throws Exception {
        try (DigestOutputStream in =
                new DigestOutputStream(process.getOutputStream(), MessageDigest.getInstance("SHA-256"))) {
            for (int i = 0; i < mebibytes; i++) {
                in.write(MEBIBYTE);
            }
            return in.getMessageDigest().digest();
        }
    }

    private static long pass(Process from, Process to) throws IOException {
        try (OutputStream in = to.getOutputStream()) {
            return from.getInputStream().transferTo(in);
        }
    }

    @Test
    void whoStopsReadingEndsItQuietly() throws Exception {
        Process encrypt = program.start("encrypt", "--key", KEY);
        CompletableFuture<Boolean> feeding = Program.parallel(() -> {
            while (encrypt.isAlive()) {
                Program.feed(encrypt, MEBIBYTE);
            }
            return true;
        });
        assertThat(encrypt.getInputStream().read()).isEqualTo(2);
        encrypt.getInputStream().close();
        assertThat(encrypt.waitFor(60, TimeUnit.SECONDS)).isTrue();
        feeding.get();
        assertThat(encrypt.exitValue()).isEqualTo(5);
        assertThat(encrypt.getErrorStream().readAllBytes()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"TERM", "INT", "HUP"})
    void aSignalLeavesNothing(String signal) throws Exception {
        assumeFalse(Program.isIgnoredHere(signal), "SIG" + signal + " is ignored here, as under nohup");
        Process encrypt = program.start("encrypt", "--key", KEY, "-o", target.toString());
        for (int i = 0; i < 4; i++) {
            Program.feed(encrypt, MEBIBYTE);
        }
        Program.awaitTemporaryFile(directory);
        new ProcessBuilder("kill", "-" + signal, Long.toString(encrypt.pid()))
                .start()
                .waitFor();
        assertThat(encrypt.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(encrypt.exitValue()).isGreaterThan(128);
        assertThat(encrypt.getErrorStream().readAllBytes()).isEmpty();
        assertThat(listing()).isEmpty();
    }

    @Test
    void afterKillNineThereIsNoTarget() throws Exception {
        Process encrypt = program.start("encrypt", "--key", KEY, "-o", target.toString());
        for (int i = 0; i < 4; i++) {
            Program.feed(encrypt, MEBIBYTE);
        }
        Program.awaitTemporaryFile(directory);
        encrypt.destroyForcibly().waitFor();
        assertThat(target).doesNotExist();
        assertThat(listing()).singleElement().asString().matches("\\.kms-envelope-[0-9a-f]{16}\\.tmp");
    }

    @Test
    void aFullDiskIsToldAndLeavesNothing() throws Exception {
        Ending limited = program.shell(
                MEBIBYTE, "ulimit -f 512 && exec \"$@\"", "encrypt", "--key", KEY, "-o", target.toString());
        assertThat(limited.code()).as(limited.err()).isEqualTo(5);
        assertThat(limited.err().lines()).hasSize(1);
        assertThat(limited.err()).startsWith("kms-envelope: cannot write " + target);
        assertThat(listing()).isEmpty();

        assumeTrue(Files.exists(Path.of("/dev/full")));
        Ending device = program.run(MEBIBYTE, program.command("encrypt", "--key", KEY, "-o", "/dev/full"));
        assertThat(device.code()).isEqualTo(5);
        assertThat(device.err()).startsWith("kms-envelope: cannot write /dev/full: ");
        Ending full = program.shell(MEBIBYTE, "exec \"$@\" >/dev/full", "encrypt", "--key", KEY);
        assertThat(full.code()).isEqualTo(5);
        assertThat(full.err().lines()).hasSize(1);
        assertThat(full.err()).startsWith("kms-envelope: cannot write the output: ");
    }

    @Test
    void aDirectoryThatCannotBeWrittenToIsTold() throws Exception {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("r-xr-xr-x"));
        Path readOnly = Files.isWritable(directory) ? Path.of("/sys") : directory;
        try {
            assumeTrue(Files.isDirectory(readOnly));
            Ending ending = program.run(
                    "encrypt", "--key", KEY, "-o", readOnly.resolve("out").toString());
            assertThat(ending.code()).isEqualTo(5);
            assertThat(ending.err().lines()).hasSize(1);
            assertThat(ending.err()).contains(readOnly.resolve("out") + ": ");
        } finally {
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"C", "C.UTF-8"})
    void bytesThatTheLocaleDoesNotKnowAreRefused(String locale) throws Exception {
        String script = "export LC_ALL=" + locale + "; a=$(printf 'm\\374ller'); exec \"$@\" ";
        for (String option : List.of("--aad \"$a\"", "--context \"tenant=$a\"", "--context \"$a=tenant\"")) {
            Ending ending = program.shell(new byte[1], script + option, "encrypt", "--key", KEY);
            assertThat(ending.code()).as(ending.err()).isEqualTo(2);
            assertThat(ending.err().lines()).hasSize(1);
            assertThat(ending.err()).contains("cannot be decoded in this locale");
            assertThat(ending.out()).isEmpty();
        }
    }

    @Test
    void aFileNameThatTheLocaleDoesNotKnowIsRefused() throws Exception {
        String script = "export LC_ALL=C; a=$(printf 'm\\303\\274ller'); exec \"$@\" \"$a\"";
        Ending ending = program.shell(new byte[0], script, "encrypt", "--key", KEY);
        assertThat(ending.code()).as(ending.err()).isEqualTo(2);
        assertThat(ending.err().lines()).hasSize(1);
        assertThat(ending.err()).contains("the file name cannot be decoded in this locale; use a UTF-8 locale");
    }

    @Test
    void aDeviceIsWrittenToAsItIs() throws Exception {
        Ending ending = program.run(MEBIBYTE, program.command("encrypt", "--key", KEY, "-o", "/dev/null"));
        assertThat(ending.code()).as(ending.err()).isZero();
        assertThat(Files.isRegularFile(Path.of("/dev/null"))).isFalse();
    }

    @Test
    void aTruncatedPipeGivesVerifiedFramesAndFails() throws Exception {
        byte[] message =
                program.run(MEBIBYTE, program.command("encrypt", "--key", KEY)).out();
        byte[] cut = Arrays.copyOf(message, message.length / 2);
        Ending ending = program.run(cut, program.command("decrypt"));
        assertThat(ending.code()).isEqualTo(3);
        assertThat(ending.err().lines()).hasSize(1);
        assertThat(ending.out()).hasSizeLessThan(MEBIBYTE.length / 2);
        assertThat(ending.out()).isEqualTo(Arrays.copyOf(MEBIBYTE, ending.out().length));
    }

    @Test
    void twoProcessesForOneTargetMakeOneFile() throws Exception {
        Process first = program.start("encrypt", "--key", KEY, "-o", target.toString());
        Process second = program.start("encrypt", "--key", KEY, "-o", target.toString());
        for (Process process : List.of(first, second)) {
            Program.feed(process, MEBIBYTE);
        }
        first.getOutputStream().close();
        second.getOutputStream().close();
        int winner = first.waitFor();
        int other = second.waitFor();
        assertThat(List.of(winner, other)).containsExactlyInAnyOrder(0, 5);
        assertThat(listing()).containsExactly("out");
        assertThat(program.run("decrypt", "-o", "-", target.toString()).out()).isEqualTo(MEBIBYTE);
    }

    @Test
    void theLauncherWorksFromAnywhereAndThroughLinks() throws Exception {
        Path launcher = Path.of("..", "kms-envelope").toRealPath();
        Path link = Files.createSymbolicLink(directory.resolve("link"), launcher);
        Path linkToLink = Files.createSymbolicLink(directory.resolve("again"), Path.of("link"));
        ProcessBuilder builder = new ProcessBuilder("sh", "-c", "cd / && exec \"$0\" --version", linkToLink.toString());
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        Process process = builder.start();
        Ending ending = Program.end(process, Program.reading(process.getInputStream()));
        Files.delete(linkToLink);
        Files.delete(link);
        assertThat(ending.code()).as(ending.err()).isZero();
        assertThat(ending.err()).isEmpty();
        assertThat(ending.text()).startsWith("kms-envelope ").contains(System.getProperty("java.version"));
    }
}
