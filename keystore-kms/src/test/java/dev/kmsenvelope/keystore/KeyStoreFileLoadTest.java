package dev.kmsenvelope.keystore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.keystore.StoreFileException.Reason;
import dev.kmsenvelope.kms.KmsConfigurationException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.KeyStore;
import java.security.KeyStoreException;
import java.util.Arrays;
import java.util.Collections;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where keystore files come from, and which are refused. */
class KeyStoreFileLoadTest extends KeyStoreFileStoreCase {

    private void useSettings(String more) throws IOException {
        System.setProperty(
                Configuration.SYSTEM_PROPERTY,
                Files.writeString(home.resolve("system.properties"), "local.directory = " + home + "\n" + more)
                        .toString());
    }

    private static boolean probes(byte[] content) throws IOException {
        return new KmsKeyStoreSpi(Configuration::empty).engineProbe(new ByteArrayInputStream(content));
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

    @Test
    void aFileThatIsNoneOfOursIsNotTakenForAnEmptyOne() throws Exception {
        Files.writeString(file, "");

        assertThatThrownBy(this::load)
                .isInstanceOfSatisfying(
                        StoreFileException.class, e -> assertThat(e.reason()).isEqualTo(Reason.NOT_A_KEYSTORE));
        assertThatThrownBy(() -> KeyStore.getInstance(file.toFile(), PASSWORD)).isInstanceOf(KeyStoreException.class);
    }
}
