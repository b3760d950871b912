package dev.kmsenvelope.keystore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.keystore.StoreFileException.Reason;
import dev.kmsenvelope.kms.KmsConfigurationException;
import dev.kmsenvelope.local.KeyFileException;
import dev.kmsenvelope.provider.KmsEnvelopeProvider;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.KeyStore.PasswordProtection;
import java.security.KeyStoreException;
import java.security.Provider;
import java.security.UnrecoverableKeyException;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How a KMS KeyStore is loaded, where its settings come from, and what it says when they are wrong. */
class KeyStoreLoadTest {

    private static final char[] PASSWORD = "any password".toCharArray();

    @TempDir
    private Path directory;

    private Path home;

    @BeforeEach
    void createKey() {
        home = directory.resolve("home");
        Fixture.create(home, "alias/demo");
    }

    @AfterEach
    void forgetTheSystemProperty() {
        System.clearProperty(Configuration.SYSTEM_PROPERTY);
    }

    @Test
    void withoutAStreamItTakesTheConfigurationThatTheSystemPropertyNames() throws Exception {
        System.setProperty(
                Configuration.SYSTEM_PROPERTY,
                file("system", "local.directory=" + home).toString());
        KeyStore keyStore = Fixture.unloaded();

        keyStore.load(null, null);
        assertThat(keyStore.containsAlias("alias/demo")).isTrue();

        keyStore.load(null, PASSWORD);
        assertThat(keyStore.containsAlias("alias/demo")).isTrue();

        keyStore.load(null);
        assertThat(keyStore.containsAlias("alias/demo")).isTrue();
    }

    @Test
    void theStreamIsAConfigurationAndThePasswordIsIgnored() throws Exception {
        KeyStore keyStore = Fixture.unloaded();

        keyStore.load(Fixture.stream("# settings\nlocal.directory = " + home), PASSWORD);

        assertThat(keyStore.containsAlias("alias/demo")).isTrue();
        assertThat(Fixture.open(
                        keyStore.getKey("alias/demo", PASSWORD), Fixture.seal(keyStore.getKey("alias/demo", null))))
                .isEqualTo(Fixture.TEXT);
    }

    @Test
    void aParameterHoldsSettingsThatTheProgramMade() throws Exception {
        KeyStore keyStore = Fixture.unloaded();

        keyStore.load(new KmsLoadStoreParameter(Fixture.settings(home)));

        assertThat(keyStore.containsAlias("alias/demo")).isTrue();
    }

    @Test
    void buildersLoadItFromAFileAndWithoutOne() throws Exception {
        Path configuration = file("builder", "local.directory=" + home);
        File file = configuration.toFile();
        System.setProperty(Configuration.SYSTEM_PROPERTY, configuration.toString());
        PasswordProtection protection = new PasswordProtection(PASSWORD);

        KeyStore fromFile = KeyStore.Builder.newInstance("KMS", Fixture.PROVIDER, file, protection)
                .getKeyStore();
        KeyStore withoutFile = KeyStore.Builder.newInstance("KMS", Fixture.PROVIDER, protection)
                .getKeyStore();

        assertThat(fromFile.containsAlias("alias/demo")).isTrue();
        assertThat(withoutFile.containsAlias("alias/demo")).isTrue();
    }

    @Test
    void aConfigurationIsNeverTakenForAKeyStoreOfUnknownType() throws Exception {
        File file = file("probe", "local.directory=" + home).toFile();

        assertThatThrownBy(() -> KeyStore.getInstance(file, PASSWORD)).isInstanceOf(KeyStoreException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"keystore.key=alias/demo", "keystore.min-generation=3"})
    @DisplayName("RULES 18: where a keystore file is pinned, no settings come in its place")
    void aPinnedFileIsNotReplacedBySettings(String pin) throws Exception {
        Path second = directory.resolve("second");
        Fixture.create(second, "alias/second");
        String replacement = "local.directory=" + second;
        Provider withArgument = new KmsEnvelopeProvider()
                .configure(
                        file("argument", "local.directory=" + home + "\n" + pin).toString());
        KeyStore byArgument = KeyStore.getInstance("KMS", withArgument);
        assertNoKeystore(() -> byArgument.load(Fixture.stream(replacement), null));

        System.setProperty(Configuration.SYSTEM_PROPERTY, file("system", pin).toString());
        assertNoKeystore(() -> Fixture.unloaded().load(Fixture.stream(replacement), null));
    }

    @Test
    @DisplayName("RULES 18: a keystore file that was cut to nothing is no empty configuration")
    void anEmptyStreamIsRefused() {
        assertNoKeystore(() -> Fixture.unloaded().load(Fixture.stream(""), null));
    }

    private static AbstractThrowableAssert<?, ?> assertNoKeystore(ThrowingCallable load) {
        return assertThatThrownBy(load)
                .isInstanceOfSatisfying(
                        StoreFileException.class, e -> assertThat(e.reason()).isEqualTo(Reason.NOT_A_KEYSTORE));
    }

    @Test
    void aRefreshHasABound() {
        assertThatThrownBy(() -> Fixture.unloaded().load(Fixture.stream("keystore.refresh=9999999d"), null))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("keystore.refresh");
    }

    @Test
    void theNearerSourceWins() throws Exception {
        Path second = directory.resolve("second");
        Fixture.create(second, "alias/second");
        Path empty = directory.resolve("empty");
        System.setProperty(
                Configuration.SYSTEM_PROPERTY,
                file("system", "local.directory=" + empty).toString());
        Provider withArgument = new KmsEnvelopeProvider()
                .configure(file("argument", "local.directory=" + home).toString());

        KeyStore byArgument = KeyStore.getInstance("KMS", withArgument);
        byArgument.load(Fixture.stream("local.directory=" + second), null);
        assertThat(Collections.list(byArgument.aliases()))
                .as("the argument before the stream")
                .containsExactly("alias/demo");

        byArgument.load(new KmsLoadStoreParameter(Fixture.settings(second)));
        assertThat(Collections.list(byArgument.aliases()))
                .as("the parameter before the argument")
                .containsExactly("alias/second");

        assertThat(Collections.list(Fixture.load(second).aliases()))
                .as("the stream before the property")
                .containsExactly("alias/second");
        KeyStore byProperty = Fixture.unloaded();
        byProperty.load(null, null);
        assertThat(byProperty.size()).as("the property alone").isZero();
    }

    @Test
    void sourcesAreMergedSettingBySetting() throws Exception {
        System.setProperty(
                Configuration.SYSTEM_PROPERTY,
                file("system", "local.directory=" + home).toString());

        KeyStore keyStore = Fixture.load("key.alias/demo.usage = decrypt");

        assertThatThrownBy(() -> Fixture.seal(keyStore.getKey("alias/demo", null)))
                .isInstanceOf(java.security.InvalidKeyException.class)
                .hasMessageContaining("may not encrypt");
    }

    @Test
    void aKeyIdIsNoWayAroundTheSettingsOfItsAlias() throws Exception {
        Path other = directory.resolve("other");
        String id = Fixture.create(other, "alias/x").id().value();
        String store = "local.directory = " + other + "\n";

        KeyStore byAlias = Fixture.load(store + "key.alias/x.usage = decrypt");
        assertThatThrownBy(() -> byAlias.getKey(id, null))
                .isInstanceOf(UnrecoverableKeyException.class)
                .hasMessageContaining("key.alias/x.*");

        KeyStore byId = Fixture.load(store + "key." + id + ".usage = decrypt");
        for (String name : List.of(id, "alias/x")) {
            assertThatThrownBy(() -> Fixture.seal(byId.getKey(name, null)))
                    .as(name)
                    .isInstanceOf(java.security.InvalidKeyException.class)
                    .hasMessageContaining("may not encrypt");
        }
        assertThat(Fixture.seal(Fixture.load(store).getKey(id, null))).isNotEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "local.directroy, 'local.directory'",
        "LOCAL.DIRECTORY, 'local.directory'",
        "key.alias/demo.usag, 'key.*.usage'",
        "backends, 'backend'",
    })
    void anUnknownSettingIsAnErrorThatNamesTheNearest(String name, String nearest) {
        assertThatThrownBy(() -> Fixture.load(name + " = x"))
                .isInstanceOf(IOException.class)
                .hasCauseInstanceOf(KmsConfigurationException.class)
                .hasMessageContaining("there is no setting '" + name + "'; the nearest one is '" + nearest + "'");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "backend = loca                      | must be application or aws or hierarchical or local",
                "frame-length = 0                    | frame-length",
                "decrypt.hold = 1 GB                 | decrypt.hold",
                "engine = NoSuchProvider             | NoSuchProvider",
                "key.alias/demo.usage = both         | must be encrypt or decrypt",
                "key.alias/demo.decrypt-keys = a b   | must be a list of keys",
                "key.alias\\u00e4.usage = encrypt    | names no key",
                "key.alias/demo.context.aws-crypto-public-key = x | encryption context",
                "local.directory = a\\u0000b         | must be a path",
            })
    void aWrongValueIsAnErrorOfLoad(String line, String text) {
        assertThatThrownBy(() -> Fixture.load(line))
                .isInstanceOf(IOException.class)
                .hasCauseInstanceOf(KmsConfigurationException.class)
                .hasMessageContaining(text);
    }

    @Test
    void aConfigurationInAnotherEncodingIsRefusedInsteadOfNamingAnotherDirectory() throws Exception {
        byte[] latin1 = "local.directory = /tmp/schl\u00fcssel".getBytes(StandardCharsets.ISO_8859_1);
        KeyStore keyStore = Fixture.unloaded();

        assertThatThrownBy(() -> keyStore.load(new ByteArrayInputStream(latin1), null))
                .isInstanceOf(IOException.class)
                .hasCauseInstanceOf(KmsConfigurationException.class)
                .hasMessageContaining("not UTF-8");
    }

    @ParameterizedTest
    @ValueSource(strings = {"PKCS12", "JKS", "JCEKS"})
    void aKeystoreOfAnotherKindIsNamed(String type) throws Exception {
        KeyStore other = KeyStore.getInstance(type);
        other.load(null, null);
        other.setCertificateEntry("ca", Pairs.certificate(Pairs.ec(), "ca"));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        other.store(out, PASSWORD);
        byte[] bytes = out.toByteArray();

        assertNoKeystore(() -> Fixture.unloaded().load(new ByteArrayInputStream(bytes), PASSWORD))
                .hasMessageContaining("looks like a keystore of type " + type);
        System.setProperty(
                Configuration.SYSTEM_PROPERTY,
                file("system", "keystore.key=alias/demo").toString());
        assertNoKeystore(() -> Fixture.unloaded().load(new ByteArrayInputStream(bytes), PASSWORD))
                .hasMessageContaining("keystore.key")
                .hasMessageContaining("looks like a keystore of type " + type);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Kms-envelope-keystore 1\n{}\nmac AA==\n", "\0\1\2", "garbage", "\\uZZZZ"})
    void whatIsNeitherAKeystoreFileNorAConfigurationSaysSo(String content) {
        assertThatThrownBy(() -> Fixture.load(content))
                .isInstanceOf(IOException.class)
                .hasCauseInstanceOf(KmsConfigurationException.class)
                .hasMessageContaining("read as a configuration, for it does not start with 'kms-envelope-keystore'");
    }

    @Test
    void aStreamThatIsTooLongIsNotCutAndUsed() {
        String settings = "local.directory=" + home + "\n";

        assertThatThrownBy(() -> Fixture.load(settings + "#".repeat(16 << 20)))
                .isInstanceOfSatisfying(
                        StoreFileException.class, e -> assertThat(e.reason()).isEqualTo(Reason.TOO_LARGE));
    }

    @Test
    void aFailureWhileTheStreamIsReadPasses() {
        assertThatThrownBy(() -> Fixture.unloaded().load(new BrokenStream(), null))
                .isInstanceOf(IOException.class)
                .hasMessage("the disk is on fire");
    }

    @Test
    void nothingWorksBeforeItIsLoadedOrWhenLoadingFailed() throws Exception {
        KeyStore keyStore = Fixture.unloaded();
        assertThatThrownBy(keyStore::size).isInstanceOf(KeyStoreException.class);
        assertThatThrownBy(() -> keyStore.getKey("alias/demo", null)).isInstanceOf(KeyStoreException.class);
        assertThatThrownBy(() -> keyStore.store(null, null)).isInstanceOf(KeyStoreException.class);

        assertThatThrownBy(() -> keyStore.load(Fixture.stream("backend = none"), null))
                .isInstanceOf(IOException.class);

        assertThatThrownBy(keyStore::aliases).isInstanceOf(KeyStoreException.class);
    }

    @Test
    void aLoadThatFailsLeavesWhatWasLoadedBefore() throws Exception {
        KeyStore keyStore = Fixture.load(home);

        assertThatThrownBy(() -> keyStore.load(Fixture.stream("backend = none"), null))
                .isInstanceOf(IOException.class);

        assertThat(keyStore.containsAlias("alias/demo")).isTrue();
    }

    @Test
    void aDamagedKeyFileIsAnErrorOfLoad() throws Exception {
        Files.writeString(home.resolve("keys.p7m"), "not a key file");

        assertLoadFails("local.directory = " + home, home.resolve("keys.p7m").toString());
    }

    @Test
    void aMissingSecretIsAnErrorOfLoad() throws Exception {
        Files.delete(home.resolve("secret"));

        assertLoadFails("local.directory = " + home, "that opens it does not");
    }

    @Test
    void aWrongPassphraseIsAnErrorOfLoad() throws Exception {
        Path passphrase = file("passphrase", "wrong\n");

        assertLoadFails(
                "local.directory = " + home + "\nlocal.passphrase-file = " + passphrase,
                "does not open with the passphrase");
    }

    @Test
    void aMissingPassphraseFileIsAnErrorOfLoad() {
        Path missing = directory.resolve("missing");

        assertThatThrownBy(() -> Fixture.load("local.directory = " + home + "\nlocal.passphrase-file = " + missing))
                .isInstanceOf(IOException.class)
                .hasCauseInstanceOf(KmsConfigurationException.class)
                .hasMessageContaining(missing.toString());
    }

    private static void assertLoadFails(String configuration, String text) {
        assertThatThrownBy(() -> Fixture.load(configuration))
                .isInstanceOf(IOException.class)
                .hasCauseInstanceOf(KeyFileException.class)
                .hasMessageContaining("the KMS keystore cannot be opened: ")
                .hasMessageContaining(text);
    }

    @Test
    void withoutAKeyStoreItIsEmptyAndMakesNone() throws Exception {
        Path nothing = directory.resolve("nothing");

        KeyStore keyStore = Fixture.load(nothing);

        assertThat(keyStore.size()).isZero();
        assertThat(keyStore.getKey("alias/demo", null)).isNull();
        assertThat(nothing).doesNotExist();
    }

    @Test
    void theTypeIsFoundWhateverItsCase() throws GeneralSecurityException {
        assertThat(KeyStore.getInstance("kms", Fixture.PROVIDER).getType()).isEqualTo("kms");
    }

    @Test
    void aParameterKeepsItsSettings() {
        Configuration settings = Configuration.of(Map.of("backend", "local"));

        KmsLoadStoreParameter parameter = new KmsLoadStoreParameter(settings);

        assertThat(parameter.configuration()).isEqualTo(settings);
        assertThat(parameter.getProtectionParameter()).isNull();
    }

    private Path file(String name, String content) throws IOException {
        return Files.writeString(directory.resolve(name + ".properties"), content);
    }

    private static final class BrokenStream extends InputStream {
        @Override
        public int read() throws IOException {
            throw new IOException("the disk is on fire");
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            return read();
        }
    }
}
