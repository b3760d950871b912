package dev.kmsenvelope.keystore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.kms.KeyAccessDeniedException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.KeyStoreException;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.util.Collections;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A private key that is put into a KeyStore is wrapped when that is stored, and not before. */
class UnwrappedKeysTest {

    private static final SecretKey AES = new SecretKeySpec(new byte[32], "AES");

    @TempDir
    private Path home;

    private WatchedService service;
    private KeyStore keyStore;
    private KeyPair pair;
    private Certificate[] chain;

    @BeforeEach
    void load() throws Exception {
        Fixture.create(home, PinnedKey.LOCAL.value());
        service = new WatchedService(home);
        keyStore = service.load("keystore.live", "false");
        pair = Pairs.ec();
        chain = new Certificate[] {Pairs.certificate(pair, "tls")};
        service.requests.clear();
    }

    private Path file() {
        return home.resolve("app.kms");
    }

    private void store() throws Exception {
        keyStore.store(new KmsLoadStoreParameter(Configuration.empty(), file()));
    }

    /** Servers copy the key that they need into a KeyStore of the same type. They may only decrypt. */
    @Test
    void aCopyThatIsNeverStoredAsksForNothing() throws Exception {
        service.away = true;
        keyStore.setKeyEntry("tls", pair.getPrivate(), null, chain);

        assertThat(Collections.list(keyStore.aliases())).containsExactly("tls");
        assertThat(keyStore.size()).isEqualTo(1);
        assertThat(keyStore.isKeyEntry("tls")).isTrue();
        assertThat(keyStore.getKey("tls", null)).isSameAs(pair.getPrivate());
        assertThat(keyStore.getCertificateChain("tls")).containsExactly(chain);
        assertThat(keyStore.getCertificateAlias(chain[0])).isEqualTo("tls");
        assertThat(keyStore.entryInstanceOf("tls", KeyStore.PrivateKeyEntry.class))
                .isTrue();
        KeyStore.Entry entry = keyStore.getEntry("tls", null);
        assertThat(((KeyStore.PrivateKeyEntry) entry).getPrivateKey()).isSameAs(pair.getPrivate());
        assertThat(KmsEntryAttribute.find(entry, KmsEntryAttribute.KIND)).contains("private-key");
        assertThat(service.requests).isEmpty();
    }

    @Test
    void storingWrapsIt() throws Exception {
        keyStore.setKeyEntry("tls", pair.getPrivate(), null, chain);
        store();

        KeyStore loaded = service.load("keystore.file", file().toString());
        assertThat(loaded.getKey("tls", null)).isEqualTo(pair.getPrivate()).isNotSameAs(pair.getPrivate());
        assertThat(keyStore.getKey("tls", null)).as("what was stored").isNotSameAs(pair.getPrivate());
        assertThat(Files.readString(file())).contains("\"alias\": \"tls\"");
        keyStore.store(null, null);
    }

    @Test
    void whatCannotBeWrappedStaysAndNothingIsWritten() throws Exception {
        keyStore.setKeyEntry("first", pair.getPrivate(), null, chain);
        keyStore.setKeyEntry("tls", pair.getPrivate(), null, chain);
        service.denied.add("tls");

        assertThatThrownBy(this::store)
                .isInstanceOf(IOException.class)
                .hasRootCauseInstanceOf(KeyAccessDeniedException.class);
        assertThatThrownBy(() -> keyStore.store(new ByteArrayOutputStream(), null))
                .isInstanceOf(IOException.class);
        assertThat(file()).doesNotExist();
        assertThat(keyStore.getKey("tls", null)).isSameAs(pair.getPrivate());
        assertThat(Collections.list(keyStore.aliases())).containsExactly("first", "tls");

        service.denied.clear();
        store();
        assertThat(Collections.list(
                        service.load("keystore.file", file().toString()).aliases()))
                .containsExactly("first", "tls");
    }

    @Test
    void itIsUnsavedUntilItIsStored() throws Exception {
        keyStore.store(null, null);
        keyStore.setKeyEntry("tls", pair.getPrivate(), null, chain);
        assertThatThrownBy(() -> keyStore.store(null, null)).isInstanceOf(IOException.class);
        store();
        keyStore.store(null, null);
    }

    @Test
    void itTakesThePlaceOfAnEntryAndGivesItsOwn() throws Exception {
        keyStore.setKeyEntry("a", AES, null, null);
        keyStore.setKeyEntry("b", AES, null, null);
        keyStore.setKeyEntry("a", pair.getPrivate(), null, chain);
        assertThat(Collections.list(keyStore.aliases())).containsExactly("a", "b");
        assertThat(keyStore.getKey("a", null)).isInstanceOf(PrivateKey.class);
        assertThatThrownBy(() -> keyStore.setCertificateEntry("a", chain[0])).isInstanceOf(KeyStoreException.class);

        keyStore.setKeyEntry("b", pair.getPrivate(), null, chain);
        keyStore.setKeyEntry("b", AES, null, null);
        store();
        KeyStore loaded = service.load("keystore.file", file().toString());
        assertThat(loaded.getKey("a", null)).isEqualTo(pair.getPrivate());
        assertThat(loaded.getKey("b", null)).isInstanceOf(SecretKey.class);

        keyStore.setKeyEntry("b", pair.getPrivate(), null, chain);
        keyStore.deleteEntry("b");
        assertThat(keyStore.containsAlias("b"))
                .as("neither the one nor the other")
                .isFalse();
    }

    @Test
    void entriesKeepTheOrderInWhichTheyWereAdded() throws Exception {
        keyStore.setKeyEntry("tls", pair.getPrivate(), null, chain);
        keyStore.setKeyEntry("tokens", AES, null, null);
        keyStore.setKeyEntry("other", pair.getPrivate(), null, chain);
        assertThat(Collections.list(keyStore.aliases())).containsExactly("tls", "tokens", "other");
        store();
        assertThat(Collections.list(keyStore.aliases())).containsExactly("tls", "tokens", "other");
        assertThat(Collections.list(
                        service.load("keystore.file", file().toString()).aliases()))
                .containsExactly("tls", "tokens", "other");
    }

    @Test
    void theChainIsACopy() throws Exception {
        Certificate[] given = chain.clone();
        keyStore.setKeyEntry("tls", pair.getPrivate(), null, given);
        given[0] = Pairs.certificate(pair, "another");
        assertThat(keyStore.getCertificateChain("tls")).containsExactly(chain);
        store();
        assertThat(service.load("keystore.file", file().toString()).getCertificateChain("tls"))
                .containsExactly(chain);
    }

    @Test
    void whatCouldNotBeStoredIsRefusedAtOnce() throws Exception {
        PrivateKey key = pair.getPrivate();
        for (String alias : new String[] {"", " tls", "tls@1", "a\nb"}) {
            assertThatThrownBy(() -> keyStore.setKeyEntry(alias, key, null, chain))
                    .as(alias)
                    .isInstanceOf(KeyStoreException.class);
        }
        assertThatThrownBy(() -> keyStore.setKeyEntry("tls", new Opaque(), null, chain))
                .isInstanceOf(KeyStoreException.class)
                .hasMessageContaining("PKCS #8");
        assertThatThrownBy(() -> keyStore.setKeyEntry("tls", key, null, new Certificate[0]))
                .isInstanceOfAny(KeyStoreException.class, IllegalArgumentException.class);
        assertThat(keyStore.size()).isZero();
    }

    /** A key of somebody else's hardware. */
    private static final class Opaque implements PrivateKey {

        private static final long serialVersionUID = 1L;

        @Override
        public String getAlgorithm() {
            return "EC";
        }

        @Override
        public String getFormat() {
            return null;
        }

        @Override
        public byte[] getEncoded() {
            return null;
        }
    }
}
