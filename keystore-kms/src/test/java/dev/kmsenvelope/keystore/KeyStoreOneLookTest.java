package dev.kmsenvelope.keystore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmsenvelope.kms.KeyAdministration;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.kms.KeyUsage;
import dev.kmsenvelope.kms.KmsUnavailableException;
import dev.kmsenvelope.spi.Backends;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.KeyStore.Entry;
import java.security.KeyStore.PrivateKeyEntry;
import java.security.KeyStore.SecretKeyEntry;
import java.security.UnrecoverableKeyException;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** An entry is what one look at the service shows, though keys come and go there. */
class KeyStoreOneLookTest {

    @TempDir
    private Path home;

    private WatchedService service;
    private KeyStore keyStore;

    @BeforeEach
    void makeKeys() throws Exception {
        try (KeyAdministration keys = Backends.openAdministration(Fixture.settings(home))) {
            keys.createKey(KeySpec.SYMMETRIC_DEFAULT, KeyId.of("alias/orders"));
            keys.createKey(KeySpec.ECC_NIST_P256, KeyUsage.SIGN_VERIFY, KeyId.of("alias/signing"));
        }
        KeyStore live = Fixture.load(home);
        live.setKeyEntry("orders", live.getKey("alias/orders", null), null, null);
        live.setEntry("signing", live.getEntry("alias/signing", null), null);
        Path file = home.resolve("store.kms");
        live.store(new KmsLoadStoreParameter(Fixture.settings(home), file));
        service = new WatchedService(home);
        keyStore = service.load(Duration.ZERO, "keystore.file", file.toString(), "keystore.live", "true");
        service.requests.clear();
    }

    @ParameterizedTest
    @CsvSource({"alias/orders, false", "alias/signing, true", "orders, false", "signing, true"})
    void anEntryTakesOneLook(String alias, boolean isPrivate) throws Exception {
        service.descriptions.set(1);

        Entry entry = keyStore.getEntry(alias, null);

        assertThat(service.requests).containsOnlyOnce("describe");
        assertThat(entry).isInstanceOf(isPrivate ? PrivateKeyEntry.class : SecretKeyEntry.class);
        if (entry instanceof PrivateKeyEntry whole) {
            assertThat(whole.getCertificateChain()).isNotEmpty();
        }
        assertThat(entry.getAttributes().isEmpty()).isEqualTo(alias.startsWith("alias/"));
    }

    @Test
    void whatIsGoneAtThatLookIsNoEntry() throws Exception {
        service.descriptions.set(0);

        assertThat(keyStore.getEntry("alias/orders", null)).isNull();
        assertThatThrownBy(() -> keyStore.getEntry("orders", null))
                .isInstanceOf(UnrecoverableKeyException.class)
                .hasMessageContaining("alias/orders");
        service.away = true;
        for (String alias : new String[] {"alias/orders", "orders", "signing"}) {
            assertThatThrownBy(() -> keyStore.getEntry(alias, null)).isInstanceOf(KmsUnavailableException.class);
        }
    }
}
