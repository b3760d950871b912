package dev.kmsenvelope.keystore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.kms.KeyUsage;
import dev.kmsenvelope.kms.KmsUnavailableException;
import dev.kmsenvelope.testing.kms.Fault;
import java.security.InvalidKeyException;
import java.security.Key;
import java.security.KeyStore;
import java.security.UnrecoverableKeyException;
import java.util.List;
import java.util.Map;
import javax.crypto.AEADBadTagException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is set up under one name of a key of AWS KMS is not evaded by another form of a name. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AwsNamesTest {

    private static final String ALIAS = "alias/orders";
    private static final String OTHER_ALIAS = "alias/also-orders";
    private static final String SIGNING = "alias/signing";

    private final LoopbackAccount account = new LoopbackAccount();
    private KeyId arn;
    private KeyId unrelated;

    @BeforeAll
    void createKeys() {
        arn = account.create(ALIAS);
        unrelated = account.create("alias/unrelated");
        account.create(SIGNING, KeySpec.ECC_NIST_P256, KeyUsage.SIGN_VERIFY);
        try (var keys = account.administration()) {
            keys.createAlias(KeyId.of(OTHER_ALIAS), arn);
        }
    }

    @AfterEach
    void allowAll() {
        account.server().access().clear();
        account.server().faults().clear();
    }

    @AfterAll
    void close() {
        account.close();
    }

    private List<String> otherForms() {
        return List.of(arn.value(), LoopbackAccount.bareId(arn), LoopbackAccount.aliasArn(ALIAS));
    }

    private void assertRefused(KeyStore keyStore, String name, String configured) {
        assertThatThrownBy(() -> keyStore.getKey(name, null))
                .as(name)
                .isInstanceOf(UnrecoverableKeyException.class)
                .hasMessageContainingAll(name, "key." + configured + ".*");
    }

    @ParameterizedTest
    @DisplayName(
            "Settings of an alias, asked for by its ARN, the key's ARN or id; whether or not aliases may be listed")
    @ValueSource(strings = {"", "ListAliases"})
    void settingsOfAnAlias(String denied) throws Exception {
        if (!denied.isEmpty()) {
            account.server().access().deny(LoopbackAccount.USER, denied);
        }
        KeyStore keyStore = account.load(Map.of("key." + ALIAS + ".usage", "encrypt"));
        Key key = keyStore.getKey(ALIAS, null);
        byte[] sealed = Fixture.seal(key);
        assertThatThrownBy(() -> Fixture.open(key, sealed)).isInstanceOf(InvalidKeyException.class);
        account.server().log().clear();
        for (String form : otherForms()) {
            assertRefused(keyStore, form, ALIAS);
        }
        assertThat(account.server().log().count("Decrypt")).isZero();
        assertThat(keyStore.getKey(unrelated.value(), null)).isNotNull();
        assertThat(Fixture.open(keyStore.getKey(OTHER_ALIAS, null), sealed))
                .as("another alias is another name")
                .isEqualTo(Fixture.TEXT);
    }

    @Test
    @DisplayName("When it cannot be known whether a name is the configured one, there is no handle")
    void unknown() throws Exception {
        account.server().access().deny(LoopbackAccount.USER, "ListAliases");
        KeyStore keyStore = account.load(Map.of("key." + ALIAS + ".usage", "encrypt", "aws.retries", "0"));
        keyStore.containsAlias(arn.value()); // Its description is known from now on.
        account.server().faults().inject("DescribeKey", Fault.UNAVAILABLE);
        assertThatThrownBy(() -> keyStore.getKey(arn.value(), null))
                .isInstanceOf(UnrecoverableKeyException.class)
                .hasCauseInstanceOf(KmsUnavailableException.class);
    }

    @Test
    @DisplayName("Settings of a key, by its ARN or by its id alone, hold for it under every name without settings")
    void settingsOfAKey() throws Exception {
        byte[] sealed = Fixture.seal(account.load().getKey(ALIAS, null));
        for (String configured : List.of(arn.value(), LoopbackAccount.bareId(arn))) {
            KeyStore keyStore = account.load(Map.of("key." + configured + ".usage", "encrypt"));
            for (String name : List.of(
                    ALIAS,
                    OTHER_ALIAS,
                    arn.value(),
                    LoopbackAccount.bareId(arn),
                    LoopbackAccount.aliasArn(ALIAS),
                    LoopbackAccount.aliasArn(OTHER_ALIAS))) {
                assertCannotRead(keyStore, name, sealed);
            }
            assertThat(keyStore.getKey("alias/unrelated", null)).isNotNull();
        }
    }

    @Test
    @DisplayName("Settings of an alias by its ARN are not evaded by the alias itself")
    void settingsOfAnAliasArn() throws Exception {
        byte[] sealed = Fixture.seal(account.load().getKey(ALIAS, null));
        KeyStore keyStore = account.load(Map.of("key." + LoopbackAccount.aliasArn(ALIAS) + ".usage", "encrypt"));
        for (String name : List.of(ALIAS, arn.value(), LoopbackAccount.bareId(arn), LoopbackAccount.aliasArn(ALIAS))) {
            assertCannotRead(keyStore, name, sealed);
        }
        assertThat(Fixture.open(keyStore.getKey(OTHER_ALIAS, null), sealed)).isEqualTo(Fixture.TEXT);
    }

    /** There is no handle, or one that may not. */
    private static void assertCannotRead(KeyStore keyStore, String name, byte[] sealed) throws Exception {
        Key key;
        try {
            key = keyStore.getKey(name, null);
        } catch (UnrecoverableKeyException e) {
            assertThat(e).as(name).hasMessageContaining("the settings of " + name);
            return;
        }
        assertThatThrownBy(() -> Fixture.open(key, sealed)).as(name).isInstanceOf(InvalidKeyException.class);
    }

    @Test
    @DisplayName("RULES 3: nor is a required context, by reading or by writing without it")
    void context() throws Exception {
        KeyStore keyStore = account.load(Map.of("key." + ALIAS + ".context.tenant", "acme"));
        byte[] foreign = Fixture.seal(account.load(Map.of("key." + ALIAS + ".context.tenant", "other"))
                .getKey(ALIAS, null));
        assertThatThrownBy(() -> Fixture.open(keyStore.getKey(ALIAS, null), foreign))
                .isInstanceOf(AEADBadTagException.class);
        for (String form : otherForms()) {
            assertRefused(keyStore, form, ALIAS);
        }
    }

    @Test
    @DisplayName("Key pairs too: what an alias's settings forbid is an error under its other names")
    void keyPairs() throws Exception {
        String signing = account.describe(KeyId.of(SIGNING)).id().value();
        KeyStore keyStore = account.load(Map.of("key." + SIGNING + ".usage", "encrypt"));
        assertRefused(keyStore, signing, SIGNING);
        assertThat(keyStore.isKeyEntry(signing)).isFalse();
        assertThat(keyStore.getCertificate(signing)).isNull();
    }

    @Test
    @DisplayName("A name that differs in case, or has no key, is no entry")
    void noNames() throws Exception {
        KeyStore keyStore = account.load(Map.of("key." + ALIAS + ".usage", "encrypt"));
        for (String name : List.of(
                "alias/Orders",
                "ALIAS/orders",
                "orders",
                arn.value().replace(":key/", ":alias/"),
                arn.value() + "0",
                LoopbackAccount.aliasArn("alias/none"))) {
            assertThat(keyStore.getKey(name, null)).as(name).isNull();
            assertThat(keyStore.containsAlias(name)).as(name).isFalse();
        }
    }
}
