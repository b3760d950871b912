package dev.kmsenvelope.keystore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.keystore.StoreFileException.Reason;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.KmsConfigurationException;
import dev.kmsenvelope.spi.Backends;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.KeyStoreException;
import java.security.Security;
import java.util.Arrays;
import java.util.Collections;
import java.util.Map;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where keystore files come from and go to, and what is said when they cannot. */
class KeyStoreFileStoreTest {

    private static final SecretKey AES = new SecretKeySpec(new byte[32], "AES");
    private static final char[] PASSWORD = "any password".toCharArray();

    @TempDir
    private Path home;

    private Path file;
    private Configuration settings;

    @BeforeEach
    void name() {
        file = home.resolve("store.kms");
        settings = Configuration.of(Map.of("local.directory", home.toString()));
        Security.addProvider(Fixture.PROVIDER);
    }

    @AfterEach
    void forget() {
        Security.removeProvider(Fixture.PROVIDER.getName());
        System.clearProperty(Configuration.SYSTEM_PROPERTY);
    }

    private KeyStore make(String... aliases) throws Exception {
        KeyStore keyStore = Fixture.load(home);
        for (String alias : aliases) {
            keyStore.setKeyEntry(alias, AES, PASSWORD, null);
        }
        keyStore.store(new KmsLoadStoreParameter(settings, file));
        return load();
    }

    private KeyStore load() throws Exception {
        KeyStore keyStore = Fixture.unloaded();
        keyStore.load(new KmsLoadStoreParameter(settings, file));
        return keyStore;
    }

    private void useSettings(String more) throws IOException {
        System.setProperty(
                Configuration.SYSTEM_PROPERTY,
                Files.writeString(home.resolve("system.properties"), "local.directory = " + home + "\n" + more)
                        .toString());
    }

    @Test
    void theFirstWriteMakesTheKeyOfTheLocalBackend() throws Exception {
        KeyStore keyStore = Fixture.load(home);
        assertThat(home.resolve("keys.p7m")).doesNotExist();

        keyStore.store(new ByteArrayOutputStream(), null);

        try (KeyService service = Backends.openService(Fixture.settings(home))) {
            assertThat(service.describe(KeyId.of("alias/kms-envelope-keystore")))
                    .isNotNull();
        }
    }

    @Test
    void anEmptyStoreIsAFileToo() throws Exception {
        KeyStore keyStore = make();

        assertThat(keyStore.size()).isZero();
        assertThat(Files.readString(file)).startsWith("kms-envelope-keystore 1\n");
    }

    @Test
    void aStreamWithTheFirstLineIsAFile() throws Exception {
        make("tokens");
        useSettings("");
        KeyStore keyStore = Fixture.unloaded();

        try (InputStream in = Files.newInputStream(file)) {
            keyStore.load(in, PASSWORD);
        }

        assertThat(Collections.list(keyStore.aliases())).containsExactly("tokens");
    }

    @Test
    void aConfigurationMayNameAFile() throws Exception {
        make("tokens");

        KeyStore keyStore = Fixture.load("local.directory = " + home + "\nkeystore.file = " + file);
        assertThat(Collections.list(keyStore.aliases())).containsExactly("tokens");

        useSettings("keystore.file = " + file);
        KeyStore withoutStream = Fixture.unloaded();
        withoutStream.load(null, null);
        assertThat(Collections.list(withoutStream.aliases())).containsExactly("tokens");

        KeyStore withLive =
                Fixture.load("local.directory = " + home + "\nkeystore.live = true\nkeystore.file = " + file);
        assertThat(Collections.list(withLive.aliases())).containsExactly("tokens", "alias/kms-envelope-keystore");
    }

    @Test
    void liveAliasesCanBeLeftOutAltogether() throws Exception {
        Fixture.create(home, "alias/demo");

        KeyStore keyStore = Fixture.load("local.directory = " + home + "\nkeystore.live = false");

        assertThat(keyStore.size()).isZero();
        assertThat(keyStore.containsAlias("alias/demo")).isFalse();
        assertThat(keyStore.getKey("alias/demo", null)).isNull();
    }

    @Test
    void aFileThatIsNotThereIsSaid() {
        assertThatThrownBy(this::load)
                .isInstanceOf(IOException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining("kms-envelope keystore create");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "keystore.live = yes              | true or false",
                "keystore.min-generation = -1     | keystore.min-generation",
                "keystore.key = a b               | keystore.key",
                "keystore.usage = HmacSHA256      | AES",
                "keystore.usage = AES/ECB/NoPadding | keystore.usage",
                "keystore.file = ~/store.kms      | only shells expand",
                "keystore.fil = x                 | 'keystore.file'",
            })
    void aWrongSettingIsAnErrorOfLoad(String line, String text) {
        assertThatThrownBy(() -> Fixture.load("local.directory = " + home + "\n" + line))
                .isInstanceOf(IOException.class)
                .hasCauseInstanceOf(KmsConfigurationException.class)
                .hasMessageContaining(text);
    }

    @Test
    void storingToAStreamWritesWhatALoadReads() throws Exception {
        KeyStore keyStore = make("one");
        keyStore.setKeyEntry("two", AES, null, null);
        ByteArrayOutputStream out = new ByteArrayOutputStream();

        keyStore.store(out, PASSWORD);

        Files.write(file, out.toByteArray());
        assertThat(Collections.list(load().aliases())).containsExactly("one", "two");
        keyStore.store(null, null);
    }

    /** So that nothing moves in git when nothing was changed, and whoever may only decrypt can copy. */
    @Test
    void whatWasNotChangedIsWrittenByteForByte() throws Exception {
        KeyStore keyStore = make("one");
        ByteArrayOutputStream out = new ByteArrayOutputStream();

        keyStore.store(out, PASSWORD);

        assertThat(out.toByteArray()).isEqualTo(Files.readAllBytes(file));
    }

    @Test
    void withNothingUnsavedStoringNowhereSucceedsAndElseItSaysWhatToDo() throws Exception {
        KeyStore keyStore = make("one");
        keyStore.store(null, null);
        keyStore.store(null);

        keyStore.setKeyEntry("two", AES, null, null);

        for (ThrowingCallable nowhere :
                new ThrowingCallable[] {() -> keyStore.store(null, PASSWORD), () -> keyStore.store(null)}) {
            assertThatThrownBy(nowhere)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("not stored")
                    .hasMessageContaining("KmsLoadStoreParameter");
        }
        keyStore.store(new KmsLoadStoreParameter(settings));
        keyStore.store(null, null);
        assertThat(Collections.list(load().aliases())).containsExactly("one", "two");
    }

    @Test
    void aFailureToWriteLeavesTheEntriesUnsaved() throws Exception {
        KeyStore keyStore = make("one");
        keyStore.setKeyEntry("two", AES, null, null);
        OutputStream broken = new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("the disk is full");
            }
        };

        assertThatThrownBy(() -> keyStore.store(broken, null)).hasMessage("the disk is full");

        assertThatThrownBy(() -> keyStore.store(null, null)).isInstanceOf(IOException.class);
        keyStore.store(new KmsLoadStoreParameter(settings));
        assertThat(Collections.list(load().aliases())).containsExactly("one", "two");
    }

    @Test
    void ofTwoWritersTheSecondLosesNothingOfTheFirst() throws Exception {
        make("one");
        KeyStore first = load();
        KeyStore second = load();
        first.setKeyEntry("first", AES, null, null);
        second.setKeyEntry("second", AES, null, null);

        first.store(new KmsLoadStoreParameter(settings));

        assertThatThrownBy(() -> second.store(new KmsLoadStoreParameter(settings)))
                .isInstanceOfSatisfying(
                        StoreFileException.class, e -> assertThat(e.reason()).isEqualTo(Reason.CHANGED_MEANWHILE));
        assertThat(Collections.list(load().aliases())).containsExactly("one", "first");
    }

    @Test
    void aFileThatWasNotLoadedIsNotReplaced() throws Exception {
        make("one");
        KeyStore other = Fixture.load(home);
        other.setKeyEntry("other", AES, null, null);

        assertThatThrownBy(() -> other.store(new KmsLoadStoreParameter(settings, file)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("not loaded");
        assertThat(Collections.list(load().aliases())).containsExactly("one");
    }

    @Test
    void aFolderThatIsReadOnlyIsSaidAndTheFileStays() throws Exception {
        Path folder = Files.createDirectory(home.resolve("folder"));
        file = folder.resolve("store.kms");
        KeyStore keyStore = make("one");
        byte[] before = Files.readAllBytes(file);
        keyStore.setKeyEntry("two", AES, null, null);
        assertThat(folder.toFile().setWritable(false)).isTrue();
        try {
            assumeFalse(Files.isWritable(folder), "this user may write everywhere");
            assertThatThrownBy(() -> keyStore.store(new KmsLoadStoreParameter(settings)))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(file.toString());
            assertThat(Files.readAllBytes(file)).isEqualTo(before);
        } finally {
            folder.toFile().setWritable(true);
        }
    }

    /** Not even the superuser makes files here. */
    @Test
    void aPlaceWhereNothingCanBeWrittenIsSaidAndTheEntriesStayUnsaved() throws Exception {
        Path nowhere = Path.of("/proc/store.kms");
        assumeTrue(Files.isDirectory(nowhere.getParent()), "a file system that nobody can write to");
        KeyStore keyStore = make("one");
        keyStore.setKeyEntry("two", AES, null, null);

        assertThatThrownBy(() -> keyStore.store(new KmsLoadStoreParameter(settings, nowhere)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(nowhere.toString());

        assertThatThrownBy(() -> keyStore.store(null, null)).isInstanceOf(IOException.class);
        keyStore.store(new KmsLoadStoreParameter(settings));
        assertThat(Collections.list(load().aliases())).containsExactly("one", "two");
    }

    @Test
    void afterAChangeOnDiskANewLoadShowsIt() throws Exception {
        KeyStore server = make("one");
        KeyStore administrator = load();
        administrator.setKeyEntry("two", AES, null, null);
        administrator.store(new KmsLoadStoreParameter(settings));

        assertThat(server.containsAlias("two")).isFalse();
        server.load(new KmsLoadStoreParameter(settings, file));
        assertThat(server.containsAlias("two")).isTrue();
    }

    @Test
    void everyDamageIsAnErrorOfLoad() throws Exception {
        make("one");
        byte[] good = Files.readAllBytes(file);
        String text = new String(good, StandardCharsets.UTF_8);
        useSettings("");
        byte[][] bad = {
            Arrays.copyOf(good, good.length / 2),
            Arrays.copyOf(good, good.length - 2),
            text.replace("\"one\"", "\"two\"").getBytes(StandardCharsets.UTF_8),
            text.replace("\n", "\r\n").getBytes(StandardCharsets.UTF_8),
            text.replace("keystore 1", "keystore 2").getBytes(StandardCharsets.UTF_8),
            "kms-envelope-keystore 1\n".getBytes(StandardCharsets.UTF_8),
        };
        KeyStore keyStore = load();
        for (byte[] each : bad) {
            assertThatThrownBy(() -> keyStore.load(new ByteArrayInputStream(each), PASSWORD))
                    .isInstanceOf(StoreFileException.class);
        }
        assertThat(keyStore.containsAlias("one"))
                .as("a load that fails leaves what was loaded")
                .isTrue();
    }

    @Test
    void aFileOfAnotherKeyIsRefused() throws Exception {
        make("one");
        Fixture.create(home, "alias/other");

        assertThatThrownBy(() -> Fixture.load(
                        "local.directory = " + home + "\nkeystore.key = alias/other\nkeystore.file = " + file))
                .isInstanceOfSatisfying(
                        StoreFileException.class, e -> assertThat(e.reason()).isEqualTo(Reason.FOREIGN_KEY));
    }

    @Test
    void aKeyThatIsNotThereIsAnErrorOfLoad() throws Exception {
        make("one");

        assertThatThrownBy(() -> Fixture.load(
                        "local.directory = " + home + "\nkeystore.key = alias/none\nkeystore.file = " + file))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("cannot be opened")
                .hasMessageContaining("alias/none");
    }

    @Test
    void anOldFileIsRefusedWhereAGenerationIsRequired() throws Exception {
        make("one");

        assertThat(Fixture.load("local.directory = " + home + "\nkeystore.min-generation = 1\nkeystore.file = " + file)
                        .size())
                .isEqualTo(1);
        assertThatThrownBy(() -> Fixture.load(
                        "local.directory = " + home + "\nkeystore.min-generation = 2\nkeystore.file = " + file))
                .isInstanceOfSatisfying(
                        StoreFileException.class, e -> assertThat(e.reason()).isEqualTo(Reason.OLD_GENERATION));
    }

    @Test
    void anotherBackendHasNoKeyByDefault() throws Exception {
        make("one");

        assertThatThrownBy(() -> Fixture.load("backend = outage\nkeystore.file = " + file))
                .isInstanceOf(IOException.class)
                .hasCauseInstanceOf(KmsConfigurationException.class)
                .hasMessageContaining("keystore.key");
    }

    @Test
    void aFileOfUnknownTypeIsRecognized() throws Exception {
        make("one");
        useSettings("");

        KeyStore keyStore = KeyStore.getInstance(file.toFile(), PASSWORD);

        assertThat(keyStore.getType()).isEqualTo("KMS");
        assertThat(keyStore.containsAlias("one")).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"PKCS12", "JKS", "JCEKS", "BCFKS", "BKS"})
    void foreignFilesAreNotTakenForOnesOfOurs(String type) throws Exception {
        KeyStore foreign = type.startsWith("B")
                ? KeyStore.getInstance(type, new BouncyCastleProvider())
                : KeyStore.getInstance(type);
        foreign.load(null, null);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        foreign.store(out, PASSWORD);

        assertThat(probes(out.toByteArray())).isFalse();
        assertThatThrownBy(() -> Fixture.unloaded().load(new ByteArrayInputStream(out.toByteArray()), PASSWORD))
                .isInstanceOf(IOException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "kms-envelope", "kms-envelope-keystores 1\n", "local.directory = x\n", "{}"})
    void whatIsNoKeystoreIsNotTakenForOne(String content) throws Exception {
        assertThat(probes(content.getBytes(StandardCharsets.UTF_8))).isFalse();
    }

    @Test
    void aLookIsCheap() throws Exception {
        int[] read = {0};
        InputStream endless = new FilterInputStream(new ByteArrayInputStream(new byte[1 << 20])) {
            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                int count = super.read(into, offset, length);
                read[0] += Math.max(0, count);
                return count;
            }
        };

        assertThat(new KmsKeyStoreSpi(Configuration::empty).engineProbe(endless))
                .isFalse();
        assertThat(read[0]).isBetween(1, 64);
    }

    private static boolean probes(byte[] content) throws IOException {
        return new KmsKeyStoreSpi(Configuration::empty).engineProbe(new ByteArrayInputStream(content));
    }

    @Test
    void aFileThatIsNoneOfOursIsNotTakenForAnEmptyOne() throws Exception {
        Files.writeString(file, "");

        assertThatThrownBy(this::load)
                .isInstanceOfSatisfying(
                        StoreFileException.class, e -> assertThat(e.reason()).isEqualTo(Reason.NOT_A_KEYSTORE));
        assertThatThrownBy(() -> KeyStore.getInstance(file.toFile(), PASSWORD)).isInstanceOf(KeyStoreException.class);
    }
}
