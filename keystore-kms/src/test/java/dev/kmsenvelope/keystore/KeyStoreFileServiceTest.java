package dev.kmsenvelope.keystore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.kms.KeyAccessDeniedException;
import dev.kmsenvelope.kms.KmsException;
import dev.kmsenvelope.kms.KmsUnavailableException;
import java.nio.file.Path;
import java.security.Key;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.KeyStore.PrivateKeyEntry;
import java.security.KeyStore.SecretKeyEntry;
import java.security.UnrecoverableKeyException;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import javax.net.ssl.KeyManagerFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a keystore file asks of the key service, and what becomes of it when the service says no to an entry, or to all. */
class KeyStoreFileServiceTest {

    private static final SecretKey AES = new SecretKeySpec(new byte[32], "AES");

    @TempDir
    private Path home;

    private Path file;
    private WatchedService service;

    @BeforeEach
    void makeFile() throws Exception {
        file = home.resolve("store.kms");
        KeyStore keyStore = Fixture.load(home);
        keyStore.setKeyEntry("tokens", AES, null, null);
        keyStore.setEntry(
                "raw",
                new SecretKeyEntry(AES, Set.of(new KmsEntryAttribute(KmsEntryAttribute.EXTRACTABLE, "true"))),
                null);
        KeyPair rsa = Pairs.rsa();
        keyStore.setKeyEntry("rsa", rsa.getPrivate(), null, new Certificate[] {Pairs.certificate(rsa, "rsa")});
        KeyPair ec = Pairs.ec();
        keyStore.setKeyEntry("ec", ec.getPrivate(), null, new Certificate[] {Pairs.certificate(ec, "ec")});
        keyStore.setCertificateEntry("ca", Pairs.certificate(ec, "ec"));
        keyStore.store(new KmsLoadStoreParameter(Configuration.of(Map.of()), file));
        service = new WatchedService(home);
    }

    private KeyStore load() throws Exception {
        return service.load("keystore.file", file.toString());
    }

    private List<String> requests(String kind) {
        return service.requests.stream().filter(kind::equals).toList();
    }

    @Test
    void openingDecryptsOnceAndListingNothing() throws Exception {
        KeyStore keyStore = load();
        assertThat(requests("decrypt")).hasSize(1);
        service.requests.clear();

        list(keyStore);

        assertThat(service.requests).isEmpty();
    }

    /** What keytool -list does. */
    private static void list(KeyStore keyStore) throws Exception {
        for (String alias : Collections.list(keyStore.aliases())) {
            assertThat(keyStore.containsAlias(alias)).isTrue();
            assertThat(keyStore.getCreationDate(alias)).isNotNull();
            if (keyStore.entryInstanceOf(alias, PrivateKeyEntry.class)) {
                assertThat(keyStore.getCertificateChain(alias)).hasSize(1);
            }
            keyStore.entryInstanceOf(alias, SecretKeyEntry.class);
            keyStore.isCertificateEntry(alias);
            keyStore.getCertificate(alias);
        }
        assertThat(keyStore.size()).isEqualTo(5);
    }

    @Test
    void eachEntryIsUnwrappedOnceAndThenKept() throws Exception {
        KeyStore keyStore = load();
        service.requests.clear();

        for (int i = 0; i < 3; i++) {
            for (String alias : Collections.list(keyStore.aliases())) {
                keyStore.isKeyEntry(alias);
                keyStore.getKey(alias, null);
                keyStore.getEntry(alias, null);
            }
            Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding", Fixture.PROVIDER);
            cipher.init(Cipher.ENCRYPT_MODE, keyStore.getKey("tokens", null));
            cipher.doFinal(Fixture.TEXT);
        }

        assertThat(requests("decrypt")).as("raw, rsa, ec, tokens").hasSize(4);
    }

    @Test
    void manyWhoAskAtOnceMakeOneRequest() throws Exception {
        KeyStore keyStore = load();
        service.requests.clear();
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            List<Callable<Key>> asking = new ArrayList<>();
            for (int i = 0; i < 32; i++) {
                asking.add(() -> keyStore.getKey("rsa", null));
            }
            for (Future<Key> key : threads.invokeAll(asking)) {
                assertThat(key.get()).isNotNull();
            }
        } finally {
            threads.shutdownNow();
        }

        assertThat(requests("decrypt")).hasSize(1);
    }

    @Test
    void anEntryThatTheServiceDeniesHurtsNoOther() throws Exception {
        service.denied.addAll(List.of("rsa", "raw"));
        KeyStore keyStore = load();

        list(keyStore);
        for (String alias : List.of("rsa", "raw")) {
            assertThat(keyStore.isKeyEntry(alias)).isFalse();
            assertThatThrownBy(() -> keyStore.getKey(alias, null))
                    .isInstanceOf(UnrecoverableKeyException.class)
                    .hasCauseInstanceOf(KmsException.class)
                    .hasMessageContaining(alias);
            assertThatThrownBy(() -> keyStore.getEntry(alias, null)).isInstanceOf(KmsException.class);
        }
        assertThat(keyStore.getKey("ec", null)).isNotNull();
        assertThat(keyStore.getKey("tokens", null)).isNotNull();
        for (String algorithm : List.of("SunX509", "PKIX")) {
            KeyManagerFactory keys = KeyManagerFactory.getInstance(algorithm);
            keys.init(keyStore, "any".toCharArray());
            assertThat(((javax.net.ssl.X509KeyManager) keys.getKeyManagers()[0]).getServerAliases("EC", null))
                    .as(algorithm)
                    .hasSize(1);
        }
    }

    @Test
    void aDenialIsNotAskedForAgainAtOnce() throws Exception {
        service.denied.add("rsa");
        KeyStore keyStore = load();
        service.requests.clear();

        for (int i = 0; i < 5; i++) {
            assertThat(keyStore.isKeyEntry("rsa")).isFalse();
        }

        assertThat(requests("decrypt").size()).isLessThanOrEqualTo(1);
    }

    @Test
    void aHandleToADeniedKeySaysSoWhenItIsUsed() throws Exception {
        service.denied.add("tokens");
        Key key = load().getKey("tokens", null);
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding", Fixture.PROVIDER);

        assertThatThrownBy(() -> cipher.init(Cipher.ENCRYPT_MODE, key)).isInstanceOf(KeyAccessDeniedException.class);
    }

    @Test
    void whileTheServiceIsAwayWhatWasUsedGoesOn() throws Exception {
        KeyStore keyStore = load();
        Key ec = keyStore.getKey("ec", null);
        service.away = true;

        list(keyStore);
        assertThat(keyStore.getKey("ec", null)).isSameAs(ec);
        assertThat(keyStore.isKeyEntry("ec")).isTrue();
        assertThat(keyStore.isKeyEntry("rsa")).isFalse();
        assertThatThrownBy(() -> keyStore.setKeyEntry("new", AES, null, null))
                .isInstanceOf(KmsUnavailableException.class);
        assertThat(keyStore.containsAlias("new")).isFalse();
        assertThat(keyStore.size()).isEqualTo(5);
        keyStore.deleteEntry("ca");
        assertThatThrownBy(() -> keyStore.store(new KmsLoadStoreParameter(Configuration.of(Map.of()))))
                .isInstanceOf(java.io.IOException.class)
                .hasCauseInstanceOf(KmsUnavailableException.class);
        service.away = false;
        keyStore.store(new KmsLoadStoreParameter(Configuration.of(Map.of())));
        assertThat(load().containsAlias("ca")).isFalse();
    }

    @Test
    void liveKeysThatCannotBeListedHideNoEntryOfTheFile() throws Exception {
        KeyStore keyStore = service.load("keystore.file", file.toString(), "keystore.live", "true");
        service.away = true;

        list(keyStore);
        assertThat(keyStore.containsAlias("alias/none")).isFalse();
    }

    /** The key goes from one encrypted form into the other inside the service. */
    @Test
    void renamingDecryptsNothingHere() throws Exception {
        KeyStore keyStore = load();
        service.requests.clear();

        keyStore.setEntry("renamed", keyStore.getEntry("tokens", null), null);

        assertThat(requests("reEncrypt")).hasSize(1);
        assertThat(requests("decrypt")).isEmpty();
    }
}
