package dev.kmsenvelope.keystore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmsenvelope.kms.KmsAuthenticationException;
import dev.kmsenvelope.kms.KmsConfigurationException;
import dev.kmsenvelope.testing.kms.ChangedProperties;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Key;
import java.time.Duration;
import java.util.Map;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** RULES 19: what is wrong with credentials, Region and clock is told by type and by the setting that helps. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AwsIdentityTest {

    private static final String ALIAS = "alias/orders";

    @TempDir
    private static Path directory;

    private final LoopbackAccount account = new LoopbackAccount();
    private ChangedProperties properties;

    @BeforeAll
    void createKey() {
        for (String variable : new String[] {"AWS_ACCESS_KEY_ID", "AWS_REGION", "AWS_CONTAINER_CREDENTIALS_FULL_URI"}) {
            Assumptions.assumeTrue(System.getenv(variable) == null, variable + " is set in this environment");
        }
        account.create(ALIAS);
    }

    @BeforeEach
    void noFiles() throws IOException {
        properties = new ChangedProperties().identity(LoopbackAccount.USER);
        files("", "");
    }

    @AfterEach
    void restore() {
        properties.close();
        account.server().access().clear();
        account.server().shiftClock(Duration.ZERO);
    }

    @AfterAll
    void close() {
        account.close();
    }

    /** The AWS configuration files of this machine have no part in it. */
    private void files(String config, String credentials) throws IOException {
        properties
                .set(
                        "aws.configFile",
                        Files.writeString(directory.resolve("config"), config).toString())
                .set(
                        "aws.sharedCredentialsFile",
                        Files.writeString(directory.resolve("credentials"), credentials)
                                .toString());
    }

    private static AbstractThrowableAssert<?, ?> assertInit(Key key) {
        return assertThatThrownBy(() -> Fixture.seal(key)).isInstanceOf(java.security.ProviderException.class);
    }

    private AbstractThrowableAssert<?, ?> assertGetKey(Map<String, String> settings) throws Exception {
        java.security.KeyStore keyStore = account.load(settings);
        return assertThatThrownBy(() -> keyStore.getKey(ALIAS, null))
                .isInstanceOf(java.security.ProviderException.class);
    }

    @Test
    @DisplayName("No credentials anywhere: of getKey, and of a Cipher's init when they go away later")
    void none() throws Exception {
        Key key = account.load().getKey(ALIAS, null);
        properties.noIdentity();
        assertInit(key)
                .isExactlyInstanceOf(KmsAuthenticationException.class)
                .hasMessageContainingAll("GenerateDataKey", "no AWS credentials", "'aws.profile'");
        assertGetKey(Map.of())
                .isExactlyInstanceOf(KmsAuthenticationException.class)
                .hasMessageContainingAll("DescribeKey", "no AWS credentials", "'aws.profile'");
    }

    @Test
    @DisplayName("A profile that does not exist, or that has no credentials")
    void profile() throws Exception {
        properties.noIdentity();
        files("[profile empty]\nregion = eu-central-1\n", "");
        for (String profile : new String[] {"missing", "empty"}) {
            assertGetKey(Map.of("aws.profile", profile))
                    .isExactlyInstanceOf(KmsAuthenticationException.class)
                    .hasMessageContainingAll("no AWS credentials", "'aws.profile'");
        }
        files("", "[orders]\naws_access_key_id = AKIDPROFILE\naws_secret_access_key = not-checked\n");
        assertThat(account.load(Map.of("aws.profile", "orders")).getKey(ALIAS, null))
                .isNotNull();
    }

    @Test
    @DisplayName("A profile that needs a module which is not there names the module and the setting")
    void modules() throws Exception {
        properties.noIdentity();
        files("""
                [profile role]
                role_arn = arn:aws:iam::111122223333:role/orders
                source_profile = base
                [profile sso]
                sso_session = s
                sso_account_id = 111122223333
                sso_role_name = r
                [sso-session s]
                sso_region = eu-central-1
                sso_start_url = https://example.com/start
                """, """
                [base]
                aws_access_key_id = AKIDBASE
                aws_secret_access_key = not-checked
                """);
        for (String profile : new String[] {"role", "sso"}) {
            assertGetKey(Map.of("aws.profile", profile))
                    .isExactlyInstanceOf(KmsConfigurationException.class)
                    .hasMessageContainingAll("sts", "sso", "class path", "'aws.profile'");
        }
    }

    @Test
    @DisplayName("No Region anywhere; then one out of the profile")
    void region() throws Exception {
        Map<String, String> settings = Map.of("aws.region", "", "aws.profile", "orders");
        properties.set("aws.region", null).set("aws.disableEc2Metadata", "true");
        assertGetKey(settings)
                .isExactlyInstanceOf(KmsConfigurationException.class)
                .hasMessageContainingAll("'aws.region'", "AWS_REGION", "orders");
        files("[profile orders]\nregion = " + LoopbackAccount.REGION + "\n", "");
        assertThat(account.load(settings).getKey(ALIAS, null)).isNotNull();
    }

    @Test
    @DisplayName("Expired and unknown credentials")
    void expired() throws Exception {
        Key key = account.load().getKey(ALIAS, null);
        byte[] sealed = Fixture.seal(key);
        account.server().access().expire(LoopbackAccount.USER);
        assertInit(key)
                .isExactlyInstanceOf(KmsAuthenticationException.class)
                .hasMessageContainingAll("ExpiredTokenException", "expired");
        assertThatThrownBy(() -> Fixture.open(key, sealed)).isExactlyInstanceOf(KmsAuthenticationException.class);
        account.server().access().clear();
        assertThat(Fixture.open(key, sealed)).as("renewed").isEqualTo(Fixture.TEXT);
        account.server().access().forget(LoopbackAccount.USER);
        assertInit(key)
                .isExactlyInstanceOf(KmsAuthenticationException.class)
                .hasMessageContaining("UnrecognizedClientException");
    }

    @Test
    @DisplayName("A clock that is wrong by an hour, either way")
    void clock() throws Exception {
        Key key = account.load().getKey(ALIAS, null);
        for (int hours : new int[] {1, -1}) {
            account.server().shiftClock(Duration.ofHours(hours));
            assertInit(key)
                    .isExactlyInstanceOf(KmsAuthenticationException.class)
                    .hasMessageContainingAll("InvalidSignatureException", "clock");
        }
    }
}
