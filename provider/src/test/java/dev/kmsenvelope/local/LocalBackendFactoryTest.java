package dev.kmsenvelope.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.kms.KmsConfigurationException;
import dev.kmsenvelope.spi.Backends;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.text.MessageFormat;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
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
        Files.writeString(file, "from the file\r\nsecond line\n");
        Map<String, String> environment = Map.of("KMS_ENVELOPE_PASSPHRASE", "from the environment");
        PassphraseSource fromFile = settings(environment, Map.of("local.passphrase-file", file.toString()))
                .passphrase();
        assertThat(fromFile.read()).isEqualTo("from the file".toCharArray());
        assertThat(fromFile.name()).contains(file.toString());
        assertThat(settings(environment, Map.of()).passphrase().read()).isEqualTo("from the environment".toCharArray());
        assertThat(settings(Map.of("KMS_ENVELOPE_PASSPHRASE", ""), Map.of()).passphrase())
                .isNull();
    }

    @Test
    void itIsFoundAndWorksWithAPassphrase() throws Exception {
        Path file = temporary.resolve("passphrase");
        Files.writeString(file, "correct horse\n");
        Configuration configuration = Configuration.of(Map.of(
                "local.directory", temporary.resolve("keys").toString(), "local.passphrase-file", file.toString()));
        configuration.requireKnown(Backends.configurationKeys());
        try (LocalKeyAdministration admin = new LocalBackendFactory().openAdministration(configuration);
                KeyService service = Backends.openService(configuration)) {
            admin.createKey(KeySpec.SYMMETRIC_DEFAULT, ORDERS);
            assertThat(service.name()).isEqualTo("local");
            assertThat(service.describe(ORDERS).aliases()).containsExactly(ORDERS);
        }
        assertThat(temporary.resolve("keys/secret")).doesNotExist();
        int iterations = KeyFileEnvelope.parse(Files.readAllBytes(temporary.resolve("keys/keys.p7m")))
                .derivation()
                .iterations();
        assertThat(iterations).isGreaterThanOrEqualTo(600_000);
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
        List<String> warnings = new ArrayList<>();
        Handler handler = new Handler() {
            @Override
            public void publish(LogRecord entry) {
                warnings.add(MessageFormat.format(entry.getMessage(), entry.getParameters()));
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        Logger logger = Logger.getLogger("dev.kmsenvelope");
        Logger generated = Logger.getLogger(GeneratedSecret.class.getName());
        Level level = generated.getLevel();
        logger.addHandler(handler);
        generated.setLevel(Level.ALL);
        try {
            PassphraseSource.ofFile(file).read();
            PassphraseSource.ofFile(file).read();
            assertThat(warnings)
                    .singleElement()
                    .asString()
                    .contains(file.toString())
                    .doesNotContain("horse");
            warnings.clear();
            TestStore store = new TestStore(temporary.resolve("keys"));
            store.administration().createKey(KeySpec.SYMMETRIC_DEFAULT);
            store.administration().createKey(KeySpec.SYMMETRIC_DEFAULT);
            store.close();
            String secret = Files.readString(temporary.resolve("keys/secret")).strip();
            assertThat(warnings)
                    .singleElement()
                    .asString()
                    .contains("whoever can read this directory can read the keys")
                    .doesNotContain(secret);
        } finally {
            logger.removeHandler(handler);
            generated.setLevel(level);
        }
    }
}
