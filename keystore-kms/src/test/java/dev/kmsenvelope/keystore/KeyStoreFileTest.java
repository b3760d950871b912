package dev.kmsenvelope.keystore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.KeyPair;
import java.security.KeyStore;
import java.security.KeyStore.PasswordProtection;
import java.security.KeyStore.PrivateKeyEntry;
import java.security.KeyStore.SecretKeyEntry;
import java.security.KeyStore.TrustedCertificateEntry;
import java.security.KeyStoreException;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.Collections;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The entries of a keystore file: what is put in, what is found, after a store and a load too. */
class KeyStoreFileTest extends KeyStoreFileCase {

    private static KeyPair pair(String kind) throws Exception {
        return switch (kind) {
            case "RSA" -> Pairs.rsa();
            case "EC" -> Pairs.ec();
            default -> Pairs.ed25519();
        };
    }

    @ParameterizedTest
    @ValueSource(strings = {"RSA", "EC", "Ed25519"})
    void aPrivateKeyComesBackAsItWas(String kind) throws Exception {
        KeyPair pair = pair(kind);
        KeyPair authority = Pairs.ec();
        X509Certificate[] chain = {
            Pairs.certificate(pair, "own", authority, "authority"), Pairs.certificate(authority, "authority")
        };
        keyStore.setKeyEntry("tls", pair.getPrivate(), PASSWORD, chain);

        KeyStore again = reloaded(keyStore);

        assertThat(again.getKey("tls", null)).isEqualTo(pair.getPrivate()).isSameAs(again.getKey("tls", PASSWORD));
        assertThat(again.getCertificateChain("tls")).containsExactly(chain);
        assertThat(again.getCertificate("tls")).isEqualTo(chain[0]);
        assertThat(again.getCertificateAlias(chain[0])).isEqualTo("tls");
        assertThat(again.getCertificateAlias(chain[1])).isNull();
        assertThat(again.isKeyEntry("tls")).isTrue();
        assertThat(again.isCertificateEntry("tls")).isFalse();
        assertThat(again.entryInstanceOf("tls", PrivateKeyEntry.class)).isTrue();
        assertThat(again.entryInstanceOf("tls", SecretKeyEntry.class)).isFalse();
        PrivateKeyEntry entry = (PrivateKeyEntry) again.getEntry("tls", new PasswordProtection(PASSWORD));
        assertThat(entry.getPrivateKey()).isEqualTo(pair.getPrivate());
        assertThat(attributes(entry)).containsEntry(KmsEntryAttribute.KIND, "private-key");
    }

    @Test
    void aPrivateKeyNeedsItsChain() throws Exception {
        PrivateKey key = Pairs.ec().getPrivate();

        for (Certificate[] none : new Certificate[][] {null, {}}) {
            assertThatThrownBy(() -> keyStore.setKeyEntry("tls", key, null, none))
                    .isInstanceOf(Exception.class)
                    .hasMessageMatching("(?s).*(certificate|chain).*");
        }
        assertThat(keyStore.size()).isZero();
    }

    @Test
    void aTrustedCertificateIsKept() throws Exception {
        X509Certificate certificate = Pairs.certificate(Pairs.ec(), "authority");
        keyStore.setCertificateEntry("ca", certificate);

        KeyStore again = reloaded(keyStore);

        assertThat(again.getCertificate("ca")).isEqualTo(certificate);
        assertThat(again.isCertificateEntry("ca")).isTrue();
        assertThat(again.isKeyEntry("ca")).isFalse();
        assertThat(again.getKey("ca", null)).isNull();
        assertThat(again.getCertificateChain("ca")).isNull();
        assertThat(again.getCertificateAlias(certificate)).isEqualTo("ca");
        assertThat(again.entryInstanceOf("ca", TrustedCertificateEntry.class)).isTrue();
        assertThat(((TrustedCertificateEntry) again.getEntry("ca", null)).getTrustedCertificate())
                .isEqualTo(certificate);
        assertThat(attributes(again.getEntry("ca", null))).containsEntry(KmsEntryAttribute.KIND, "certificate");
    }

    @Test
    void aCertificateDoesNotTakeThePlaceOfAKey() throws Exception {
        X509Certificate certificate = Pairs.certificate(Pairs.ec(), "authority");
        keyStore.setKeyEntry("tokens", AES, null, null);

        assertThatThrownBy(() -> keyStore.setCertificateEntry("tokens", certificate))
                .isInstanceOf(KeyStoreException.class)
                .hasMessageContaining("is a key");
        assertThatThrownBy(() -> keyStore.setCertificateEntry("ca", null))
                .isInstanceOf(KeyStoreException.class)
                .hasMessageContaining("X.509");
    }

    @Test
    void bytesThatAreEncryptedAlreadyAreRefused() {
        assertThatThrownBy(() -> keyStore.setKeyEntry("x", new byte[32], null))
                .isInstanceOf(KeyStoreException.class)
                .hasMessageContaining("encrypted already");
    }

    @ParameterizedTest
    @ValueSource(strings = {"tokens@1", "", " x", "x ", "a\nb", "\ud800"})
    void anAliasThatCannotBeIsRefused(String alias) throws Exception {
        X509Certificate certificate = Pairs.certificate(Pairs.ec(), "authority");
        assertThatThrownBy(() -> keyStore.setKeyEntry(alias, AES, null, null)).isInstanceOf(KeyStoreException.class);
        assertThatThrownBy(() -> keyStore.setCertificateEntry(alias, certificate))
                .isInstanceOf(KeyStoreException.class);
    }

    @Test
    void aliasesAreCaseSensitiveAndNeedNotBeNamesOfKeys() throws Exception {
        keyStore.setKeyEntry("Gr\u00fc\u00dfe an Alle", AES, null, null);
        keyStore.setKeyEntry("gr\u00fc\u00dfe an alle", AES, null, null);

        KeyStore again = reloaded(keyStore);

        assertThat(Collections.list(again.aliases()))
                .containsExactly("Gr\u00fc\u00dfe an Alle", "gr\u00fc\u00dfe an alle");
        assertThat(again.containsAlias("GR\u00dc\u00dfE AN ALLE")).isFalse();
        assertThat(decryptByJdk(seal(again.getKey("Gr\u00fc\u00dfe an Alle", null))))
                .isEqualTo(Fixture.TEXT);
    }

    @Test
    void anEntryIsReplacedAndDeleted() throws Exception {
        keyStore.setKeyEntry("x", new SecretKeySpec(new byte[16], "AES"), null, null);
        keyStore.setKeyEntry("y", AES, null, null);
        keyStore.setKeyEntry("x", AES, null, null);
        assertThat(Collections.list(keyStore.aliases())).containsExactly("x", "y");
        assertThat(decryptByJdk(seal(keyStore.getKey("x", null)))).isEqualTo(Fixture.TEXT);

        keyStore.deleteEntry("x");
        keyStore.deleteEntry("never there");

        assertThat(Collections.list(reloaded(keyStore).aliases())).containsExactly("y");
        assertThatThrownBy(() -> keyStore.deleteEntry("y@1"))
                .isInstanceOf(KeyStoreException.class)
                .hasMessageContaining("version");
    }
}
