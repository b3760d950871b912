package dev.kmsenvelope.keyring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.amazonaws.encryptionsdk.CryptoAlgorithm;
import com.amazonaws.encryptionsdk.DataKey;
import com.amazonaws.encryptionsdk.jce.JceMasterKey;
import com.amazonaws.encryptionsdk.model.KeyBlob;
import dev.kmsenvelope.crypto.AesGcm;
import dev.kmsenvelope.format.InvalidMessageException;
import dev.kmsenvelope.format.RawAesKeyInfo;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.InvalidCiphertextException;
import dev.kmsenvelope.kms.SecretBytes;
import dev.kmsenvelope.testing.Grammar;
import dev.kmsenvelope.testing.HandMadeMessage;
import dev.kmsenvelope.testing.TestEngine;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RawAesKeyringTest {

    private static final EncryptionContext CONTEXT = EncryptionContext.of(Map.of("tenant", "a", "ä", "ö"));
    private static final byte[] DATA_KEY = TestEngine.randomBytes(32, 1);

    private static RawAesKeyring keyring(byte[] key) {
        return new RawAesKeyring("space", "näme", () -> AesGcm.of(TestEngine.GCM, key), new SecureRandom());
    }

    @ParameterizedTest
    @ValueSource(ints = {16, 24, 32})
    void layoutAndCiphertextAreAsTheSpecificationSays(int keyLength) throws Exception {
        byte[] key = TestEngine.randomBytes(keyLength, 2);
        EncryptedDataKey wrapped = keyring(key).wrap(DATA_KEY, CONTEXT);

        byte[] info = wrapped.providerInfo();
        byte[] iv = Arrays.copyOfRange(info, info.length - 12, info.length);
        assertThat(wrapped.providerId()).isEqualTo("space");
        assertThat(info)
                .isEqualTo(new Grammar().text("näme").u32(128).u32(12).bytes(iv).done());
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding", "SunJCE");
        cipher.init(Cipher.DECRYPT_MODE, new SecretKeySpec(key, "AES"), new GCMParameterSpec(128, iv));
        cipher.updateAAD(new Grammar().u16(2).pairs("tenant", "a", "ä", "ö").done());
        assertThat(cipher.doFinal(wrapped.ciphertext())).isEqualTo(DATA_KEY);
        try (SecretBytes opened = keyring(key).unwrap(wrapped, CONTEXT)) {
            assertThat(opened.copy()).isEqualTo(DATA_KEY);
        }
    }

    @Test
    void theAwsEncryptionSdkOpensItAndTheReverse() {
        byte[] key = TestEngine.randomBytes(32, 3);
        JceMasterKey sdk =
                JceMasterKey.getInstance(new SecretKeySpec(key, "AES"), "space", "näme", "AES/GCM/NoPadding");
        CryptoAlgorithm suite = CryptoAlgorithm.ALG_AES_256_GCM_HKDF_SHA512_COMMIT_KEY;

        EncryptedDataKey ours = keyring(key).wrap(DATA_KEY, CONTEXT);
        DataKey<JceMasterKey> opened = sdk.decryptDataKey(
                suite,
                List.of(new KeyBlob(ours.providerId(), ours.providerInfo(), ours.ciphertext())),
                CONTEXT.asMap());
        assertThat(opened.getKey().getEncoded()).isEqualTo(DATA_KEY);

        DataKey<JceMasterKey> theirs = sdk.generateDataKey(suite, CONTEXT.asMap());
        EncryptedDataKey wrapped = new EncryptedDataKey(
                theirs.getProviderId(), theirs.getProviderInformation(), theirs.getEncryptedDataKey());
        assertThat(keyring(key).unwrap(wrapped, CONTEXT).copy())
                .isEqualTo(theirs.getKey().getEncoded());
    }

    @Test
    void anythingElseIsAnInvalidCiphertext() {
        byte[] key = TestEngine.randomBytes(32, 4);
        RawAesKeyring keyring = keyring(key);
        EncryptedDataKey good = keyring.wrap(DATA_KEY, CONTEXT);
        byte[] info = good.providerInfo();
        for (int at = 0; at < info.length * 8; at++) {
            byte[] changed = info.clone();
            changed[at / 8] ^= (byte) (1 << at % 8);
            assertInvalid(keyring, new EncryptedDataKey("space", changed, good.ciphertext()), CONTEXT);
        }
        byte[] ciphertext = good.ciphertext();
        for (int at = 0; at < ciphertext.length; at++) {
            byte[] changed = ciphertext.clone();
            changed[at] ^= 1;
            assertInvalid(keyring, new EncryptedDataKey("space", info, changed), CONTEXT);
            assertInvalid(keyring, new EncryptedDataKey("space", info, Arrays.copyOf(ciphertext, at)), CONTEXT);
        }
        for (int length = 0; length < info.length; length++) {
            assertInvalid(keyring, new EncryptedDataKey("space", Arrays.copyOf(info, length), ciphertext), CONTEXT);
        }
        assertInvalid(keyring, new EncryptedDataKey("spice", info, ciphertext), CONTEXT);
        assertInvalid(keyring, good, EncryptionContext.empty());
        assertInvalid(keyring, good, CONTEXT.plus(EncryptionContext.of(Map.of("more", "1"))));
        assertInvalid(keyring(TestEngine.randomBytes(32, 5)), good, CONTEXT);
    }

    private static void assertInvalid(RawAesKeyring keyring, EncryptedDataKey changed, EncryptionContext context) {
        assertThatThrownBy(() -> keyring.unwrap(changed, context)).isInstanceOf(InvalidCiphertextException.class);
    }

    @Test
    void noncesDiffer() throws Exception {
        RawAesKeyring keyring = keyring(new byte[32]);
        Set<String> ivs = new HashSet<>();
        for (int i = 0; i < 1000; i++) {
            ivs.add(Arrays.toString(
                    RawAesKeyInfo.parse(keyring.wrap(DATA_KEY, CONTEXT).providerInfo())
                            .iv()));
        }
        assertThat(ivs).hasSize(1000);
    }

    @Test
    void theProviderInfoIsReadAndWritten() throws Exception {
        byte[] iv = HandMadeMessage.ascending(12, 7);
        byte[] info = new Grammar().text("näme").u32(128).u32(12).bytes(iv).done();

        assertThat(new RawAesKeyInfo("näme", iv).serialize()).isEqualTo(info);
        assertThat(RawAesKeyInfo.parse(info).keyName()).isEqualTo("näme");
        assertThat(RawAesKeyInfo.parse(info).iv()).isEqualTo(iv);
        for (byte[] bad : List.of(
                new Grammar().u32(128).u32(12).bytes(iv).done(),
                new Grammar().text("n").u32(96).u32(12).bytes(iv).done(),
                new Grammar().text("n").u32(16).u32(12).bytes(iv).done(),
                new Grammar().text("n").u32(128).u32(16).bytes(iv).done(),
                new Grammar().hex("FF").u32(128).u32(12).bytes(iv).done(),
                new byte[0])) {
            assertThatThrownBy(() -> RawAesKeyInfo.parse(bad)).isInstanceOf(InvalidMessageException.class);
        }
    }
}
