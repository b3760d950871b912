package dev.kmsenvelope.keystore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmsenvelope.provider.KmsStoredKey;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.KeyStore.Entry;
import java.security.KeyStore.PasswordProtection;
import java.security.KeyStore.PrivateKeyEntry;
import java.security.KeyStore.SecretKeyEntry;
import java.security.KeyStore.TrustedCertificateEntry;
import java.security.KeyStoreException;
import java.security.PKCS12Attribute;
import java.security.cert.Certificate;
import java.util.Collections;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The way back: entries of a keystore file in a PKCS12 KeyStore, with all that they say of themselves, and here again. */
class KeyStoreToPkcs12Test extends KeyStoreFileCase {

    private static final PasswordProtection PROTECTION = new PasswordProtection(PASSWORD);

    private static Set<Entry.Attribute> attributes(String usage, String extractable) {
        return Set.of(
                new KmsEntryAttribute(KmsEntryAttribute.USAGE, usage),
                new KmsEntryAttribute(KmsEntryAttribute.EXTRACTABLE, extractable),
                new KmsEntryAttribute(KmsEntryAttribute.MAX_MESSAGES, "77"));
    }

    private static KeyStore pkcs12() throws Exception {
        KeyStore pkcs12 = KeyStore.getInstance("PKCS12", "SUN");
        pkcs12.load(null, null);
        return pkcs12;
    }

    /** As it is after it was stored and read. */
    private static KeyStore read(KeyStore pkcs12) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        pkcs12.store(out, PASSWORD);
        KeyStore read = KeyStore.getInstance("PKCS12", "SUN");
        read.load(new ByteArrayInputStream(out.toByteArray()), PASSWORD);
        return read;
    }

    private static Entry entry(KeyStore pkcs12, String alias) throws Exception {
        return pkcs12.getEntry(alias, pkcs12.isCertificateEntry(alias) ? null : PROTECTION);
    }

    @Test
    void eachKindOfEntryThatGivesItsKeyGoesThere() throws Exception {
        KeyPair pair = Pairs.ec();
        Certificate[] chain = {Pairs.certificate(pair, "tls")};
        keyStore.setKeyEntry("tls", pair.getPrivate(), null, chain);
        keyStore.setEntry("tokens", new SecretKeyEntry(AES, attributes("AES/CTR/NoPadding", "true")), null);
        keyStore.setEntry(
                "mac",
                new SecretKeyEntry(new SecretKeySpec(BYTES, "HmacSHA256"), attributes("HmacSHA256", "true")),
                null);
        keyStore.setCertificateEntry("partner", Pairs.certificate(Pairs.rsa(), "partner"));
        KeyStore stored = reloaded(keyStore);

        KeyStore pkcs12 = pkcs12();
        for (String alias : Collections.list(stored.aliases())) {
            boolean isCertificate = stored.isCertificateEntry(alias);
            pkcs12.setEntry(alias, stored.getEntry(alias, PROTECTION), isCertificate ? null : PROTECTION);
        }
        KeyStore read = read(pkcs12);

        PrivateKeyEntry tls = (PrivateKeyEntry) entry(read, "tls");
        assertThat(tls.getPrivateKey()).isEqualTo(pair.getPrivate());
        assertThat(tls.getCertificateChain()).containsExactly(chain);
        assertThat(((SecretKeyEntry) entry(read, "tokens")).getSecretKey().getEncoded())
                .isEqualTo(BYTES);
        assertThat(((SecretKeyEntry) entry(read, "mac")).getSecretKey().getAlgorithm())
                .isEqualTo("HmacSHA256");
        assertThat(((TrustedCertificateEntry) entry(read, "partner")).getTrustedCertificate())
                .isEqualTo(stored.getCertificate("partner"));
        for (String alias : Collections.list(stored.aliases())) {
            assertThat(KmsEntryAttribute.allOf(entry(read, alias)))
                    .as(alias)
                    .isNotEmpty()
                    .isEqualTo(KmsEntryAttribute.allOf(stored.getEntry(alias, null)));
        }
    }

    @Test
    void andComesBackForWhatItWasFor() throws Exception {
        keyStore.setEntry("tokens", new SecretKeyEntry(AES, attributes("AES/KWP/NoPadding", "true")), null);
        KeyStore pkcs12 = pkcs12();
        pkcs12.setEntry("tokens", keyStore.getEntry("tokens", null), PROTECTION);
        Entry copied = entry(read(pkcs12), "tokens");
        KeyStore other = Fixture.load(home);

        other.setEntry("tokens", copied, null);

        assertThat(attributes(reloaded(other).getEntry("tokens", null)))
                .containsEntry(KmsEntryAttribute.USAGE, "AES/KWP/NoPadding")
                .containsEntry(KmsEntryAttribute.EXTRACTABLE, "true")
                .containsEntry(KmsEntryAttribute.MAX_MESSAGES, "77");
    }

    @Test
    void whatSomebodySaysGoesBeforeWhatCameWithTheEntry() throws Exception {
        keyStore.setEntry("tokens", new SecretKeyEntry(AES, attributes("AES/KWP/NoPadding", "true")), null);
        SecretKeyEntry entry = (SecretKeyEntry) keyStore.getEntry("tokens", null);
        Set<Entry.Attribute> more = new HashSet<>(entry.getAttributes());
        more.add(new KmsEntryAttribute(KmsEntryAttribute.EXTRACTABLE, "false"));

        keyStore.setEntry("tokens", new SecretKeyEntry(entry.getSecretKey(), more), null);

        assertThat(keyStore.getKey("tokens", null)).isInstanceOf(KmsStoredKey.class);
        assertThat(attributes(keyStore.getEntry("tokens", null)))
                .containsEntry(KmsEntryAttribute.USAGE, "AES/KWP/NoPadding");
    }

    @Test
    void anOpaqueKeyIsRefusedThereAndLeavesNothingBehind() throws Exception {
        keyStore.setKeyEntry("tokens", AES, null, null);
        KeyStore pkcs12 = pkcs12();
        Entry opaque = keyStore.getEntry("tokens", null);

        assertThatThrownBy(() -> pkcs12.setEntry("tokens", opaque, PROTECTION)).isInstanceOf(KeyStoreException.class);

        assertThat(pkcs12.size()).isZero();
    }

    /** The JDK's constructor that takes text would change each of these. */
    @ParameterizedTest
    @ValueSource(strings = {"aa:bb", "[a, b]", "[]", "größe", "a b", "\uD83D\uDD11"})
    void valuesStayAsTheyAreWhateverTheyLookLike(String alias) throws Exception {
        PKCS12Attribute attribute = Pkcs12Attributes.of(KmsEntryAttribute.ALIAS, alias);

        assertThat(attribute.getValue()).isEqualTo(alias);
        assertThat(new PKCS12Attribute(attribute.getEncoded())).isEqualTo(attribute);
        assertThat(Pkcs12Attributes.name(attribute)).contains(KmsEntryAttribute.ALIAS);
    }

    /** They stand in files. */
    @Test
    void theIdentifiersStayAsTheyAre() {
        String arc = "2.25." + new BigInteger("10ae371cc5394a609291d3d9d8122319", 16) + ".";
        Map<String, String> identifiers = Map.of(
                KmsEntryAttribute.KIND, "1",
                KmsEntryAttribute.ALIAS, "2",
                KmsEntryAttribute.CREATED, "3",
                KmsEntryAttribute.KEY, "4",
                KmsEntryAttribute.USAGE, "5",
                KmsEntryAttribute.EXTRACTABLE, "6",
                KmsEntryAttribute.VERSION, "7",
                KmsEntryAttribute.MAX_MESSAGES, "8");

        identifiers.forEach((name, number) ->
                assertThat(Pkcs12Attributes.of(name, "x").getName()).isEqualTo(arc + number));
    }

    @Test
    void attributesOfOthersAreNone() throws Exception {
        Entry entry = new SecretKeyEntry(AES, Set.of(new PKCS12Attribute("1.2.3.4", "true")));

        assertThat(KmsEntryAttribute.allOf(entry)).isEmpty();
        assertThat(KmsEntryAttribute.find(entry, KmsEntryAttribute.USAGE)).isEmpty();
        keyStore.setEntry("tokens", entry, null);
        assertThat(attributes(keyStore.getEntry("tokens", null))).containsEntry(KmsEntryAttribute.EXTRACTABLE, "false");
    }
}
