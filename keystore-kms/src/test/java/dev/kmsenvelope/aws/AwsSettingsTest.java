package dev.kmsenvelope.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.kms.KmsConfigurationException;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AwsSettingsTest {

    private static AwsSettings of(String... pairs) {
        Map<String, String> values = new java.util.HashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            values.put(pairs[i], pairs[i + 1]);
        }
        return AwsSettings.of(Configuration.of(values));
    }

    @Test
    void everythingHasADefault() {
        AwsSettings settings = of();
        assertThat(settings.region()).isNull();
        assertThat(settings.endpoint()).isNull();
        assertThat(settings.profile()).isNull();
        assertThat(settings.timeout()).isEqualTo(Duration.ofSeconds(10));
        assertThat(settings.retries()).isEqualTo(2);
        assertThat(settings.aliasMaxAge()).isEqualTo(Duration.ofMinutes(1));
        assertThat(settings.fips()).isFalse();
        assertThat(settings.grantTokens()).isEmpty();
    }

    @Test
    void grantTokensAreSeparatedByCommas() {
        assertThat(of("aws.grant-tokens", "a, b").grantTokens()).containsExactly("a", "b");
    }

    @ParameterizedTest
    @CsvSource({
        "aws.region, EU West",
        "aws.region, eu-west-1.evil.example",
        "aws.endpoint, kms.eu-west-1.amazonaws.com",
        "aws.endpoint, ftp://kms.eu-west-1.amazonaws.com",
        "aws.endpoint, https://user:pass@kms.eu-west-1.amazonaws.com",
        "aws.endpoint, https://kms.eu-west-1.amazonaws.com?a=b",
        "aws.endpoint, https://kms.eu-west-1.amazonaws.com#a",
        "aws.endpoint, https:///path",
        "aws.endpoint, 'https://a b'",
        "aws.timeout, 0s",
        "aws.timeout, 11m",
        "aws.timeout, soon",
        "aws.retries, -1",
        "aws.retries, 11",
        "aws.retries, many",
        "aws.alias-max-age, 2d",
        "aws.fips, yes",
        "aws.grant-tokens, 'a,,b'",
        "aws.grant-tokens, '1,2,3,4,5,6,7,8,9,10,11'",
    })
    void aWrongValueIsNamed(String name, String value) {
        assertThatThrownBy(() -> of(name, value))
                .isInstanceOf(KmsConfigurationException.class)
                .hasMessageContaining(name);
    }

    @Test
    void grantTokensAreNotShown() {
        assertThatThrownBy(() -> of("aws.grant-tokens", "secret-token,,")).hasMessageNotContaining("secret-token");
        assertThat(of("aws.grant-tokens", "secret-token").toString()).doesNotContain("secret-token");
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://127.0.0.1:5000", "http://localhost:1", "http://[::1]:1", "https://vpce.example"})
    void withoutTlsOnlyThisMachineIsAsked(String endpoint) {
        assertThat(of("aws.endpoint", endpoint).endpoint()).hasToString(endpoint);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"http://10.0.0.1", "http://kms.example", "http://localhost.example", "http://127.0.0.1.example"})
    void dataKeysDoNotCrossANetworkInPlainText(String endpoint) {
        assertThatThrownBy(() -> of("aws.endpoint", endpoint))
                .isInstanceOf(KmsConfigurationException.class)
                .hasMessageContaining("http:// only to this machine");
    }

    @Test
    void fipsAndAnEndpointExcludeEachOther() {
        assertThatThrownBy(() -> of("aws.fips", "true", "aws.endpoint", "https://a.example"))
                .isInstanceOf(KmsConfigurationException.class)
                .hasMessageContainingAll("aws.fips", "aws.endpoint");
    }

    @ParameterizedTest
    @CsvSource({"10s, 2, 3333", "10s, 0, 10000", "3s, 2, 2000", "1s, 2, 1000", "60s, 10, 5454"})
    void attemptsShareTheTimeOfACall(String timeout, String retries, long expected) {
        assertThat(of("aws.timeout", timeout, "aws.retries", retries)
                        .attemptTimeout()
                        .toMillis())
                .isEqualTo(expected);
    }
}
