package dev.kmsenvelope.keystore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.kms.KeyAdministration;
import dev.kmsenvelope.kms.KeyDescription;
import dev.kmsenvelope.kms.KeyDisabledException;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.provider.KmsSecretKey;
import dev.kmsenvelope.spi.Backends;
import dev.kmsenvelope.spi.KeyServices;
import java.io.ByteArrayOutputStream;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Key;
import java.security.KeyStore;
import java.security.KeyStore.Entry;
import java.security.KeyStore.PasswordProtection;
import java.security.KeyStore.PrivateKeyEntry;
import java.security.KeyStore.ProtectionParameter;
import java.security.KeyStore.SecretKeyEntry;
import java.security.KeyStore.TrustedCertificateEntry;
import java.security.KeyStoreException;
import java.security.UnrecoverableKeyException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The entries of a KMS KeyStore: what each method says of keys in every state, and what cannot be changed. */
class KeyStoreEntriesTest {

    private static final SecretKey RAW = new SecretKeySpec(new byte[32], "AES");

    @TempDir
    private Path home;

    private KeyDescription demo;
    private KeyStore keyStore;

    @BeforeEach
    void createKeys() throws Exception {
        try (KeyAdministration keys = administration()) {
            demo = keys.createKey(KeySpec.SYMMETRIC_DEFAULT, KeyId.of("alias/demo"));
            keys.createAlias(KeyId.of("alias/Demo"), demo.id());
            keys.createKey(KeySpec.SYMMETRIC_DEFAULT, KeyId.of("alias/off"));
            keys.disable(KeyId.of("alias/off"));
            keys.createKey(KeySpec.SYMMETRIC_DEFAULT, KeyId.of("alias/pending"));
            keys.scheduleDeletion(KeyId.of("alias/pending"), 7);
            keys.createKey(KeySpec.SYMMETRIC_DEFAULT);
        }
        keyStore = Fixture.load(home);
    }

    private KeyAdministration administration() {
        return Backends.openAdministration(Fixture.settings(home));
    }

    @Test
    void itListsAliasesSortedAndNoKeysWithoutOne() throws Exception {
        assertThat(Collections.list(keyStore.aliases()))
                .containsExactly("alias/Demo", "alias/demo", "alias/off", "alias/pending");
        assertThat(keyStore.size()).isEqualTo(4);
    }

    @Test
    void itShowsWhatIsInTheServiceNow() throws Exception {
        Fixture.create(home, "alias/later");

        assertThat(keyStore.containsAlias("alias/later")).isTrue();
        assertThat(keyStore.size()).isEqualTo(5);
    }

    @ParameterizedTest
    @ValueSource(strings = {"alias/demo", "alias/off", "alias/pending"})
    void aKeyInAnyStateIsASecretKeyEntry(String alias) throws Exception {
        assertThat(keyStore.containsAlias(alias)).isTrue();
        assertThat(keyStore.isKeyEntry(alias)).isTrue();
        assertThat(keyStore.isCertificateEntry(alias)).isFalse();
        assertThat(keyStore.getCertificate(alias)).isNull();
        assertThat(keyStore.getCertificateChain(alias)).isNull();
        assertThat(keyStore.getCreationDate(alias).toInstant()).isBetween(demo.created(), Instant.now());
        assertThat(keyStore.entryInstanceOf(alias, SecretKeyEntry.class)).isTrue();
        assertThat(keyStore.entryInstanceOf(alias, PrivateKeyEntry.class)).isFalse();
        assertThat(keyStore.entryInstanceOf(alias, TrustedCertificateEntry.class))
                .isFalse();
        assertThat(keyStore.getKey(alias, null)).isInstanceOf(KmsSecretKey.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"alias/demo", "alias/off", "alias/pending"})
    void anEntryNeedsNoProtectionAndTakesAny(String alias) throws Exception {
        Key key = keyStore.getKey(alias, null);
        List<ProtectionParameter> protections = new ArrayList<>();
        protections.add(null);
        protections.add(new PasswordProtection("any".toCharArray()));
        protections.add(new PasswordProtection(null));
        protections.add(new KeyStore.CallbackHandlerProtection(callbacks -> {}));
        for (ProtectionParameter protection : protections) {
            Entry entry = keyStore.getEntry(alias, protection);

            assertThat(entry).isInstanceOf(SecretKeyEntry.class);
            assertThat(((SecretKeyEntry) entry).getSecretKey()).isEqualTo(key);
        }
    }

    @Test
    void aKeyIsFoundByItsIdToo() throws Exception {
        Key byId = keyStore.getKey(demo.id().value(), null);

        assertThat(byId).isInstanceOf(KmsSecretKey.class);
        assertThat(keyStore.containsAlias(demo.id().value())).isTrue();
        assertThat(Fixture.open(byId, Fixture.seal(keyStore.getKey("alias/demo", null))))
                .isEqualTo(Fixture.TEXT);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"alias/none", "demo", "ALIAS/DEMO", "", " ", "alias/d\u00e9mo", "a b", "\u0000", "alias/demo "})
    void whatIsNoKeyIsNoEntry(String alias) throws Exception {
        assertThat(keyStore.getKey(alias, null)).isNull();
        assertThat(keyStore.getEntry(alias, null)).isNull();
        assertThat(keyStore.containsAlias(alias)).isFalse();
        assertThat(keyStore.isKeyEntry(alias)).isFalse();
        assertThat(keyStore.isCertificateEntry(alias)).isFalse();
        assertThat(keyStore.getCreationDate(alias)).isNull();
        assertThat(keyStore.getCertificate(alias)).isNull();
        assertThat(keyStore.getCertificateChain(alias)).isNull();
        assertThat(keyStore.entryInstanceOf(alias, SecretKeyEntry.class)).isFalse();
    }

    @Test
    void aliasesAreCaseSensitive() throws Exception {
        assertThat(keyStore.getKey("alias/DEMO", null)).isNull();
        assertThat(keyStore.getKey("alias/Demo", null)).isNotEqualTo(keyStore.getKey("alias/demo", null));
    }

    @Test
    void aHandleIsOpaque() throws Exception {
        Key key = keyStore.getKey("alias/demo", "any".toCharArray());

        assertThat(key.getAlgorithm()).isEqualTo("AES");
        assertThat(key.getFormat()).isNull();
        assertThat(key.getEncoded()).isNull();
        assertThat(key.toString()).contains("alias/demo");
    }

    @Test
    void theHandleOfADisabledKeySaysSoWhenItIsUsed() throws Exception {
        Key off = keyStore.getKey("alias/off", null);

        assertThatThrownBy(() -> Fixture.seal(off))
                .isInstanceOf(KeyDisabledException.class)
                .hasMessageContaining("alias/off");
        try (KeyAdministration keys = administration()) {
            keys.enable(KeyId.of("alias/off"));
        }
        assertThat(Fixture.open(off, Fixture.seal(off))).isEqualTo(Fixture.TEXT);
    }

    @Test
    void noKeyOfTheServiceCanBeChanged() {
        assertReadOnly(() -> keyStore.setKeyEntry("alias/demo", RAW, "any".toCharArray(), null));
        assertReadOnly(() -> keyStore.setEntry("alias/demo", new SecretKeyEntry(RAW), null));
        assertReadOnly(() ->
                keyStore.setEntry("alias/off", new SecretKeyEntry(RAW), new PasswordProtection("any".toCharArray())));
        assertReadOnly(() -> keyStore.setKeyEntry(demo.id().value(), RAW, null, null));
        assertReadOnly(() -> keyStore.setCertificateEntry("alias/demo", null));
        assertReadOnly(() -> keyStore.deleteEntry("alias/demo"));
    }

    private static void assertReadOnly(ThrowingCallable change) {
        assertThatThrownBy(change)
                .isInstanceOf(KeyStoreException.class)
                .hasMessageContaining("read-only")
                .hasMessageContaining("kms-envelope key");
    }

    @Test
    void storingNowhereHasNothingToDo() throws Exception {
        keyStore.store(null, null);
        keyStore.store(null, "any".toCharArray());
        keyStore.store(null);
    }

    @Test
    void keysOfTheServiceAreNotStored() throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();

        keyStore.store(out, "any".toCharArray());

        assertThat(out.toString(java.nio.charset.StandardCharsets.UTF_8))
                .startsWith("kms-envelope-keystore 1\n")
                .doesNotContain("alias/demo");
    }

    @Test
    void itsAttributesAreAskableWhereTheJdkHasThem() throws Exception {
        assertThat(keyStore.getEntry("alias/demo", null).getAttributes()).isEqualTo(Set.of());
        assertThat(keyStore.getCertificateAlias(null)).isNull();
    }

    @Test
    void whenTheServiceFailsLookingIsQuietAndGettingAKeyIsNot() throws Exception {
        Files.writeString(home.resolve("keys.p7m"), "not a key file");

        assertThat(keyStore.containsAlias("alias/demo")).isFalse();
        assertThat(keyStore.isKeyEntry("alias/demo")).isFalse();
        assertThat(keyStore.getCreationDate("alias/demo")).isNull();
        assertThat(keyStore.entryInstanceOf("alias/demo", SecretKeyEntry.class)).isFalse();
        assertThatThrownBy(() -> keyStore.getKey("alias/demo", null))
                .isInstanceOf(dev.kmsenvelope.local.KeyFileException.class);
        assertThatThrownBy(() -> keyStore.getEntry("alias/demo", null))
                .isInstanceOf(dev.kmsenvelope.local.KeyFileException.class);
    }

    /** An ARN is another form of an alias's name, so settings that stand under it hold for the alias too. */
    @Test
    void settingsUnderTheArnOfAnAliasAreNotEvaded() {
        KeyId arn = KeyId.of("arn:aws:kms:eu-west-1:111122223333:alias/demo");
        try (KeyService local = Backends.openService(Fixture.settings(home))) {
            KeyService withArns = (KeyService) Proxy.newProxyInstance(
                    getClass().getClassLoader(),
                    new Class<?>[] {KeyService.class},
                    (proxy, method, arguments) -> method.getName().equals("describe") && arguments[0].equals(arn)
                            ? local.describe(KeyId.of("alias/demo"))
                            : method.invoke(local, arguments));
            KeyEntries entries = new KeyEntries(
                    KeyServices.of(withArns, Map.of()),
                    Configuration.of(Map.of("key." + arn + ".usage", "encrypt")),
                    PublicHalves.of(withArns));
            assertThatThrownBy(() -> entries.key(KeyId.of("alias/demo"), demo))
                    .isInstanceOf(UnrecoverableKeyException.class)
                    .hasMessageContaining("key." + arn + ".*");
        }
    }
}
