package dev.kmsenvelope.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmsenvelope.engine.EngineSettings;
import dev.kmsenvelope.kms.KmsConfigurationException;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigurationTest {

    private static Configuration of(String name, String value) {
        return Configuration.of(Map.of(name, value));
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "65536, 65536",
        "1B, 1",
        "64KiB, 65536",
        "4MiB, 4194304",
        "1GiB, 1073741824",
        "4 MiB, 4194304",
        "' 7 ', 7",
        "8589934591GiB, 9223372035781033984"
    })
    void sizes(String text, long bytes) {
        assertThat(of("x", text).getBytes("x", -1, 0, Long.MAX_VALUE)).isEqualTo(bytes);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-1",
                "1.5MiB",
                "64KB",
                "64kib",
                "64K",
                "MiB",
                "0x10",
                "1e3",
                "٣",
                "9999999999GiB",
                "8589934592GiB",
                "9223372036854775808",
                "1 2",
                "1,000"
            })
    void badSizes(String text) {
        assertThatThrownBy(() -> of("x", text).getBytes("x", -1, 0, Long.MAX_VALUE))
                .isInstanceOf(KmsConfigurationException.class)
                .hasMessageContaining("'x'")
                .hasMessageContaining(text);
    }

    @Test
    void rangesAreInclusive() {
        assertThat(of("x", "10").getBytes("x", 0, 10, 10)).isEqualTo(10);
        assertThat(of("x", "10").getInt("x", 0, 10, 10)).isEqualTo(10);
        assertThat(of("x", "-3").getInt("x", 0, -3, 10)).isEqualTo(-3);
        for (String text : List.of("9", "11", "2147483648", "ten", "1.0")) {
            assertThatThrownBy(() -> of("x", text).getBytes("x", 0, 10, 10))
                    .isInstanceOf(KmsConfigurationException.class);
            assertThatThrownBy(() -> of("x", text).getInt("x", 0, 10, 10))
                    .isInstanceOf(KmsConfigurationException.class)
                    .hasMessageContaining("from 10 to 10");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "500ms, PT0.5S",
        "30s, PT30S",
        "5m, PT5M",
        "1h, PT1H",
        "90d, P90D",
        "5M, PT5M",
        "999999999d, P999999999D",
        "0s, PT0S"
    })
    void durations(String text, Duration duration) {
        assertThat(of("x", text).getDuration("x", Duration.ZERO)).isEqualTo(duration);
    }

    @ParameterizedTest
    @ValueSource(strings = {"5", "-5s", "5 s", "1.5h", "5w", "PT5M", "9999999999s", "s"})
    void badDurations(String text) {
        assertThatThrownBy(() -> of("x", text).getDuration("x", Duration.ZERO))
                .isInstanceOf(KmsConfigurationException.class)
                .hasMessageContaining("90d");
    }

    @Test
    void whatIsNotSetOrBlankIsTheFallback() {
        for (Configuration configuration : List.of(Configuration.empty(), of("x", ""), of("x", "  "))) {
            assertThat(configuration.get("x")).isEmpty();
            assertThat(configuration.getInt("x", 5, 0, 1)).isEqualTo(5);
            assertThat(configuration.getBytes("x", 5, 0, 1)).isEqualTo(5);
            assertThat(configuration.getDuration("x", Duration.ofDays(1))).isEqualTo(Duration.ofDays(1));
        }
    }

    @Test
    void theFirstOfTwoPrevails() {
        Configuration own = Configuration.of(Map.of("a", "1", "b", "2"));
        Configuration others = Configuration.of(Map.of("b", "3", "c", "4"));

        assertThat(own.orElse(others).asMap()).isEqualTo(Map.of("a", "1", "b", "2", "c", "4"));
        assertThat(others.orElse(own).asMap()).isEqualTo(Map.of("a", "1", "b", "3", "c", "4"));
        assertThat(own.orElse(Configuration.empty())).isEqualTo(own).hasSameHashCodeAs(own);
        assertThat(Configuration.empty().orElse(own)).isEqualTo(own);
        assertThatThrownBy(() -> own.asMap().put("d", "5")).isInstanceOf(UnsupportedOperationException.class);
        assertThat(Configuration.of(Map.of("name", "topsecret"))).hasToString("Configuration[name]");
    }

    @Test
    void whatResemblesNoSettingIsNotRepeatedForItMayBeAPassphraseFile() {
        assertThatThrownBy(() -> of("hunter2-horse", "battery").requireKnown(List.of("frame-length", "engine")))
                .isInstanceOf(KmsConfigurationException.class)
                .hasMessageNotContainingAny("hunter2", "battery")
                .hasMessageContaining("resembles none");
    }

    @ParameterizedTest
    @CsvSource({
        "frame-lenght, frame-length",
        "decrypt.holds, decrypt.hold",
        "Engine, engine",
        "key.alias/x.contxt, key.*.context",
        "key..context, key.*.context"
    })
    void unknownNamesAreRefusedWithTheNearestKnownOne(String name, String nearest) {
        List<String> known = List.of("frame-length", "decrypt.hold", "engine", "key.*.context");
        assertThatThrownBy(() -> of(name, "1").requireKnown(known))
                .isInstanceOf(KmsConfigurationException.class)
                .hasMessageContaining("'" + name + "'")
                .hasMessageContaining("'" + nearest + "'");
        Configuration.of(Map.of("engine", "1", "key.alias/x.context", "2", "key.*.context", "3"))
                .requireKnown(known);
        assertThatThrownBy(() -> of("decryptXhold", "1").requireKnown(known))
                .as("a dot is a dot")
                .isInstanceOf(KmsConfigurationException.class);
    }

    /** To look for the nearest setting, or for patterns in it, would take minutes. */
    @ParameterizedTest
    @ValueSource(strings = {"x", "service.x.key.x", "key..key."})
    void aNameThatIsTooLongIsNoSetting(String part) throws Exception {
        byte[] longest =
                (part.repeat(4096 / part.length() + 1).substring(0, 4096) + " = 1").getBytes(StandardCharsets.UTF_8);
        byte[] enormous = part.repeat((16 << 20) / part.length()).getBytes(StandardCharsets.UTF_8);

        Configuration read = Configuration.read(new ByteArrayInputStream(longest));

        assertThatThrownBy(() -> read.requireKnown(List.of("engine", "key.*.context", "service.*.key.*.context")))
                .isInstanceOf(KmsConfigurationException.class)
                .hasMessageContaining("nearest");
        assertThatThrownBy(() -> Configuration.read(new ByteArrayInputStream(enormous)))
                .isInstanceOf(KmsConfigurationException.class)
                .hasMessageContaining("more than 4096 characters")
                .hasMessageNotContaining(part.repeat(10));
    }

    @Test
    void filesAreUtf8Properties(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("settings");
        Files.writeString(file, "# a comment\na = ä \nb:\\u00FC\n\nc\n");
        assertThat(Configuration.read(file.toString()).asMap()).isEqualTo(Map.of("a", "ä", "b", "ü", "c", ""));

        for (String missing : List.of(directory.resolve("none").toString(), directory.toString(), "\0")) {
            assertThatThrownBy(() -> Configuration.read(missing)).isInstanceOf(KmsConfigurationException.class);
        }
        byte[] bad = "a=\\uZZZZ".getBytes(StandardCharsets.UTF_8);
        assertThatThrownBy(() -> Configuration.read(new ByteArrayInputStream(bad)))
                .isInstanceOf(KmsConfigurationException.class);
    }

    @Test
    void theEngineReadsItsSettings() {
        EngineSettings defaults = EngineSettings.of(Configuration.empty());
        assertThat(defaults.frameLength()).isEmpty();
        assertThat(defaults.holdLimit()).isEqualTo(4 << 20);
        assertThat(defaults.limits().maxEncryptedDataKeys()).isEqualTo(16);
        assertThat(defaults.limits().maxFrameLength()).isEqualTo(16 << 20);
        assertThat(defaults.gcm().getName()).isEqualTo("SunJCE");

        EngineSettings settings = EngineSettings.of(Configuration.of(Map.of(
                "frame-length", "4KiB",
                "decrypt.hold", "0",
                "decrypt.max-encrypted-data-keys", "65535",
                "decrypt.max-header", "1GiB",
                "decrypt.max-frame-length", "1GiB",
                "engine", "SunJCE")));
        assertThat(settings.frameLength()).hasValue(4096);
        assertThat(settings.holdLimit()).isZero();
        assertThat(settings.limits().maxFrameLength()).isEqualTo(1 << 30);

        for (Map.Entry<String, String> wrong : Map.of(
                        "frame-length", "0",
                        "decrypt.hold", "2GiB",
                        "decrypt.max-encrypted-data-keys", "65536",
                        "decrypt.max-header", "255",
                        "decrypt.max-frame-length", "0",
                        "engine", "SUN")
                .entrySet()) {
            assertThatThrownBy(() -> EngineSettings.of(of(wrong.getKey(), wrong.getValue())))
                    .isInstanceOf(KmsConfigurationException.class)
                    .hasMessageContaining("'" + wrong.getKey() + "' is '" + wrong.getValue() + "'");
        }
    }
}
