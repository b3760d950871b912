package dev.kmsenvelope.keystore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.keystore.file.DataKeyEntry;
import dev.kmsenvelope.keystore.file.StoreContent;
import dev.kmsenvelope.keystore.file.StoreFile;
import dev.kmsenvelope.keystore.file.StoreSeal;
import dev.kmsenvelope.keystore.file.StoreWrapping;
import dev.kmsenvelope.kms.KeyAdministration;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.kms.KeyUsage;
import dev.kmsenvelope.provider.KmsEnvelopeProvider;
import dev.kmsenvelope.provider.KmsSecretKey;
import dev.kmsenvelope.provider.KmsStoredKey;
import dev.kmsenvelope.spi.Backends;
import dev.kmsenvelope.spi.KeyServices;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.InvalidKeyException;
import java.security.Key;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.KeyStore.Entry;
import java.security.KeyStore.PasswordProtection;
import java.security.KeyStore.PrivateKeyEntry;
import java.security.KeyStore.SecretKeyEntry;
import java.security.KeyStore.TrustedCertificateEntry;
import java.security.KeyStoreException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.UnrecoverableKeyException;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The entries of a keystore file: what is put in, what is found, after a store and a load too. */
class KeyStoreFileTest {

    private static final byte[] BYTES = "0123456789abcdef0123456789ABCDEF".getBytes(StandardCharsets.US_ASCII);
    private static final SecretKey AES = new SecretKeySpec(BYTES, "AES");
    private static final char[] PASSWORD = "any password".toCharArray();

    @TempDir
    private Path home;

    private KeyStore keyStore;

    @BeforeEach
    void makeOne() throws Exception {
        keyStore = reloaded(Fixture.load(home));
    }

    /** The same, out of the bytes that it stores. */
    private KeyStore reloaded(KeyStore stored) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        stored.store(out, PASSWORD);
        return loaded(out.toByteArray());
    }

    private KeyStore loaded(byte[] file) throws Exception {
        KeyStore opened = KeyStore.getInstance("KMS", new KmsEnvelopeProvider().configure(settings()));
        opened.load(new ByteArrayInputStream(file), PASSWORD);
        return opened;
    }

    private String settings() throws IOException {
        Path file = home.resolve("settings.properties");
        return Files.writeString(file, "local.directory = " + home + "\n").toString();
    }

    private static Map<String, String> attributes(Entry entry) {
        return entry.getAttributes().stream()
                .collect(Collectors.toMap(Entry.Attribute::getName, Entry.Attribute::getValue));
    }

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

    private static byte[] seal(Key key) throws Exception {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding", Fixture.PROVIDER);
        cipher.init(Cipher.ENCRYPT_MODE, key);
        byte[] sealed = cipher.doFinal(Fixture.TEXT);
        byte[] all = Arrays.copyOf(cipher.getIV(), 12 + sealed.length);
        System.arraycopy(sealed, 0, all, 12, sealed.length);
        return all;
    }

    private static byte[] decryptByJdk(byte[] sealed) throws Exception {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding", "SunJCE");
        cipher.init(Cipher.DECRYPT_MODE, AES, new GCMParameterSpec(128, sealed, 0, 12));
        return cipher.doFinal(sealed, 12, sealed.length - 12);
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
                "AES     | 33 | bytes",
                "HmacSHA256 | 8 | bytes",
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

    private static KeyPair pair(String kind) throws Exception {
        return switch (kind) {
            case "RSA" -> Pairs.rsa();
            case "EC" -> Pairs.ec();
            default -> Pairs.ed25519();
        };
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
