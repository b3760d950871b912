package dev.kmsenvelope.keystore.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.keystore.file.Samples.Identity;
import dev.kmsenvelope.kms.InvalidCiphertextException;
import dev.kmsenvelope.kms.KeyAdministration;
import dev.kmsenvelope.kms.KeyDisabledException;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KmsUnavailableException;
import dev.kmsenvelope.kms.SecretBytes;
import dev.kmsenvelope.provider.DataKeyUsage;
import dev.kmsenvelope.provider.KeyPolicy;
import dev.kmsenvelope.provider.KmsEnvelopeProvider;
import dev.kmsenvelope.provider.KmsStoredKey;
import dev.kmsenvelope.provider.StoredDataKey;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.Signature;
import java.security.UnrecoverableKeyException;
import java.security.cert.Certificate;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.jcajce.spec.MLDSAParameterSpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is wrapped for one place unwraps there, and nowhere else. */
class StoreWrappingTest {

    private static final byte[] RAW = "a key of thirty-two bytes, here.".getBytes(StandardCharsets.US_ASCII);

    @TempDir
    private Path directory;

    private Watched kms;
    private StoreWrapping wrapping;
    private StoreContent content;

    @BeforeEach
    void open() {
        kms = new Watched(directory);
        wrapping = kms.wrapping();
        content = StoreContent.create();
    }

    @AfterEach
    void close() {
        kms.close();
    }

    private DataKeyEntry wrapRaw(String alias) {
        return wrapping.wrap(content, alias, Watched.DATA, DataKeyUsage.AES_GCM, false, Samples.CONTEXT, 5, RAW);
    }

    /** As a handle does it. */
    private byte[] unwrap(StoreContent in, DataKeyEntry entry, int version) {
        StoredDataKey stored = wrapping.stored(in, entry, entry.version(version).orElseThrow());
        try (SecretBytes key = kms.service()
                .decrypt(stored.key(), kms.service().fromBlob(stored.key(), stored.blob()), stored.context())) {
            return key.copy();
        }
    }

    private KeyId idOf(KeyId alias) {
        return kms.service().describe(alias).id();
    }

    @Test
    void aDataKeyIsGeneratedByOneRequest() {
        kms.takeRequests();
        DataKeyEntry entry = Samples.dataKey(kms, content, "tokens");
        assertThat(kms.takeRequests()).containsExactly("generateDataKey");

        assertThat(unwrap(content, entry, 1)).hasSize(32);
        assertThat(entry.key()).as("an alias can be pointed elsewhere").isEqualTo(idOf(Watched.DATA));
        assertThat(entry.context()).isEqualTo(Samples.CONTEXT);
        assertThat(entry.extractable()).isFalse();
    }

    @Test
    void aKeyThatWasMadeElsewhereIsWrappedAsItIs() {
        kms.takeRequests();
        DataKeyEntry entry = wrapRaw("tokens");
        assertThat(kms.takeRequests()).containsExactly("encrypt");

        assertThat(unwrap(content, entry, 1)).isEqualTo(RAW);
        assertThat(RAW).startsWith('a', ' ');
        assertThat(entry.length()).isEqualTo(32);
        assertThat(entry.maxMessages()).isEqualTo(5);
    }

    @Test
    void whatCannotBeIsFoundBeforeTheServiceIsAsked() {
        kms.takeRequests();
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        wrapping.generate(content, "a", Watched.DATA, DataKeyUsage.AES_GCM, 17, false, Map.of(), 1));
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        wrapping.generate(content, "a", Watched.DATA, DataKeyUsage.AES_GCM, 32, false, Map.of(), 0));
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        wrapping.generate(content, "a@1", Watched.DATA, DataKeyUsage.AES_GCM, 32, false, Map.of(), 1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> wrapping.generate(
                        content,
                        "a",
                        Watched.DATA,
                        DataKeyUsage.AES_GCM,
                        32,
                        false,
                        Map.of("kms-envelope-alias", "b"),
                        1))
                .withMessageContaining("reserved");
        assertThat(kms.takeRequests()).isEmpty();
    }

    @Test
    void versionsAreAddedAndRemoved() {
        DataKeyEntry one = Samples.dataKey(kms, content, "tokens");
        kms.takeRequests();
        DataKeyEntry two = wrapping.addVersion(content, one);
        assertThat(kms.takeRequests()).containsExactly("generateDataKey");
        DataKeyEntry three = wrapping.addVersion(content, two);

        assertThat(three.versions()).extracting(DataKeyEntry.Version::number).containsExactly(1, 2, 3);
        assertThat(three.newest().number()).isEqualTo(3);
        assertThat(unwrap(content, three, 1))
                .isEqualTo(unwrap(content, one, 1))
                .isNotEqualTo(unwrap(content, three, 2));

        DataKeyEntry later = three.withoutVersion(3).withoutVersion(1);
        assertThat(later.newest().number()).isEqualTo(2);
        assertThat(wrapping.addVersion(content, later).newest().number()).isEqualTo(3);
        assertThatIllegalArgumentException().isThrownBy(() -> later.withoutVersion(2));
        assertThatIllegalArgumentException().isThrownBy(() -> later.withoutVersion(9));
    }

    @Test
    @DisplayName("RULES 18: an entry unwraps in its own file, under its own alias, for its own use only")
    void anEntryUnwrapsNowhereElse() {
        DataKeyEntry entry = wrapping.addVersion(content, wrapRaw("tokens"));
        DataKeyEntry.Version first = entry.versions().get(0);
        DataKeyEntry.Version second = entry.versions().get(1);

        assertRefused(StoreContent.create(), entry);
        assertRefused(content, changed(entry, "cookies", entry.usage(), false, entry.context(), entry.versions()));
        assertRefused(content, changed(entry, "Tokens", entry.usage(), false, entry.context(), entry.versions()));
        assertRefused(
                content, changed(entry, "tokens", DataKeyUsage.AES_CTR, false, entry.context(), entry.versions()));
        assertRefused(content, changed(entry, "tokens", entry.usage(), true, entry.context(), entry.versions()));
        assertRefused(content, changed(entry, "tokens", entry.usage(), false, Map.of(), entry.versions()));
        assertRefused(
                content, changed(entry, "tokens", entry.usage(), false, Map.of("tenant", "red"), entry.versions()));
        assertRefused(
                content,
                changed(
                        entry,
                        "tokens",
                        entry.usage(),
                        false,
                        entry.context(),
                        List.of(new DataKeyEntry.Version(1, second.created(), second.blob()))));
        assertRefused(
                content,
                changed(
                        entry,
                        "tokens",
                        entry.usage(),
                        false,
                        entry.context(),
                        List.of(new DataKeyEntry.Version(2, first.created(), first.blob()))));

        assertThat(unwrap(content.next().with(entry), entry, 1))
                .as("other entries and later generations change nothing")
                .isEqualTo(RAW);
    }

    private static DataKeyEntry changed(
            DataKeyEntry entry,
            String alias,
            DataKeyUsage usage,
            boolean extractable,
            Map<String, String> context,
            List<DataKeyEntry.Version> versions) {
        return new DataKeyEntry(
                alias, entry.created(), entry.key(), context, usage, 32, extractable, entry.maxMessages(), versions);
    }

    private void assertRefused(StoreContent in, DataKeyEntry entry) {
        assertThatThrownBy(() -> unwrap(in, entry, entry.newest().number()))
                .isInstanceOf(InvalidCiphertextException.class);
        assertThatThrownBy(() -> wrapping.rename(in, entry, "new")).isInstanceOf(UnrecoverableKeyException.class);
    }

    @Test
    void renamingWrapsAgainWithoutGivingAnythingOut() throws Exception {
        DataKeyEntry entry = wrapping.addVersion(content, wrapRaw("tokens"));
        kms.takeRequests();

        DataKeyEntry renamed = (DataKeyEntry) wrapping.rename(content, entry, "cookies");

        assertThat(kms.takeRequests()).containsExactly("reEncrypt", "reEncrypt");
        assertThat(renamed.alias()).isEqualTo("cookies");
        assertThat(renamed.created()).isEqualTo(entry.created());
        assertThat(unwrap(content, renamed, 1)).isEqualTo(RAW);
        assertThat(unwrap(content, renamed, 2)).isEqualTo(unwrap(content, entry, 2));
    }

    @Test
    void copyingGivesTheOtherFileItsOwn() throws Exception {
        StoreContent other = StoreContent.create();
        StoreContent all = Samples.all(kms);
        for (StoreEntry entry : all.entries()) {
            StoreEntry copy = wrapping.copy(all, entry, other, "copy");
            assertThat(copy.alias()).isEqualTo("copy");
            assertThat(copy.getClass()).isEqualTo(entry.getClass());
            assertThat(copy.created()).isEqualTo(entry.created());
        }
        DataKeyEntry copied = (DataKeyEntry) wrapping.copy(content, wrapRaw("tokens"), other, "tokens");
        assertThat(unwrap(other, copied, 1)).isEqualTo(RAW);
        assertThatThrownBy(() -> unwrap(content, copied, 1)).isInstanceOf(InvalidCiphertextException.class);
    }

    @Test
    void anotherKeyOrANewVersionOfItTakesOver() throws Exception {
        DataKeyEntry entry = wrapRaw("tokens");
        try (KeyAdministration keys = kms.administration()) {
            DataKeyEntry moved = (DataKeyEntry) wrapping.rewrap(content, entry, Watched.OTHER);
            assertThat(moved.key()).isEqualTo(idOf(Watched.OTHER));
            keys.disable(Watched.DATA);
            assertThat(unwrap(content, moved, 1)).isEqualTo(RAW);
            assertThatThrownBy(() -> unwrap(content, entry, 1)).isInstanceOf(KeyDisabledException.class);

            keys.rotate(Watched.OTHER);
            DataKeyEntry newest = (DataKeyEntry) wrapping.rewrap(content, moved, moved.key());
            assertThat(unwrap(content, newest, 1)).isEqualTo(RAW);
            assertThat(kms.service()
                            .versionOf(
                                    newest.key(),
                                    kms.service()
                                            .fromBlob(
                                                    newest.key(),
                                                    newest.newest().blob()),
                                    wrapping.stored(content, newest, newest.newest())
                                            .context()))
                    .contains("2");
        }
    }

    @Test
    void pointersAndCertificatesNeedNoService() throws Exception {
        KeyPointer pointer = new KeyPointer("a", Samples.CREATED, Watched.DATA);
        CertificateEntry trusted = new CertificateEntry("a", Samples.CREATED, new byte[1]);
        kms.takeRequests();

        assertThat(wrapping.rename(content, pointer, "b"))
                .isEqualTo(new KeyPointer("b", Samples.CREATED, Watched.DATA));
        assertThat(wrapping.rename(content, trusted, "b"))
                .isEqualTo(new CertificateEntry("b", Samples.CREATED, new byte[1]));
        assertThat(wrapping.rewrap(content, pointer, Watched.OTHER)).isSameAs(pointer);
        assertThat(wrapping.rewrap(content, trusted, Watched.OTHER)).isSameAs(trusted);
        assertThatIllegalArgumentException().isThrownBy(() -> wrapping.rename(content, pointer, "b@2"));
        assertThat(kms.takeRequests()).isEmpty();
    }

    @Test
    void privateKeysOfManyKindsComeBack() throws Exception {
        assertComesBack(Samples.identity("RSA", null, "SHA256withRSA"), "SHA256withRSA");
        assertComesBack(Samples.identity("EC", new ECGenParameterSpec("P-384"), "SHA384withECDSA"), "SHA384withECDSA");
        assertComesBack(
                Samples.identity("EC", new ECGenParameterSpec("secp256k1"), "SHA256withECDSA"), "SHA256withECDSA");
        assertComesBack(Samples.identity("Ed25519", null, "Ed25519"), "Ed25519");
        assertComesBack(Samples.identity("ML-DSA-65", MLDSAParameterSpec.ml_dsa_65, "ML-DSA-65"), "ML-DSA-65");
    }

    private void assertComesBack(Identity identity, String signature) throws Exception {
        kms.takeRequests();
        PrivateKeyEntry entry =
                wrapping.wrap(content, "tls", Watched.DATA, Samples.CONTEXT, identity.key(), identity.chain());
        assertThat(kms.takeRequests()).containsExactly("generateDataKey");

        PrivateKey key = wrapping.unwrap(content, entry);

        assertThat(kms.takeRequests()).containsExactly("decrypt");
        Signature signing = Signature.getInstance(signature, Samples.BOUNCY_CASTLE);
        signing.initSign(KeyFactory.getInstance(identity.key().getAlgorithm(), Samples.BOUNCY_CASTLE)
                .generatePrivate(new PKCS8EncodedKeySpec(key.getEncoded())));
        signing.update(RAW);
        byte[] signed = signing.sign();
        signing.initVerify(identity.certificate().getPublicKey());
        signing.update(RAW);
        assertThat(signing.verify(signed)).as(signature).isTrue();
        assertThat(entry.key()).isEqualTo(idOf(Watched.DATA));
        assertThat(entry.chain()).hasSize(1);
    }

    @Test
    void aPrivateKeyOfTheJdkIsOneAgain() throws Exception {
        KeyPair pair = KeyPairGenerator.getInstance("RSA", "SunRsaSign").generateKeyPair();
        PrivateKeyEntry entry = wrapping.wrap(
                content,
                "tls",
                Watched.DATA,
                Map.of(),
                pair.getPrivate(),
                Samples.identity().chain());

        assertThat(wrapping.unwrap(content, entry)).isEqualTo(pair.getPrivate());
    }

    @Test
    @DisplayName("RULES 18: a private key decrypts in its own file, under its own alias only")
    void aPrivateKeyDecryptsNowhereElse() throws Exception {
        Identity identity = Samples.identity();
        PrivateKeyEntry entry =
                wrapping.wrap(content, "tls", Watched.DATA, Samples.CONTEXT, identity.key(), identity.chain());
        List<PrivateKeyEntry> others = new ArrayList<>();
        others.add(changed(entry, "TLS", entry.key(), entry.context(), "EC", entry.message()));
        others.add(changed(entry, "tls", idOf(Watched.OTHER), entry.context(), "EC", entry.message()));
        others.add(changed(entry, "tls", entry.key(), Map.of("tenant", "red"), "EC", entry.message()));
        others.add(changed(entry, "tls", entry.key(), entry.context(), "RSA", entry.message()));
        byte[] message = entry.message();
        for (int i = 0; i < message.length; i += 7) {
            byte[] damaged = message.clone();
            damaged[i] ^= 1;
            others.add(changed(entry, "tls", entry.key(), entry.context(), "EC", damaged));
            others.add(
                    changed(entry, "tls", entry.key(), entry.context(), "EC", Arrays.copyOf(message, Math.max(1, i))));
        }

        for (PrivateKeyEntry other : others) {
            assertThatThrownBy(() -> wrapping.unwrap(content, other)).isInstanceOf(UnrecoverableKeyException.class);
        }
        assertThatThrownBy(() -> wrapping.unwrap(StoreContent.create(), entry))
                .isInstanceOf(UnrecoverableKeyException.class);
        assertThat(wrapping.unwrap(content.next(), entry).getEncoded())
                .isEqualTo(identity.key().getEncoded());
        assertThat(wrapping.unwrap(content, entry.withChain(List.of(new byte[1]))))
                .as("certificates may change")
                .isNotNull();
    }

    private static PrivateKeyEntry changed(
            PrivateKeyEntry entry,
            String alias,
            KeyId key,
            Map<String, String> context,
            String algorithm,
            byte[] message) {
        return new PrivateKeyEntry(alias, entry.created(), key, context, algorithm, message, entry.chain());
    }

    @Test
    void privateKeysAreRenamedAndRewrapped() throws Exception {
        Identity identity = Samples.identity();
        PrivateKeyEntry entry =
                wrapping.wrap(content, "tls", Watched.DATA, Samples.CONTEXT, identity.key(), identity.chain());

        PrivateKeyEntry renamed = (PrivateKeyEntry) wrapping.rename(content, entry, "web");
        PrivateKeyEntry moved = (PrivateKeyEntry) wrapping.rewrap(content, renamed, Watched.OTHER);

        assertThat(renamed.alias()).isEqualTo("web");
        assertThat(moved.key()).isEqualTo(idOf(Watched.OTHER));
        assertThat(wrapping.unwrap(content, moved).getEncoded())
                .isEqualTo(identity.key().getEncoded());
        assertThatThrownBy(() -> wrapping.rename(StoreContent.create(), entry, "web"))
                .isInstanceOf(UnrecoverableKeyException.class);
    }

    @Test
    void aPrivateKeyWithoutAnEncodedFormIsRefused() throws Exception {
        Identity identity = Samples.identity();
        kms.takeRequests();
        assertThatThrownBy(
                        () -> wrapping.wrap(content, "tls", Watched.DATA, Map.of(), new OpaqueKey(), identity.chain()))
                .isInstanceOf(InvalidKeyException.class);
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        wrapping.wrap(content, "tls", Watched.DATA, Map.of(), identity.key(), new Certificate[0]));
        assertThat(kms.takeRequests()).isEmpty();
    }

    private static final class OpaqueKey implements PrivateKey {
        private static final long serialVersionUID = 1L;

        @Override
        public String getAlgorithm() {
            return "EC";
        }

        @Override
        public String getFormat() {
            return "PKCS#8";
        }

        @Override
        public byte[] getEncoded() {
            return null;
        }
    }

    @Test
    @DisplayName("RULES 9: a handle to an entry does what the entry is for, and opens what its other versions wrote")
    void handlesUseWhatEntriesHold() throws Exception {
        Provider provider = new KmsEnvelopeProvider();
        DataKeyEntry tokens = wrapping.addVersion(content, wrapRaw("tokens"));
        for (DataKeyEntry.Version version : tokens.versions()) {
            KmsStoredKey handle = KmsStoredKey.of(kms.services(), wrapping.stored(content, tokens, version), policy());
            Cipher encrypting = Cipher.getInstance("AES/GCM/NoPadding", provider);
            encrypting.init(Cipher.ENCRYPT_MODE, handle);
            byte[] sealed = encrypting.doFinal(RAW);

            Cipher plain = Cipher.getInstance("AES/GCM/NoPadding", "SunJCE");
            SecretKeySpec raw = new SecretKeySpec(unwrap(content, tokens, version.number()), "AES");
            plain.init(Cipher.DECRYPT_MODE, raw, encrypting.getParameters());
            assertThat(plain.doFinal(sealed)).isEqualTo(RAW);
            assertThatThrownBy(() ->
                            Cipher.getInstance("AES/CTR/NoPadding", provider).init(Cipher.ENCRYPT_MODE, handle))
                    .isInstanceOf(InvalidKeyException.class);
        }
    }

    @Test
    void aHandleToAnEntryOutOfItsPlaceDoesNotWork() throws Exception {
        DataKeyEntry tokens = wrapRaw("tokens");
        KmsStoredKey handle = KmsStoredKey.of(
                kms.services(), wrapping.stored(StoreContent.create(), tokens, tokens.newest()), policy());
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding", new KmsEnvelopeProvider());

        assertThatThrownBy(() -> cipher.init(Cipher.ENCRYPT_MODE, handle)).isInstanceOf(InvalidKeyException.class);
    }

    private static KeyPolicy policy() {
        return KeyPolicy.of(Configuration.empty(), KeyId.of("tokens"));
    }

    private interface Step {
        Object run() throws Exception;
    }

    @Test
    void aServiceThatFailsAtAnyRequestSaysSo() throws Exception {
        Identity identity = Samples.identity();
        DataKeyEntry dataKey = wrapping.addVersion(content, wrapRaw("tokens"));
        PrivateKeyEntry privateKey =
                wrapping.wrap(content, "tls", Watched.DATA, Samples.CONTEXT, identity.key(), identity.chain());
        List<Step> steps = List.of(
                () -> Samples.dataKey(kms, content, "new"),
                () -> wrapRaw("new"),
                () -> wrapping.addVersion(content, dataKey),
                () -> wrapping.wrap(content, "new", Watched.DATA, Map.of(), identity.key(), identity.chain()),
                () -> wrapping.unwrap(content, privateKey),
                () -> wrapping.rename(content, dataKey, "new"),
                () -> wrapping.rename(content, privateKey, "new"),
                () -> wrapping.rewrap(content, dataKey, Watched.OTHER),
                () -> wrapping.rewrap(content, privateKey, Watched.OTHER));
        for (Step step : steps) {
            kms.takeRequests();
            assertThat(step.run()).isNotNull();
            int requests = kms.takeRequests().size();
            assertThat(requests).isBetween(1, 2);
            for (int i = 0; i < requests; i++) {
                kms.failAt(i);
                assertThatThrownBy(step::run).isInstanceOf(KmsUnavailableException.class);
            }
        }
    }
}
