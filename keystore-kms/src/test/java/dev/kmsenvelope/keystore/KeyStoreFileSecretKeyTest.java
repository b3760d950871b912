package dev.kmsenvelope.keystore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmsenvelope.provider.KmsStoredKey;
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.InvalidKeyException;
import java.security.Key;
import java.security.KeyStore;
import java.security.KeyStore.PasswordProtection;
import java.security.KeyStore.PrivateKeyEntry;
import java.security.KeyStore.SecretKeyEntry;
import java.security.KeyStore.TrustedCertificateEntry;
import java.security.KeyStoreException;
import java.security.UnrecoverableKeyException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collections;
import java.util.Set;
import javax.crypto.Mac;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Raw secret keys that become data keys of a keystore file, for one use each. */
class KeyStoreFileSecretKeyTest extends KeyStoreFileCase {

    @Test
    void aRawKeyBecomesAnOpaqueHandleToTheSameKey() throws Exception {
        Instant before = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        keyStore.setKeyEntry("tokens", AES, PASSWORD, null);

        for (KeyStore each : new KeyStore[] {keyStore, reloaded(keyStore)}) {
            Key key = each.getKey("tokens", PASSWORD);
            assertThat(key).isInstanceOf(KmsStoredKey.class);
            assertThat(key.getAlgorithm()).isEqualTo("AES");
            assertThat(key.getFormat()).isNull();
            assertThat(key.getEncoded()).isNull();
            assertThat(each.getKey("tokens", null)).isEqualTo(key);
            assertThat(each.isKeyEntry("tokens")).isTrue();
            assertThat(each.isCertificateEntry("tokens")).isFalse();
            assertThat(each.containsAlias("tokens")).isTrue();
            assertThat(each.getCertificate("tokens")).isNull();
            assertThat(each.getCertificateChain("tokens")).isNull();
            assertThat(each.entryInstanceOf("tokens", SecretKeyEntry.class)).isTrue();
            assertThat(each.entryInstanceOf("tokens", PrivateKeyEntry.class)).isFalse();
            assertThat(each.entryInstanceOf("tokens", TrustedCertificateEntry.class))
                    .isFalse();
            assertThat(each.getCreationDate("tokens").toInstant()).isBetween(before, Instant.now());
            assertThat(Collections.list(each.aliases())).containsExactly("tokens");
            assertThat(each.size()).isEqualTo(1);
            assertThat(decryptByJdk(seal(key))).isEqualTo(Fixture.TEXT);
        }
    }

    @ParameterizedTest
    @CsvSource({"HmacSHA224", "HmacSHA256", "hmacsha384", "HmacSHA512"})
    void anHmacKeyIsForThatHmac(String algorithm) throws Exception {
        SecretKey raw = new SecretKeySpec(BYTES, algorithm);

        keyStore.setKeyEntry("mac", raw, null, null);

        Key key = reloaded(keyStore).getKey("mac", null);
        assertThat(key.getAlgorithm()).isEqualToIgnoringCase(algorithm);
        Mac ours = Mac.getInstance(key.getAlgorithm(), Fixture.PROVIDER);
        ours.init(key);
        Mac theirs = Mac.getInstance(algorithm, "SunJCE");
        theirs.init(raw);
        assertThat(ours.doFinal(Fixture.TEXT)).isEqualTo(theirs.doFinal(Fixture.TEXT));
    }

    @Test
    void whatARawAesKeyIsForCanBeSet() throws Exception {
        keyStore.setEntry(
                "kw",
                new SecretKeyEntry(AES, Set.of(new KmsEntryAttribute(KmsEntryAttribute.USAGE, "AES/KW/NoPadding"))),
                null);
        assertThat(attributes(keyStore.getEntry("kw", null)))
                .containsEntry(KmsEntryAttribute.USAGE, "AES/KW/NoPadding");
        Key key = keyStore.getKey("kw", null);
        assertThatThrownBy(() -> seal(key))
                .isInstanceOf(InvalidKeyException.class)
                .hasMessageContaining("AES/KW/NoPadding");

        KeyStore bySetting = Fixture.load("local.directory = " + home + "\nkeystore.usage = AES/CTR/NoPadding");
        bySetting.setKeyEntry("ctr", AES, null, null);
        assertThat(attributes(bySetting.getEntry("ctr", null)))
                .containsEntry(KmsEntryAttribute.USAGE, "AES/CTR/NoPadding");
    }

    @Test
    void anExtractableKeyIsGivenInTheClear() throws Exception {
        keyStore.setEntry(
                "raw",
                new SecretKeyEntry(AES, Set.of(new KmsEntryAttribute(KmsEntryAttribute.EXTRACTABLE, "true"))),
                new PasswordProtection(PASSWORD));

        KeyStore again = reloaded(keyStore);

        assertThat(again.isKeyEntry("raw")).isTrue();
        assertThat(again.getKey("raw", null).getEncoded()).isEqualTo(BYTES);
        assertThat(again.getKey("raw", null).getFormat()).isEqualTo("RAW");
        ((SecretKey) again.getKey("raw", null)).destroy();
        assertThat(again.getKey("raw", null).getEncoded()).isEqualTo(BYTES);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "DES     | 8  | data key is used for",
                "DESede  | 24 | data key is used for",
                "AES     | 33 | 128, 192 or 256 bits, not 264",
                "HmacSHA256 | 8 | 128 to 512 bits, not 64",
                "HmacMD5 | 16 | data key is used for",
                "PBE     | 16 | data key is used for",
            })
    void aKeyOfAnotherKindIsRefused(String algorithm, int length, String text) {
        assertThatThrownBy(() -> keyStore.setKeyEntry("x", new SecretKeySpec(new byte[length], algorithm), null, null))
                .isInstanceOf(KeyStoreException.class)
                .hasMessageContaining(text);
    }

    @Test
    void attributesThatContradictTheKeyAreRefused() {
        for (String[] wrong : new String[][] {
            {KmsEntryAttribute.USAGE, "HmacSHA256"},
            {KmsEntryAttribute.USAGE, "AES/ECB/NoPadding"},
            {KmsEntryAttribute.EXTRACTABLE, "yes"},
            {KmsEntryAttribute.MAX_MESSAGES, "0"},
            {KmsEntryAttribute.MAX_MESSAGES, "many"},
        }) {
            assertThatThrownBy(() -> keyStore.setEntry(
                            "x", new SecretKeyEntry(AES, Set.of(new KmsEntryAttribute(wrong[0], wrong[1]))), null))
                    .as(wrong[1])
                    .isInstanceOf(KeyStoreException.class);
        }
    }

    /** From Java 18 on, KeyStore asks the SPI for them. */
    @Test
    void attributesAreThereWithoutTheKey() throws Exception {
        keyStore.setKeyEntry("tokens", AES, null, null);

        assertThat(attributes(keyStore.getEntry("tokens", null)))
                .containsEntry(KmsEntryAttribute.KIND, "data-key")
                .containsEntry(KmsEntryAttribute.ALIAS, "tokens")
                .containsEntry(KmsEntryAttribute.USAGE, "AES/GCM/NoPadding")
                .containsEntry(KmsEntryAttribute.VERSION, "1")
                .containsEntry(KmsEntryAttribute.EXTRACTABLE, "false")
                .containsEntry(KmsEntryAttribute.MAX_MESSAGES, "67108864")
                .containsKeys(KmsEntryAttribute.CREATED, KmsEntryAttribute.KEY);
        if (Runtime.version().feature() >= 18) {
            Object all = KeyStore.class.getMethod("getAttributes", String.class).invoke(keyStore, "tokens");
            assertThat((Set<?>) all).isEqualTo(keyStore.getEntry("tokens", null).getAttributes());
        }
    }

    @Test
    void settingsUnderTheAliasHoldForADataKey() throws Exception {
        keyStore.setKeyEntry("tokens", AES, null, null);
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        keyStore.store(file, null);
        Path path = Files.write(home.resolve("store.kms"), file.toByteArray());

        KeyStore limited = Fixture.load(
                "local.directory = " + home + "\nkeystore.file = " + path + "\nkey.tokens.usage = decrypt");
        assertThatThrownBy(() -> seal(limited.getKey("tokens", null))).isInstanceOf(InvalidKeyException.class);

        KeyStore impossible =
                Fixture.load("local.directory = " + home + "\nkeystore.file = " + path + "\nkey.tokens.context.a = b");
        assertThat(impossible.containsAlias("tokens")).isTrue();
        assertThat(impossible.isKeyEntry("tokens")).isFalse();
        assertThatThrownBy(() -> impossible.getKey("tokens", null)).isInstanceOf(UnrecoverableKeyException.class);
    }
}
