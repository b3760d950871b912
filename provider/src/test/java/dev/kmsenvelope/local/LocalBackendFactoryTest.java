package dev.kmsenvelope.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.kms.KmsConfigurationException;
import dev.kmsenvelope.spi.Backends;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalBackendFactoryTest {

    private static final KeyId ORDERS = KeyId.of("alias/orders");

    @TempDir
    Path temporary;

    private StoreSettings settings(Map<String, String> environment, Map<String, String> configuration) {
        return new LocalBackendFactory(environment).settings(Configuration.of(configuration));
    }

    @Test
    void theDirectoryComesFromTheSettingThenTheEnvironmentThenTheHome() {
        Map<String, String> environment = Map.of("KMS_ENVELOPE_HOME", "/from/environment");
        assertThat(settings(environment, Map.of("local.directory", "/from/setting"))
                        .directory())
                .isEqualTo(Path.of("/from/setting"));
        assertThat(settings(environment, Map.of()).directory()).isEqualTo(Path.of("/from/environment"));
        assertThat(settings(Map.of(), Map.of()).directory())
                .isEqualTo(Path.of(System.getProperty("user.home"), ".kms-envelope"));
    }

    @Test
    void thePassphraseComesFromTheFileThenTheEnvironment() throws Exception {
        Path file = temporary.resolve("passphrase");
        TestStore.writeOwnerOnly(file, "from the file\r\nsecond line\n");
        Map<String, String> environment = Map.of("KMS_ENVELOPE_PASSPHRASE", "from the environment");
        PassphraseSource fromFile = settings(environment, Map.of("local.passphrase-file", file.toString()))
                .passphrase();
        assertThat(fromFile.read()).isEqualTo("from the file".toCharArray());
        assertThat(fromFile.name()).contains(file.toString());
        assertThat(settings(environment, Map.of()).passphrase().read()).isEqualTo("from the environment".toCharArray());
        assertThat(settings(Map.of(), Map.of()).passphrase()).isNull();
        assertThatThrownBy(() -> settings(Map.of("KMS_ENVELOPE_PASSPHRASE", ""), Map.of()))
                .as("a passphrase that could not be fetched must not become a generated secret")
                .isInstanceOf(KmsConfigurationException.class)
                .hasMessageContaining("set but empty");
        assertThatThrownBy(() -> settings(Map.of("KMS_ENVELOPE_PASSPHRASE", "m\uFFFDller"), Map.of()))
                .as("what the locale cannot decode")
                .isInstanceOf(KmsConfigurationException.class)
                .hasMessageContaining("locale");
    }

    @Test
    void aTildeIsNotTakenForADirectoryOfThatName() {
        for (String path : List.of("~", "~/keys")) {
            assertThatThrownBy(() -> settings(Map.of(), Map.of("local.directory", path)))
                    .isInstanceOf(KmsConfigurationException.class)
                    .hasMessageContaining("local.directory");
        }
    }

    @Test
    void aDamagedKeyFileCanBeReplacedByABackup() throws Exception {
        Path keys = temporary.resolve("keys");
        Configuration configuration = Configuration.of(Map.of("local.directory", keys.toString()));
        LocalBackendFactory factory = new LocalBackendFactory(Map.of());
        Path backup = temporary.resolve("backup");
        char[] passphrase = "backup".toCharArray();
        try (LocalKeyAdministration administration = factory.openAdministration(configuration)) {
            administration.createKey(KeySpec.SYMMETRIC_DEFAULT, ORDERS);
            administration.backup(backup, passphrase);
        }
        Files.writeString(keys.resolve("keys.p7m"), "damaged");
        assertThatThrownBy(() -> factory.openService(configuration)).isInstanceOf(KeyFileException.class);

        try (LocalKeyAdministration administration = factory.openAdministration(configuration)) {
            assertThatThrownBy(() -> administration.rotate(ORDERS)).isInstanceOf(KeyFileException.class);
            administration.restore(backup, passphrase, true);
        }
        try (KeyService service = factory.openService(configuration)) {
            assertThat(service.describe(ORDERS).aliases()).containsExactly(ORDERS);
        }
    }

    @Test
    void guessingAPassphraseIsExpensive() {
        StoreSettings settings = settings(Map.of(), Map.of());
        assertThat(settings.iterations()).isEqualTo(600_000);
        assertThat(settings.secretIterations()).isEqualTo(4096);
    }

    @Test
    void itIsFoundAndWorksWithAPassphrase() throws Exception {
        Path file = temporary.resolve("passphrase");
        TestStore.writeOwnerOnly(file, "correct horse\n");
        Configuration configuration = Configuration.of(Map.of(
                "local.directory", temporary.resolve("keys").toString(), "local.passphrase-file", file.toString()));
        configuration.requireKnown(Backends.configurationKeys());
        TestStore store = new TestStore(temporary.resolve("keys")); // Does less work for its passphrase.
        store.setPassphrase("correct horse");
        store.administration().createKey(KeySpec.SYMMETRIC_DEFAULT, ORDERS);
        store.close();
        try (LocalKeyAdministration admin = new LocalBackendFactory().openAdministration(configuration);
                KeyService service = Backends.openService(configuration)) {
            admin.rotate(ORDERS);
            assertThat(service.name()).isEqualTo("local");
            assertThat(service.describe(ORDERS).aliases()).containsExactly(ORDERS);
        }
        assertThat(temporary.resolve("keys/secret")).doesNotExist();
        int iterations = KeyFileEnvelope.parse(Files.readAllBytes(temporary.resolve("keys/keys.p7m")))
                .derivation()
                .iterations();
        assertThat(iterations).isEqualTo(store.settings().iterations());
        Files.delete(file);
        assertThatThrownBy(() -> Backends.openService(configuration))
                .isInstanceOf(KmsConfigurationException.class)
                .hasMessageContaining(file.toString());
    }

    @Test
    void whoMayReadWhatIsSaidOnce() throws Exception {
        Path file = temporary.resolve("passphrase");
        Files.writeString(file, "correct horse\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        try (Warnings warnings = new Warnings()) {
            PassphraseSource.ofFile(file).read();
            PassphraseSource.ofFile(file).read();
            assertThat(warnings.texts)
                    .singleElement()
                    .asString()
                    .contains(file.toString())
                    .doesNotContain("horse");
        }
        try (Warnings warnings = new Warnings();
                TestStore store = new TestStore(temporary.resolve("keys"))) {
            store.administration().createKey(KeySpec.SYMMETRIC_DEFAULT);
            store.administration().createKey(KeySpec.SYMMETRIC_DEFAULT);
            String secret = Files.readString(temporary.resolve("keys/secret")).strip();
            assertThat(warnings.texts)
                    .singleElement()
                    .asString()
                    .contains("whoever can read this directory can read the keys")
                    .doesNotContain(secret);
        }
    }

    @Test
    void whoMayWriteWhatIsSaidOnce() throws Exception {
        TestStore store = new TestStore(temporary.resolve("keys"));
        store.administration().createKey(KeySpec.SYMMETRIC_DEFAULT);
        try (Warnings warnings = new Warnings()) {
            store.service();
            assertThat(warnings.texts).isEmpty();
            Files.setPosixFilePermissions(store.directory, PosixFilePermissions.fromString("rwxrwx---"));
            Files.setPosixFilePermissions(store.keyFile(), PosixFilePermissions.fromString("rw-----w-"));
            store.service();
            store.service();
            assertThat(warnings.texts)
                    .hasSize(2)
                    .allMatch(text -> text.contains("can be written by other users"))
                    .anyMatch(text -> text.startsWith(store.keyFile() + " "))
                    .anyMatch(text -> text.startsWith(store.directory + " "));

            warnings.texts.clear();
            Path secret = store.directory.resolve("secret");
            PosixFileAttributes attributes = Files.readAttributes(secret, PosixFileAttributes.class);
            String me = attributes.owner().getName();
            WriteAccess.warn(secret, attributes, me);
            WriteAccess.warn(secret, attributes, "?"); // In a container without a list of users.
            assertThat(warnings.texts).isEmpty();
            WriteAccess.warn(secret, ownedBy("mallory", attributes), "alice");
            WriteAccess.warn(secret, ownedBy("mallory", attributes), "alice");
            assertThat(warnings.texts).singleElement().asString().contains(secret + " belongs to mallory", "alice");
        } finally {
            store.close();
        }
    }

    /** The attributes of a file with another owner. */
    private static PosixFileAttributes ownedBy(String name, PosixFileAttributes attributes) {
        UserPrincipal owner = () -> name;
        return (PosixFileAttributes) Proxy.newProxyInstance(
                LocalBackendFactoryTest.class.getClassLoader(),
                new Class<?>[] {PosixFileAttributes.class},
                (proxy, method, arguments) ->
                        method.getName().equals("owner") ? owner : method.invoke(attributes, arguments));
    }
}
