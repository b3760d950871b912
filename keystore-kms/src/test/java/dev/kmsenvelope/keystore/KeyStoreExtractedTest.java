package dev.kmsenvelope.keystore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmsenvelope.keystore.file.DataKeyEntry;
import dev.kmsenvelope.keystore.file.StoreContent;
import dev.kmsenvelope.keystore.file.StoreFile;
import dev.kmsenvelope.keystore.file.StoreSeal;
import dev.kmsenvelope.keystore.file.StoreWrapping;
import dev.kmsenvelope.provider.KmsDataKey;
import dev.kmsenvelope.provider.KmsStoredKey;
import dev.kmsenvelope.spi.KeyServices;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.InvalidKeyException;
import java.security.Key;
import java.security.KeyStore;
import java.security.KeyStore.Entry;
import java.security.KeyStore.SecretKeyEntry;
import java.security.KeyStoreException;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("RULES 9: a data key that is put in again keeps its one use, and may do no more than before")
class KeyStoreExtractedTest {

    private static final byte[] BYTES = "0123456789abcdef0123456789ABCDEF".getBytes(StandardCharsets.US_ASCII);
    private static final SecretKey AES = new SecretKeySpec(BYTES, "AES");

    @TempDir
    private Path home;

    private KmsLoadStoreParameter file;
    private KeyStore keyStore;

    @BeforeEach
    void makeOne() throws Exception {
        file = new KmsLoadStoreParameter(Fixture.settings(home), home.resolve("store.kms"));
        keyStore = Fixture.load(home);
    }

    private static Set<Entry.Attribute> attributes(String... namesAndValues) {
        Set<Entry.Attribute> attributes = new HashSet<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            attributes.add(new KmsEntryAttribute(namesAndValues[i], namesAndValues[i + 1]));
        }
        return attributes;
    }

    private void put(String alias, SecretKey key, String... namesAndValues) throws KeyStoreException {
        keyStore.setEntry(alias, new SecretKeyEntry(key, attributes(namesAndValues)), null);
    }

    private void putExtractable(String alias, String usage) throws KeyStoreException {
        put(
                alias,
                AES,
                KmsEntryAttribute.EXTRACTABLE,
                "true",
                KmsEntryAttribute.USAGE,
                usage,
                KmsEntryAttribute.MAX_MESSAGES,
                "100");
    }

    private SecretKey key(String alias) throws Exception {
        return (SecretKey) keyStore.getKey(alias, null);
    }

    private Map<String, String> shown(String alias) throws Exception {
        return KmsEntryAttribute.allOf(keyStore.getEntry(alias, null));
    }

    private void rotate(String alias) throws Exception {
        keyStore.store(file);
        try (KeyServices services = KeyServices.open(file.configuration())) {
            StoreFile stored = StoreFile.at(file.file().orElseThrow());
            StoreSeal seal = new StoreSeal(services.main(), PinnedKey.LOCAL, 0);
            byte[] before = stored.read();
            StoreContent content = seal.open(before);
            DataKeyEntry entry = (DataKeyEntry) content.find(alias).orElseThrow();
            stored.write(before, seal.seal(content.with(new StoreWrapping(services).addVersion(content, entry))));
        }
        keyStore.load(file);
    }

    @ParameterizedTest
    @ValueSource(strings = {"tokens", "other"})
    void anExtractableEntryIsMadeOpaqueWithAllItsVersions(String alias) throws Exception {
        putExtractable("tokens", "AES/KW/NoPadding");
        rotate("tokens");
        SecretKey extracted = key("tokens");

        put(alias, extracted, KmsEntryAttribute.ALIAS, "tokens", KmsEntryAttribute.EXTRACTABLE, "false");

        keyStore.store(file);
        keyStore.load(file);
        assertThat(key(alias)).isInstanceOf(KmsStoredKey.class);
        assertThat(key(alias).getEncoded()).isNull();
        assertThat(shown(alias))
                .containsEntry(KmsEntryAttribute.EXTRACTABLE, "false")
                .containsEntry(KmsEntryAttribute.USAGE, "AES/KW/NoPadding")
                .containsEntry(KmsEntryAttribute.MAX_MESSAGES, "100")
                .containsEntry(KmsEntryAttribute.VERSION, "2");
        assertThat(unwrapped(key(alias), wrapped(extracted))).isEqualTo(BYTES);
        assertThat(unwrapped(key(alias + "@1"), wrapped(AES))).isEqualTo(BYTES);
        assertThat(key("tokens").getEncoded() == null).isEqualTo(alias.equals("tokens"));
    }

    private static byte[] wrapped(SecretKey by) throws Exception {
        Cipher cipher = Cipher.getInstance("AES/KW/NoPadding", "SunJCE");
        cipher.init(Cipher.WRAP_MODE, new SecretKeySpec(by.getEncoded(), "AES"));
        return cipher.wrap(AES);
    }

    private static byte[] unwrapped(Key by, byte[] wrapped) throws Exception {
        Cipher cipher = Cipher.getInstance("AES/KW/NoPadding", Fixture.PROVIDER);
        cipher.init(Cipher.UNWRAP_MODE, by);
        return cipher.unwrap(wrapped, "AES", Cipher.SECRET_KEY).getEncoded();
    }

    @Test
    void fewerMessagesAreTaken() throws Exception {
        putExtractable("raw", "AES/GCM/NoPadding");
        put("raw", key("raw"), KmsEntryAttribute.ALIAS, "raw", KmsEntryAttribute.MAX_MESSAGES, "7");
        assertThat(shown("raw"))
                .containsEntry(KmsEntryAttribute.MAX_MESSAGES, "7")
                .containsEntry(KmsEntryAttribute.EXTRACTABLE, "true");

        put("opaque", AES, KmsEntryAttribute.MAX_MESSAGES, "100");
        put("renamed", key("opaque"), KmsEntryAttribute.MAX_MESSAGES, "8");
        assertThat(shown("renamed")).containsEntry(KmsEntryAttribute.MAX_MESSAGES, "8");
        assertThat(shown("opaque")).containsEntry(KmsEntryAttribute.MAX_MESSAGES, "100");
        byte[] sealed = Fixture.seal(key("renamed"));
        assertThat(sealed).hasSize(Fixture.TEXT.length + 16);
    }

    @ParameterizedTest
    @CsvSource({
        "kms-envelope.usage, AES/CTR/NoPadding, one use",
        "kms-envelope.usage, HmacSHA256, one use",
        "kms-envelope.max-messages, 101, do not become more",
        "kms-envelope.extractable, true, not extractable",
    })
    void moreThanBeforeIsRefusedAndChangesNothing(String name, String value, String text) throws Exception {
        put("opaque", AES, KmsEntryAttribute.MAX_MESSAGES, "100");
        putExtractable("raw", "AES/GCM/NoPadding");
        Map<String, String> opaque = shown("opaque");
        Map<String, String> raw = shown("raw");
        KeyStore other = Fixture.load(home);

        for (String alias : new String[] {"opaque", "new"}) {
            assertThatThrownBy(() -> put(alias, key("opaque"), name, value))
                    .isInstanceOf(KeyStoreException.class)
                    .hasMessageContaining(text);
        }
        SecretKey handle = key("opaque");
        assertThatThrownBy(() -> other.setEntry("new", new SecretKeyEntry(handle, attributes(name, value)), null))
                .as("a handle of another file")
                .isInstanceOf(KeyStoreException.class)
                .hasMessageContaining(text);
        if (!name.equals(KmsEntryAttribute.EXTRACTABLE)) {
            assertThatThrownBy(() -> put("raw", key("raw"), KmsEntryAttribute.ALIAS, "raw", name, value))
                    .isInstanceOf(KeyStoreException.class)
                    .hasMessageContaining(text);
            SecretKey copy = key("raw");
            assertThatThrownBy(() -> other.setEntry("new", new SecretKeyEntry(copy, attributes(name, value)), null))
                    .as("a copy that another file gave")
                    .isInstanceOf(KeyStoreException.class)
                    .hasMessageContaining(text);
        }

        assertThat(shown("opaque")).isEqualTo(opaque);
        assertThat(shown("raw")).isEqualTo(raw);
        assertThat(keyStore.containsAlias("new")).isFalse();
        assertThat(other.containsAlias("new")).isFalse();
    }

    /** CTR under a key that GCM uses too reveals the authentication key of GCM. */
    @ParameterizedTest
    @ValueSource(strings = {"AES/CTR/NoPadding", "AES/CBC/PKCS5Padding", "AES/KW/NoPadding", "AES/GCM/NoPadding"})
    void aCopyThatIsPutInWithoutAttributesStaysForItsUse(String usage) throws Exception {
        putExtractable("mine", usage);
        SecretKey copy = key("mine");
        assertThat(((KmsDataKey) copy).stored().orElseThrow().usage().transformation())
                .isEqualTo(usage);

        keyStore.setKeyEntry("again", copy, null, null);
        keyStore.setKeyEntry("mine", copy, null, null);
        KeyStore other = Fixture.load("local.directory = " + home + "\nkeystore.usage = AES/KWP/NoPadding");
        other.setKeyEntry("foreign", copy, null, null);
        keyStore.deleteEntry("mine");
        keyStore.setKeyEntry("later", copy, null, null);

        for (String alias : new String[] {"again", "later"}) {
            assertThat(shown(alias))
                    .containsEntry(KmsEntryAttribute.USAGE, usage)
                    .containsEntry(KmsEntryAttribute.EXTRACTABLE, "false")
                    .containsEntry(KmsEntryAttribute.MAX_MESSAGES, "100");
        }
        Key foreign = other.getKey("foreign", null);
        assertThat(((KmsStoredKey) foreign).usage().transformation()).isEqualTo(usage);
        if (!usage.equals("AES/GCM/NoPadding")) {
            assertThatThrownBy(() -> Fixture.seal(foreign)).isInstanceOf(InvalidKeyException.class);
        }
    }

    /** The bytes alone say nothing, as docs/KEYSTORE.md does. */
    @Test
    void bytesThatSomebodyCopiedAreAnyRawKey() throws Exception {
        putExtractable("mine", "AES/CTR/NoPadding");

        keyStore.setKeyEntry("copied", new SecretKeySpec(key("mine").getEncoded(), "AES"), null, null);

        assertThat(shown("copied")).containsEntry(KmsEntryAttribute.USAGE, "AES/GCM/NoPadding");
    }

    @Test
    void aCopyThatWasDestroyedMakesNoEntry() throws Exception {
        putExtractable("mine", "AES/CTR/NoPadding");
        SecretKey copy = key("mine");
        copy.destroy();

        assertThatThrownBy(() -> keyStore.setKeyEntry("again", copy, null, null))
                .isInstanceOf(KeyStoreException.class);
        assertThat(keyStore.containsAlias("again")).isFalse();
    }
}
