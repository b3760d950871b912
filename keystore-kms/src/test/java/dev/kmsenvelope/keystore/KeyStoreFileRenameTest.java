package dev.kmsenvelope.keystore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmsenvelope.keystore.file.DataKeyEntry;
import dev.kmsenvelope.keystore.file.StoreContent;
import dev.kmsenvelope.keystore.file.StoreFile;
import dev.kmsenvelope.keystore.file.StoreSeal;
import dev.kmsenvelope.keystore.file.StoreWrapping;
import dev.kmsenvelope.spi.KeyServices;
import java.nio.file.Path;
import java.security.Key;
import java.security.KeyStore;
import java.security.KeyStore.Entry;
import java.security.KeyStore.SecretKeyEntry;
import java.security.KeyStoreException;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Data keys of a keystore file under other aliases and in other files, with all their versions. */
class KeyStoreFileRenameTest extends KeyStoreFileCase {

    private void rotate(Path path, String alias) throws Exception {
        try (KeyServices services = KeyServices.open(Fixture.settings(home))) {
            StoreSeal seal = new StoreSeal(services.main(), PinnedKey.LOCAL, 0);
            byte[] before = StoreFile.at(path).read();
            StoreContent content = seal.open(before);
            DataKeyEntry entry = (DataKeyEntry) content.find(alias).orElseThrow();
            StoreFile.at(path)
                    .write(before, seal.seal(content.with(new StoreWrapping(services).addVersion(content, entry))));
        }
    }

    @Test
    void aVersionIsFoundAndNotListed() throws Exception {
        keyStore.setKeyEntry("tokens", AES, null, null);

        assertThat(keyStore.containsAlias("tokens@1")).isTrue();
        assertThat(keyStore.getKey("tokens@1", null)).isEqualTo(keyStore.getKey("tokens", null));
        assertThat(keyStore.containsAlias("tokens@2")).isFalse();
        assertThat(keyStore.containsAlias("tokens@01")).isFalse();
        assertThat(keyStore.containsAlias("other@1")).isFalse();
        assertThat(keyStore.size()).isEqualTo(1);
    }

    /** What was encrypted before a rotation opens with the version by its name, also under another alias. */
    @ParameterizedTest
    @ValueSource(strings = {"true", "false"})
    void allVersionsAreThereAndAreRenamedTogether(String extractable) throws Exception {
        Path path = home.resolve("store.kms");
        KmsLoadStoreParameter parameter = new KmsLoadStoreParameter(Fixture.settings(home), path);
        keyStore.setEntry(
                "tokens",
                new SecretKeyEntry(AES, Set.of(new KmsEntryAttribute(KmsEntryAttribute.EXTRACTABLE, extractable))),
                null);
        keyStore.store(parameter);
        rotate(path, "tokens");
        KeyStore rotated = Fixture.unloaded();
        rotated.load(parameter);

        rotated.setEntry("renamed", rotated.getEntry("tokens", null), null);
        rotated.deleteEntry("tokens");
        rotated.store(parameter);
        rotated.load(parameter);

        assertThat(attributes(rotated.getEntry("renamed", null))).containsEntry(KmsEntryAttribute.VERSION, "2");
        assertThat(rotated.getKey("renamed", null))
                .isEqualTo(rotated.getKey("renamed@2", null))
                .isNotEqualTo(rotated.getKey("renamed@1", null));
        byte[] sealed = seal(rotated.getKey("renamed@1", null));
        assertThat(decryptByJdk(sealed)).isEqualTo(Fixture.TEXT);
        byte[] sealedAnew = seal(rotated.getKey("renamed", null));
        assertThatThrownBy(() -> decryptByJdk(sealedAnew)).isInstanceOf(AEADBadTagException.class);
        assertThat(Collections.list(rotated.aliases())).containsExactly("renamed");
    }

    /** As keytool -changealias does it. */
    @Test
    void anOpaqueKeyIsRenamedWithoutBeingSeen() throws Exception {
        keyStore.setKeyEntry("old", AES, null, null);
        byte[] sealed = seal(keyStore.getKey("old", null));

        keyStore.setEntry("new", keyStore.getEntry("old", null), null);
        keyStore.deleteEntry("old");

        KeyStore again = reloaded(keyStore);
        assertThat(Collections.list(again.aliases())).containsExactly("new");
        Key key = again.getKey("new", null);
        assertThat(key.getEncoded()).isNull();
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding", Fixture.PROVIDER);
        cipher.init(Cipher.DECRYPT_MODE, key, new GCMParameterSpec(128, sealed, 0, 12));
        assertThat(cipher.doFinal(sealed, 12, sealed.length - 12)).isEqualTo(Fixture.TEXT);
    }

    @Test
    void anExtractableKeyIsRenamedAsWhatItIs() throws Exception {
        keyStore.setEntry(
                "old",
                new SecretKeyEntry(
                        AES,
                        Set.of(
                                new KmsEntryAttribute(KmsEntryAttribute.EXTRACTABLE, "true"),
                                new KmsEntryAttribute(KmsEntryAttribute.USAGE, "AES/KWP/NoPadding"),
                                new KmsEntryAttribute(KmsEntryAttribute.MAX_MESSAGES, "17"))),
                null);
        Map<String, String> before = attributes(keyStore.getEntry("old", null));

        keyStore.setEntry("new", keyStore.getEntry("old", null), null);

        Entry renamed = keyStore.getEntry("new", null);
        assertThat(((SecretKeyEntry) renamed).getSecretKey().getEncoded()).isEqualTo(BYTES);
        assertThat(attributes(renamed))
                .containsEntry(KmsEntryAttribute.ALIAS, "new")
                .containsEntry(KmsEntryAttribute.MAX_MESSAGES, "17")
                .containsEntry(KmsEntryAttribute.USAGE, before.get(KmsEntryAttribute.USAGE))
                .containsEntry(KmsEntryAttribute.EXTRACTABLE, "true");
    }

    /** What an attacker writes into attributes is no way to have another entry's key. */
    @Test
    void attributesAloneDoNotMakeAKeyAnother() throws Exception {
        keyStore.setEntry(
                "mine",
                new SecretKeyEntry(AES, Set.of(new KmsEntryAttribute(KmsEntryAttribute.EXTRACTABLE, "true"))),
                null);
        SecretKey other = new SecretKeySpec(new byte[32], "AES");

        keyStore.setEntry(
                "other",
                new SecretKeyEntry(
                        other,
                        Set.of(
                                new KmsEntryAttribute(KmsEntryAttribute.ALIAS, "mine"),
                                new KmsEntryAttribute(KmsEntryAttribute.EXTRACTABLE, "true"))),
                null);

        assertThat(keyStore.getKey("other", null).getEncoded()).isEqualTo(other.getEncoded());
    }

    @Test
    void aKeyOfAnotherFileIsTakenOverOpaque() throws Exception {
        keyStore.setKeyEntry("tokens", AES, null, null);
        KeyStore other = reloaded(Fixture.load(home));

        other.setEntry("copied", keyStore.getEntry("tokens", null), null);

        KeyStore again = reloaded(other);
        assertThat(again.getKey("copied", null).getEncoded()).isNull();
        assertThat(decryptByJdk(seal(again.getKey("copied", null)))).isEqualTo(Fixture.TEXT);
    }

    @Test
    void aHandleThatMayNotDoEverythingMakesNoEntryOfAnotherFile() throws Exception {
        keyStore.setKeyEntry("tokens", AES, null, null);
        Path path = home.resolve("store.kms");
        keyStore.store(new KmsLoadStoreParameter(Fixture.settings(home), path));
        Key limited = Fixture.load(
                        "local.directory = " + home + "\nkeystore.file = " + path + "\nkey.tokens.usage = decrypt")
                .getKey("tokens", null);
        KeyStore other = reloaded(Fixture.load(home));

        assertThatThrownBy(() -> other.setKeyEntry("tokens", limited, null, null))
                .isInstanceOf(KeyStoreException.class)
                .hasMessageContaining("key.*.usage");
    }

    @Test
    void anEntryThatIsPutWhereItIsStaysAsItIs() throws Exception {
        keyStore.setKeyEntry("tokens", AES, null, null);
        Entry before = keyStore.getEntry("tokens", null);

        keyStore.setEntry("tokens", before, null);

        assertThat(((SecretKeyEntry) keyStore.getEntry("tokens", null)).getSecretKey())
                .isEqualTo(((SecretKeyEntry) before).getSecretKey());
    }
}
