package dev.kmsenvelope.registration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.kmsenvelope.registration.ChildJvm.Result;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.function.Supplier;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The example program, as it stands in the repository, with a key in the key service and with a raw key. */
class EncryptFileIT {

    private static final Path EXAMPLE =
            Path.of("..", "examples", "EncryptFile.java").toAbsolutePath().normalize();
    private static final Path EXAMPLE_PROPERTIES = EXAMPLE.resolveSibling("kms-envelope.security");
    private static final int EXAMPLE_PROVIDERS = 12;
    private static final int MIB = 1 << 20;

    /** More than a decrypting cipher holds back. */
    private static final int SEALED_LENGTH = 5 * MIB;

    @TempDir
    private static Path shared;

    private static Path home;
    private static Path properties;
    private static Path sealedBefore;

    @TempDir
    private Path directory;

    @BeforeAll
    static void createKeyAndEncryptOnce(@TempDir Path plain) throws Exception {
        home = LocalKeys.create(shared.resolve("home"), "alias/demo");
        properties = SecurityProperties.stockProviders() == EXAMPLE_PROVIDERS
                ? EXAMPLE_PROPERTIES
                : SecurityProperties.last(shared.resolve("file.security"), "KmsEnvelope");
        assertThat(ToolProvider.getSystemJavaCompiler()
                        .run(null, null, null, "-d", shared.toString(), EXAMPLE.toString()))
                .isZero();
        sealedBefore = shared.resolve("sealed");
        example()
                .run("encrypt", randomFile(plain, SEALED_LENGTH).toString(), sealedBefore.toString())
                .succeeded();
    }

    @Test
    void itImportsNothingOfOurs() throws IOException {
        assertThat(Files.readAllLines(EXAMPLE))
                .filteredOn(line -> line.startsWith("import "))
                .isNotEmpty()
                .allMatch(line -> line.matches("import (java|javax)\\.[a-zA-Z.]+;"));
        assertThat(Files.readString(EXAMPLE)).doesNotContain("dev.kmsenvelope").doesNotContain("addProvider");
    }

    @Test
    void aSmallFileRoundTripsOutOfTheSource() throws Exception {
        assertRoundTrip(1000, () -> source(options(ChildJvm.java())));
    }

    @Test
    void anEmptyFileRoundTrips() throws Exception {
        assertRoundTrip(0, EncryptFileIT::example);
    }

    @Test
    void aFileAsLargeAsTheHeapRoundTrips() throws Exception {
        assertRoundTrip(64L * MIB, EncryptFileIT::exampleForManyBytes);
    }

    @Test
    void aFileOfOneGibibyteRoundTrips() throws Exception {
        assumeTrue(
                Boolean.getBoolean("kmsenvelope.test.large"),
                "1 GiB takes its time and 3 GiB of disk; run it with -Dkmsenvelope.test.large=true");
        assertRoundTrip(1024L * MIB, EncryptFileIT::exampleForManyBytes);
    }

    private void assertRoundTrip(long length, Supplier<ChildJvm> program) throws Exception {
        Path plain = randomFile(directory, length);
        Path sealed = directory.resolve("sealed");
        Path opened = directory.resolve("opened");

        Result encrypted = program.get().run("encrypt", plain.toString(), sealed.toString());
        Result decrypted = program.get().run("decrypt", sealed.toString(), opened.toString());

        assertThat(encrypted.succeeded().out()).startsWith("encrypted ");
        assertThat(decrypted.succeeded().out()).startsWith("decrypted ");
        assertThat(Files.size(sealed)).isGreaterThan(length);
        assertThat(Files.mismatch(plain, opened)).isEqualTo(-1);
    }

    @Test
    void aTamperedFileFails() throws Exception {
        assertDecryptionFails(tampered(2 * MIB));
        assertThat(directory.resolve("opened")).as("nothing is released").isEmptyFile();
    }

    @Test
    void aFileThatIsTamperedWithAtItsEndFails() throws Exception {
        assertDecryptionFails(tampered(Files.size(sealedBefore) - 1));
    }

    @Test
    void aTamperedHeaderFails() throws Exception {
        assertDecryptionFails(tampered(12 + 3));
    }

    @Test
    void anotherIvFails() throws Exception {
        assertDecryptionFails(tampered(0));
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, -100_000, MIB, 12})
    void aTruncatedFileFails(long length) throws Exception {
        Path sealed = copy();
        try (RandomAccessFile file = new RandomAccessFile(sealed.toFile(), "rw")) {
            file.setLength(length < 0 ? file.length() + length : length);
        }
        assertDecryptionFails(sealed);
    }

    @Test
    void withARawKeyOutOfPkcs12ItGoesOnAsBefore() throws Exception {
        Path store = directory.resolve("raw.p12");
        ChildJvm.keytool()
                .with("-genseckey", "-alias", "raw", "-keyalg", "AES", "-keysize", "256", "-storetype", "PKCS12")
                .run("-keystore", store.toString(), "-storepass", "changeit")
                .succeeded();
        Path plain = randomFile(directory, 100_000);
        Path sealed = directory.resolve("sealed");
        String[] raw = {
            "-Dkeystore.type=PKCS12", "-Dkeystore.file=" + store, "-Dkeystore.password=changeit", "-Dkeystore.alias=raw"
        };

        source(ChildJvm.java().properties(properties).home(home).with(raw))
                .run("encrypt", plain.toString(), sealed.toString())
                .succeeded();
        source(ChildJvm.bare().with(raw))
                .run("decrypt", sealed.toString(), directory.resolve("opened").toString())
                .succeeded();

        assertThat(Files.size(sealed)).as("plain GCM: IV, ciphertext, tag").isEqualTo(12 + 100_000 + 16);
        assertThat(Files.mismatch(plain, directory.resolve("opened"))).isEqualTo(-1);
    }

    @Test
    void withoutTheKeyItSaysSo() throws Exception {
        Path plain = randomFile(directory, 10);
        ChildJvm program = compiled(options(ChildJvm.java()).with("-Dkeystore.alias=alias/none"));

        Result result = program.run(
                "encrypt", plain.toString(), directory.resolve("sealed").toString());

        assertThat(result.failed().err()).contains("the keystore has no key alias/none");
    }

    private static ChildJvm example() {
        return compiled(options(ChildJvm.java()));
    }

    /** With both of the JVM's compilers. */
    private static ChildJvm exampleForManyBytes() {
        return compiled(options(ChildJvm.java()).with("-XX:TieredStopAtLevel=4"));
    }

    private static ChildJvm options(ChildJvm java) {
        return java.with("-Xmx64m").properties(properties).home(home);
    }

    private static ChildJvm compiled(ChildJvm java) {
        return java.with("-cp", ChildJvm.JAR + File.pathSeparator + shared, "EncryptFile");
    }

    private static ChildJvm source(ChildJvm java) {
        return java.with(EXAMPLE.toString());
    }

    private Path copy() throws IOException {
        return Files.copy(sealedBefore, directory.resolve("sealed"));
    }

    private Path tampered(long position) throws IOException {
        Path sealed = copy();
        try (RandomAccessFile file = new RandomAccessFile(sealed.toFile(), "rw")) {
            file.seek(position);
            int value = file.read();
            file.seek(position);
            file.write(value ^ 1);
        }
        return sealed;
    }

    private void assertDecryptionFails(Path sealed) throws Exception {
        Path opened = directory.resolve("opened");

        Result result = example().run("decrypt", sealed.toString(), opened.toString());

        assertThat(result.failed().err()).contains("AEADBadTagException");
        assertThat(Files.size(opened)).isLessThan(SEALED_LENGTH);
    }

    private static Path randomFile(Path directory, long length) throws IOException {
        Path file = directory.resolve("plain");
        Random random = new Random(length);
        byte[] chunk = new byte[MIB];
        try (OutputStream out = Files.newOutputStream(file)) {
            for (long left = length; left > 0; left -= chunk.length) {
                random.nextBytes(chunk);
                out.write(chunk, 0, (int) Math.min(left, chunk.length));
            }
        }
        return file;
    }
}
