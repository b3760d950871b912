package dev.kmsenvelope.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.kms.KmsConfigurationException;
import java.util.Map;
import org.junit.jupiter.api.Test;

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
}
