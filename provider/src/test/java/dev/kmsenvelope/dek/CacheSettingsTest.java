package dev.kmsenvelope.dek;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.dek.CacheSettings.Limits;
import dev.kmsenvelope.kms.KmsConfigurationException;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CacheSettingsTest {

    @Test
    @DisplayName("The defaults are those of the documentation")
    void defaults() {
        Limits limits = new Limits(Duration.ofMinutes(5), 1_048_576, 68_719_476_736L);
        assertThat(CacheSettings.DEFAULT)
                .isEqualTo(new CacheSettings(limits, limits, 10_000, Duration.ZERO, Duration.ofSeconds(1)));
        assertThat(CacheSettings.DEFAULT.allowCaching()).isTrue();
    }

    @Test
    @DisplayName("Each setting is read; those for decryption follow those for encryption unless they are set")
    void read() {
        CacheSettings settings = CacheSettings.of(Configuration.of(Map.of(
                "cache.max-age", "10m",
                "cache.max-messages", "4294967296",
                "cache.max-bytes", "1TiB",
                "cache.decrypt.max-messages", "7",
                "cache.max-entries", "5",
                "cache.grace", "1h",
                "cache.max-failure-age", "0s")));
        assertThat(settings)
                .isEqualTo(new CacheSettings(
                        new Limits(Duration.ofMinutes(10), 1L << 32, 1L << 40),
                        new Limits(Duration.ofMinutes(10), 7, 1L << 40),
                        5,
                        Duration.ofHours(1),
                        Duration.ZERO));
        CacheSettings off = CacheSettings.of(Configuration.of(Map.of("cache.max-age", "0s")));
        assertThat(off.allowCaching()).isFalse();
        CacheSettings reading =
                CacheSettings.of(Configuration.of(Map.of("cache.max-age", "0s", "cache.decrypt.max-age", "1m")));
        assertThat(reading.encryption().allowCaching()).isFalse();
        assertThat(reading.allowCaching()).isTrue();
    }

    @ParameterizedTest
    @DisplayName("What is wrong is said with the name of the setting")
    @CsvSource({
        "cache.max-age, 31d",
        "cache.max-age, -1s",
        "cache.max-messages, 0",
        "cache.max-messages, 4294967297",
        "cache.max-messages, 99999999999999999999",
        "cache.max-bytes, 0",
        "cache.max-bytes, 1025TiB",
        "cache.max-bytes, 9999999999TiB",
        "cache.decrypt.max-age, soon",
        "cache.decrypt.max-bytes, many",
        "cache.max-entries, 0",
        "cache.grace, 31d",
        "cache.max-failure-age, 61s"
    })
    void wrong(String name, String value) {
        assertThatThrownBy(() -> CacheSettings.of(Configuration.of(Map.of(name, value))))
                .isInstanceOf(KmsConfigurationException.class)
                .hasMessageContaining("'" + name + "'")
                .hasMessageContaining(value);
    }
}
