package dev.kmsenvelope.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.kms.KeyAdministration;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.kms.KmsConfigurationException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackendsTest {

    @Test
    void anUnknownBackendIsNamed() {
        Configuration configuration = Configuration.of(Map.of("backend", "nowhere"));
        assertThatThrownBy(() -> Backends.openService(configuration))
                .isInstanceOf(KmsConfigurationException.class)
                .hasMessageContaining("'backend' is 'nowhere'");
        assertThatThrownBy(() -> Backends.openAdministration(configuration))
                .isInstanceOf(KmsConfigurationException.class);
        assertThat(Backends.configurationKeys()).contains("backend");
    }

    @Test
    void settingsForAdministrationTakeThePlaceOfThePlainOnes(@TempDir Path directory) {
        Path used = directory.resolve("used");
        Path administered = directory.resolve("administered");
        Configuration configuration = Configuration.of(
                Map.of("local.directory", used.toString(), "administration.local.directory", administered.toString()));
        KeyId alias = KeyId.of("alias/orders");

        try (KeyAdministration administration = Backends.openAdministration(configuration)) {
            administration.createKey(KeySpec.SYMMETRIC_DEFAULT, alias);
        }

        assertThat(administered).isNotEmptyDirectory();
        assertThat(used).doesNotExist();
        try (KeyService service = Backends.openService(configuration)) {
            assertThat(service.list()).isEmpty();
        }
    }

    @Test
    void everySettingOfABackendExistsForAdministrationToo() {
        Set<String> known = Backends.configurationKeys();
        assertThat(known).contains("local.directory", "administration.local.directory");
        assertThatThrownBy(() -> Configuration.of(Map.of("administration.local.directroy", "x"))
                        .requireKnown(known))
                .isInstanceOf(KmsConfigurationException.class)
                .hasMessageContaining("'administration.local.directory'");
        assertThatThrownBy(() -> Configuration.of(Map.of("administration.frame-length", "1"))
                        .requireKnown(known))
                .isInstanceOf(KmsConfigurationException.class);
    }
}
