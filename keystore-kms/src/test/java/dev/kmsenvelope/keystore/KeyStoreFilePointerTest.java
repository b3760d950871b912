package dev.kmsenvelope.keystore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.kms.KeyAdministration;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.kms.KeyUsage;
import dev.kmsenvelope.provider.KmsSecretKey;
import dev.kmsenvelope.provider.KmsStoredKey;
import dev.kmsenvelope.spi.Backends;
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Key;
import java.security.KeyStore;
import java.security.KeyStore.PrivateKeyEntry;
import java.security.KeyStoreException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.UnrecoverableKeyException;
import java.security.cert.Certificate;
import java.util.Collections;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Entries of a keystore file that point to keys of the service, and live keys beside it. */
class KeyStoreFilePointerTest extends KeyStoreFileCase {

    @Test
    void aHandleToAKeyOfTheServiceBecomesAPointer() throws Exception {
        try (KeyAdministration keys = Backends.openAdministration(Fixture.settings(home))) {
            keys.createKey(KeySpec.SYMMETRIC_DEFAULT, KeyId.of("alias/orders"));
            keys.createKey(KeySpec.ECC_NIST_P256, KeyUsage.SIGN_VERIFY, KeyId.of("alias/signing"));
            keys.createKey(KeySpec.HMAC_256, KeyId.of("alias/mac"));
        }
        KeyStore live = Fixture.load(home);
        live.setKeyEntry("orders", live.getKey("alias/orders", null), null, null);
        live.setEntry("signing", live.getEntry("alias/signing", null), null);
        live.setKeyEntry("mac", live.getKey("alias/mac", null), null, null);

        KeyStore again = reloaded(live);

        assertThat(Collections.list(again.aliases())).containsExactly("orders", "signing", "mac");
        assertThat(again.getKey("alias/orders", null))
                .as("live aliases are not shown")
                .isNull();
        Key orders = again.getKey("orders", null);
        assertThat(orders).isInstanceOf(KmsSecretKey.class);
        assertThat(Fixture.open(live.getKey("alias/orders", null), Fixture.seal(orders)))
                .isEqualTo(Fixture.TEXT);
        assertThat(attributes(again.getEntry("orders", null)))
                .containsEntry(KmsEntryAttribute.KIND, "pointer")
                .containsEntry(KmsEntryAttribute.KEY, "alias/orders");
        assertThat(again.entryInstanceOf("signing", PrivateKeyEntry.class)).isTrue();
        Signature signature = Signature.getInstance("SHA256withECDSA", Fixture.PROVIDER);
        signature.initSign((PrivateKey) again.getKey("signing", null));
        signature.update(Fixture.TEXT);
        Signature verification = Signature.getInstance("SHA256withECDSA", "SunEC");
        verification.initVerify(again.getCertificate("signing"));
        verification.update(Fixture.TEXT);
        assertThat(verification.verify(signature.sign())).isTrue();
        assertThat(again.isKeyEntry("mac")).isTrue();
    }

    @Test
    void aHandleOfAnotherServiceIsNoPointer() throws Exception {
        Path elsewhere = home.resolve("elsewhere");
        Fixture.create(elsewhere, "alias/orders");
        Fixture.create(home, "alias/orders");
        Key foreign = Fixture.load(elsewhere).getKey("alias/orders", null);

        assertThatThrownBy(() -> keyStore.setKeyEntry("orders", foreign, null, null))
                .isInstanceOf(KeyStoreException.class)
                .hasMessageContaining("another service");
    }

    @Test
    void anotherChainForAKeyOfTheServiceIsRefusedRatherThanForgotten() throws Exception {
        try (KeyAdministration keys = Backends.openAdministration(Fixture.settings(home))) {
            keys.createKey(KeySpec.ECC_NIST_P256, KeyUsage.SIGN_VERIFY, KeyId.of("alias/signing"));
        }
        KeyStore live = Fixture.load(home);
        Certificate[] other = {Pairs.certificate(Pairs.ec(), "other")};

        assertThatThrownBy(() -> live.setKeyEntry("signing", live.getKey("alias/signing", null), null, other))
                .isInstanceOf(KeyStoreException.class)
                .hasMessageContaining(".certificate");
    }

    @Test
    void aPointerToNothingIsAnEntryThatGivesNoKey() throws Exception {
        Fixture.create(home, "alias/orders");
        KeyStore live = Fixture.load(home);
        live.setKeyEntry("orders", live.getKey("alias/orders", null), null, null);
        live.setKeyEntry("tokens", AES, null, null);
        try (KeyAdministration keys = Backends.openAdministration(Fixture.settings(home))) {
            keys.deleteAlias(KeyId.of("alias/orders"));
        }

        KeyStore again = reloaded(live);

        assertThat(again.containsAlias("orders")).isTrue();
        assertThat(again.isKeyEntry("orders")).isFalse();
        assertThat(again.getCreationDate("orders")).isNotNull();
        assertThatThrownBy(() -> again.getKey("orders", null))
                .isInstanceOf(UnrecoverableKeyException.class)
                .hasMessageContaining("alias/orders");
        assertThat(again.getKey("tokens", null)).isNotNull();
    }

    @Test
    void anAliasOfTheFileHidesALiveOneAndALiveOneIsNotReplaced() throws Exception {
        KeyStore live = Fixture.load(home);
        live.setKeyEntry("alias/later", AES, null, null);
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        live.store(file, null);
        Fixture.create(home, "alias/later");
        Fixture.create(home, "alias/live");

        KeyStore both = KeyStore.getInstance("KMS", Fixture.PROVIDER);
        Path path = Files.write(home.resolve("store.kms"), file.toByteArray());
        both.load(new KmsLoadStoreParameter(
                Configuration.of(Map.of("local.directory", home.toString(), "keystore.live", "true")), path));

        assertThat(Collections.list(both.aliases()))
                .containsExactly("alias/later", "alias/kms-envelope-keystore", "alias/live");
        assertThat(both.getKey("alias/later", null)).isInstanceOf(KmsStoredKey.class);
        assertThat(both.getKey("alias/live", null)).isInstanceOf(KmsSecretKey.class);
        assertThatThrownBy(() -> both.setKeyEntry("alias/live", AES, null, null))
                .isInstanceOf(KeyStoreException.class)
                .hasMessageContaining("read-only");
        assertThatThrownBy(() -> both.deleteEntry("alias/live")).isInstanceOf(KeyStoreException.class);
        both.setKeyEntry("alias/later", AES, null, null);
    }
}
