package dev.kmsenvelope.local;

import static dev.kmsenvelope.local.TestStore.CONTEXT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.kmsenvelope.crypto.OsRandom;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.kms.KmsException;
import dev.kmsenvelope.kms.KmsUnavailableException;
import dev.kmsenvelope.kms.SecretBytes;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.RandomAccessFile;
import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1Sequence;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeyFileTest {

    private static final KeyId ORDERS = KeyId.of("alias/orders");

    @TempDir
    Path temporary;

    private TestStore store;

    @BeforeEach
    void open() {
        store = new TestStore(temporary.resolve("home/keys"));
    }

    @AfterEach
    void close() {
        store.close();
    }

    private byte[] aKeyFile() throws IOException {
        store.administration().createKey(KeySpec.SYMMETRIC_DEFAULT, ORDERS);
        return Files.readAllBytes(store.keyFile());
    }

    @Test
    void filesAreForTheirOwnerOnly() throws Exception {
        aKeyFile();
        assumeThat(Files.getFileStore(temporary).supportsFileAttributeView("posix"))
                .isTrue();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(store.directory)))
                .isEqualTo("rwx------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(store.directory.getParent())))
                .isEqualTo("rwx------");
        try (Stream<Path> files = Files.list(store.directory)) {
            List<Path> all = files.toList();
            assertThat(all)
                    .extracting(Path::getFileName)
                    .extracting(Path::toString)
                    .containsExactlyInAnyOrder("keys.p7m", "secret", "lock");
            for (Path file : all) {
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                        .as(file.toString())
                        .isEqualTo("rw-------");
            }
        }
    }

    @Test
    void opensslOpensTheKeyFile() throws Exception {
        aKeyFile();
        opensslOpens(Files.readString(store.directory.resolve("secret")).strip());
        store.administration().changePassphrase("correct horse \u00e9".toCharArray());
        opensslOpens("correct horse \u00e9");
    }

    private void opensslOpens(String passphrase) throws Exception {
        Path out = temporary.resolve("out.der");
        Process openssl;
        try {
            openssl = new ProcessBuilder(
                            "openssl",
                            "cms",
                            "-decrypt",
                            "-inform",
                            "DER",
                            "-binary",
                            "-in",
                            store.keyFile().toString(),
                            "-out",
                            out.toString(),
                            "-pwri_password",
                            passphrase)
                    .redirectErrorStream(true)
                    .start();
        } catch (IOException e) {
            assumeThat(false).as("openssl is not installed").isTrue();
            return;
        }
        String output = new String(openssl.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(openssl.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(openssl.exitValue()).as(output).isZero();

        // Read with the grammar of StoreStateCodec, not with its code.
        ASN1Sequence content = ASN1Sequence.getInstance(Files.readAllBytes(out));
        assertThat(content.getObjectAt(0)).isEqualTo(new ASN1Integer(2));
        ASN1Encodable key = ASN1Sequence.getInstance(content.getObjectAt(3)).getObjectAt(0);
        ASN1Encodable version = ASN1Sequence.getInstance(
                        ASN1Sequence.getInstance(key).getObjectAt(6))
                .getObjectAt(0);
        byte[] material = ASN1OctetString.getInstance(
                        ASN1Sequence.getInstance(version).getObjectAt(4))
                .getOctets();
        assertThat(material).hasSize(32);
        assertThat(content.getObjectAt(4).toString()).contains("alias/orders");
    }

    @Test
    void changedBitsOfEveryByteAreNoticed() throws Exception {
        byte[] file = aKeyFile();
        int headers =
                file.length - StoreStateCodec.encode(store.administration().state()).length - 16;
        for (int i = 0; i < file.length; i++) {
            for (int bit = i % 4; bit < 8; bit += i < headers ? 4 : 8) {
                byte[] changed = file.clone();
                changed[i] ^= (byte) (1 << bit);
                expectKeyFileException(changed, "byte " + i + ", bit " + bit);
            }
        }
    }

    @Test
    void everyTruncationAndWhatIsNoKeyFileIsNoticed() throws Exception {
        byte[] file = aKeyFile();
        for (int length = 0; length < file.length; length += length < 64 ? 1 : 7) {
            expectKeyFileException(Arrays.copyOf(file, length), "cut to " + length);
        }
        expectKeyFileException(Arrays.copyOf(file, file.length + 1), "one byte more");
        expectKeyFileException("not a key file\n".getBytes(StandardCharsets.UTF_8), "text");
        byte[] nested = new byte[200_000];
        for (int i = 0; i + 1 < nested.length; i += 2) {
            nested[i] = 0x30;
            nested[i + 1] = (byte) 0x80;
        }
        expectKeyFileException(nested, "deep nesting");
        byte[] zeros = new byte[200_000];
        expectKeyFileException(zeros, "zeros");
    }

    @Test
    @DisplayName("RULES 12: whatever stands in place of the structure, the file is damaged, and nothing else is thrown")
    void structuresThatNobodyExpectsAreNoticed() throws Exception {
        byte[] file = aKeyFile();
        LocalKeyAdministration admin = store.administration();
        byte[] hostile = KeyFiles.withTagLength(file, BigInteger.ONE.shiftLeft(40));
        expectKeyFileException(hostile, "a tag length beyond an int");
        Path backup = temporary.resolve("backup");
        Files.write(backup, hostile);
        assertThatThrownBy(() -> admin.restore(backup, "x".toCharArray(), true))
                .isInstanceOf(KeyFileException.class)
                .hasMessageContaining(backup.toString());

        expectKeyFileException(KeyFiles.deeplyNested(50_000), "deep nesting of definite lengths");
        Random random = new Random(7);
        for (int i = 0; i < 20_000; i++) {
            byte[] mutant = KeyFiles.mutate(file, random);
            try {
                KeyFileEnvelope.parse(mutant);
            } catch (IllegalArgumentException e) {
                assertThat(e).hasMessageMatching("(?s).+");
            }
        }
    }

    private void expectKeyFileException(byte[] content, String what) throws IOException {
        Files.write(store.keyFile(), content);
        assertThatThrownBy(() -> LocalStore.open(store.settings()))
                .as(what)
                .isExactlyInstanceOf(KeyFileException.class)
                .hasMessageContaining(store.keyFile().toString());
    }

    @Test
    void anAbsurdIterationCountIsRefusedBeforeAnyWork() throws Exception {
        aKeyFile();
        long start = System.nanoTime();
        for (int iterations : new int[] {PassphraseKey.MAX_ITERATIONS + 1, Integer.MAX_VALUE}) {
            PassphraseKey.Parameters absurd = PassphraseKey.Parameters.fresh(iterations, OsRandom.create());
            byte[] forged = KeyFileEnvelope.seal(
                    new byte[100], new PassphraseKey(absurd, SecretBytes.owning(new byte[32])), OsRandom.create());
            Files.write(store.keyFile(), forged);
            assertThatThrownBy(() -> LocalStore.open(store.settings()))
                    .isInstanceOf(KeyFileException.class)
                    .hasMessageContaining("iteration count");
        }
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(2));
    }

    @Test
    void anAbsurdlyLongFileIsRefusedBeforeItIsRead() throws Exception {
        aKeyFile();
        try (RandomAccessFile sparse = new RandomAccessFile(store.keyFile().toFile(), "rw")) {
            sparse.setLength(1L << 40);
        }
        assertThatThrownBy(() -> LocalStore.open(store.settings()))
                .isInstanceOf(KeyFileException.class)
                .hasMessageContaining("longer");
    }

    @Test
    void aWrongPassphraseAndAMissingSecretSaySo() throws Exception {
        aKeyFile();
        store.setPassphrase("something else");
        assertThatThrownBy(store::service)
                .isInstanceOf(KeyFileException.class)
                .hasMessageContaining("the test")
                .hasMessageNotContaining("something else");
        store.setPassphrase(null);
        String secret = Files.readString(store.directory.resolve("secret"));
        Files.write(store.directory.resolve("secret"), new byte[0]);
        assertThatThrownBy(store::service).isInstanceOf(KeyFileException.class).hasMessageContaining("empty");
        Files.delete(store.directory.resolve("secret"));
        assertThatThrownBy(store::service)
                .isInstanceOf(KeyFileException.class)
                .hasMessageContaining("secret")
                .hasMessageContaining("local.passphrase-file");
        assertThatThrownBy(store::administration).isInstanceOf(KeyFileException.class);
        assertThat(store.directory.resolve("secret")).doesNotExist();
        TestStore.writeOwnerOnly(store.directory.resolve("secret"), secret);
        assertThat(store.service().list()).hasSize(1);
    }

    @Test
    void whatIsNoDirectoryOrNoFileSaysSo() throws Exception {
        Files.createDirectories(store.directory.getParent());
        Files.writeString(store.directory, "a file");
        assertThatThrownBy(store::service)
                .isInstanceOf(KeyFileException.class)
                .hasMessageContaining("must be a directory");
        Files.delete(store.directory);
        Files.createDirectories(store.keyFile());
        assertThatThrownBy(store::service).isInstanceOf(KeyFileException.class).hasMessageContaining("must be a file");
    }

    @Test
    void aFullDiskLeavesTheOldStateAndATypedError() throws Exception {
        byte[] before = aKeyFile();
        LocalKeyAdministration admin = store.administration();
        for (String step : new String[] {"write keys.p7m.tmp", "move keys.p7m.tmp"}) {
            store.files.failAt = step;
            assertThatThrownBy(() -> admin.rotate(ORDERS))
                    .isInstanceOf(KmsUnavailableException.class)
                    .hasRootCauseInstanceOf(IOException.class)
                    .hasMessageContaining("No space left");
            assertThat(Files.readAllBytes(store.keyFile())).isEqualTo(before);
            try (Stream<Path> files = Files.list(store.directory)) {
                assertThat(files).noneMatch(file -> file.toString().endsWith(".tmp"));
            }
        }
        store.files.failAt = "moved keys.p7m.tmp"; // The new file is in place, but that is not known for sure.
        assertThatThrownBy(() -> admin.rotate(ORDERS)).isInstanceOf(KmsUnavailableException.class);
        store.files.failAt = null;
        assertThat(admin.rotate(ORDERS).versions()).hasSize(3);
    }

    @Test
    @DisplayName("RULES 10: what cannot be counted is not encrypted, but still decrypted")
    void withoutWriteAccessKeysStillDecrypt() throws Exception {
        aKeyFile();
        LocalKeyService writer = store.service();
        EncryptedDataKey encrypted = writer.encrypt(ORDERS, new byte[32], CONTEXT);
        store.files.failAt = "write keys.p7m.tmp";
        LocalKeyService reader = store.service();
        reader.decrypt(reader.describe(ORDERS).id(), encrypted, CONTEXT).close();
        assertThatThrownBy(() -> reader.encrypt(ORDERS, new byte[32], CONTEXT))
                .isInstanceOf(KmsUnavailableException.class)
                .matches(e -> ((KmsException) e).isRetryable());
        // What was reserved before may be used up.
        writer.encrypt(ORDERS, new byte[32], CONTEXT).ciphertext();
    }

    @Test
    void staleTemporaryFilesAreHarmless() throws Exception {
        aKeyFile();
        Path stale = store.directory.resolve("keys.p7m.tmp");
        Files.writeString(stale, "half a ke");
        assertThat(store.service().list()).hasSize(1);
        store.administration().rotate(ORDERS);
        assertThat(stale).doesNotExist();
    }

    @Test
    void theTimeOfTheFileAlwaysIncreases() throws Exception {
        aKeyFile();
        LocalKeyAdministration admin = store.administration();
        FileTime future = FileTime.from(Instant.now().plus(Duration.ofDays(1)).truncatedTo(ChronoUnit.SECONDS));
        Files.setLastModifiedTime(store.keyFile(), future);
        for (int i = 1; i <= 3; i++) {
            admin.rotate(ORDERS);
            assertThat(Files.getLastModifiedTime(store.keyFile()))
                    .isEqualTo(FileTime.from(future.toInstant().plusMillis(i)));
        }
    }

    @Test
    void aFileReplacedWithinOneTickOfTheClockIsNoticed() {
        LocalKeyAdministration admin = store.administration();
        KeyId one = admin.createKey(KeySpec.SYMMETRIC_DEFAULT, ORDERS).id();
        KeyId two = admin.createKey(KeySpec.SYMMETRIC_DEFAULT).id();
        LocalKeyService service = store.service();
        for (int i = 0; i < 40; i++) {
            KeyId target = i % 2 == 0 ? two : one; // The same length each time.
            admin.deleteAlias(ORDERS);
            admin.createAlias(ORDERS, target);
            assertThat(service.describe(ORDERS).id()).isEqualTo(target);
        }
    }

    @Test
    @DisplayName("RULES 16, 20: no secret in any text")
    void nothingSecretIsInTexts() throws Exception {
        byte[] file = aKeyFile();
        String secret = Files.readString(store.directory.resolve("secret")).strip();
        StoreState state = store.administration().state();
        byte[] material =
                state.keys().values().iterator().next().current().material().copy();
        StringWriter texts = new StringWriter();
        texts.append(state.toString()).append(store.settings().toString());
        Files.write(store.keyFile(), Arrays.copyOf(file, file.length - 1));
        for (String passphrase : new String[] {null, "hunter22"}) {
            store.setPassphrase(passphrase);
            try {
                store.service();
            } catch (KeyFileException e) {
                e.printStackTrace(new PrintWriter(texts));
            }
        }
        assertThat(texts.toString())
                .contains("KeyFileException")
                .doesNotContain(secret)
                .doesNotContain("hunter22")
                .doesNotContainIgnoringCase(HexFormat.of().formatHex(material))
                .doesNotContain(Base64.getEncoder().encodeToString(material))
                .doesNotContain(Arrays.toString(material));
    }

    @Test
    @DisplayName("RULES 16: a closed or replaced state keeps no key bytes")
    void replacedAndClosedStatesAreWiped() {
        LocalStore opened = LocalStore.open(store.settings());
        LocalKeyAdministration admin = new LocalKeyAdministration(opened);
        admin.createKey(KeySpec.SYMMETRIC_DEFAULT, ORDERS);
        StoreState first = opened.read(state -> state);
        admin.rotate(ORDERS);
        StoreState second = opened.read(state -> state);
        assertThat(first.keys().values())
                .allMatch(key -> key.current().material().isDestroyed());
        assertThat(second.keys().values())
                .noneMatch(key -> key.current().material().isDestroyed());
        admin.close();
        assertThat(second.keys().values())
                .allMatch(key -> key.current().material().isDestroyed());
    }
}
