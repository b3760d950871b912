package dev.kmsenvelope.keystore.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.kms.InvalidCiphertextException;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.provider.DataKeyUsage;
import dev.kmsenvelope.provider.KeyPolicy;
import dev.kmsenvelope.provider.KmsEnvelopeProvider;
import dev.kmsenvelope.provider.KmsStoredKey;
import java.security.InvalidKeyException;
import java.security.Provider;
import java.security.UnrecoverableKeyException;
import java.util.List;
import java.util.Map;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Data keys: what is wrapped for one place unwraps there, and nowhere else. */
class StoreWrappingTest extends StoreWrappingCase {

    private void assertRefused(StoreContent in, DataKeyEntry entry) {
        assertThatThrownBy(() -> unwrap(in, entry, entry.newest().number()))
                .isInstanceOf(InvalidCiphertextException.class);
        assertThatThrownBy(() -> wrapping.rename(in, entry, "new")).isInstanceOf(UnrecoverableKeyException.class);
    }

    private static KeyPolicy policy() {
        return KeyPolicy.of(Configuration.empty(), KeyId.of("tokens"));
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
}
