package dev.kmsenvelope.provider;

import static dev.kmsenvelope.testing.DualMessages.INNER;
import static dev.kmsenvelope.testing.DualMessages.OUTER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.amazonaws.encryptionsdk.AwsCrypto;
import com.amazonaws.encryptionsdk.CommitmentPolicy;
import com.amazonaws.encryptionsdk.CryptoAlgorithm;
import com.amazonaws.encryptionsdk.CryptoResult;
import com.amazonaws.encryptionsdk.jce.JceMasterKey;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.testing.Ciphers;
import dev.kmsenvelope.testing.DualMessages;
import dev.kmsenvelope.testing.InMemoryKeyService;
import java.util.Map;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each layer is a standard message: the AWS Encryption SDK opens one after the other. */
class DualInteroperationTest {

    private final InMemoryKeyService service = DualMessages.service();
    private final KmsSecretKey handle = DualMessages.handle(service);
    private final AwsCrypto sdk = AwsCrypto.builder()
            .withCommitmentPolicy(CommitmentPolicy.RequireEncryptRequireDecrypt)
            .withEncryptionAlgorithm(CryptoAlgorithm.ALG_AES_256_GCM_HKDF_SHA512_COMMIT_KEY)
            .build();

    private JceMasterKey master(String key) {
        return JceMasterKey.getInstance(
                new SecretKeySpec(service.key(key), "AES"), InMemoryKeyService.NAMESPACE, key, "AES/GCM/NoPadding");
    }

    @ParameterizedTest
    @DisplayName("The SDK opens the outer layer with the one key, and the inner one with the other")
    @ValueSource(ints = {0, 1, 4096, 65_536, 300_000})
    void theSdkOpensBoth(int size) throws Exception {
        byte[] plaintext = Ciphers.random(size);
        byte[] message = Ciphers.ours(DualMessages.DUAL, Cipher.ENCRYPT_MODE, handle, Ciphers.context("tenant", "ä"))
                .doFinal(plaintext);

        CryptoResult<byte[], JceMasterKey> outer = sdk.decryptData(master(OUTER), message);
        CryptoResult<byte[], JceMasterKey> inner = sdk.decryptData(master(INNER), outer.getResult());

        assertThat(inner.getResult()).isEqualTo(plaintext);
        assertThat(outer.getEncryptionContext())
                .isEqualTo(Map.of("tenant", "ä", EncryptionContext.LAYER_NAME, "outer"));
        assertThat(inner.getEncryptionContext())
                .isEqualTo(Map.of("tenant", "ä", EncryptionContext.LAYER_NAME, "inner"));
    }

    @Test
    @DisplayName("RULES 21: two messages that the SDK put into each other, marked by hand, have ids that do not match")
    void markedByHand() {
        byte[] inner = sdk.encryptData(master(INNER), new byte[10], Map.of(EncryptionContext.LAYER_NAME, "inner"))
                .getResult();
        byte[] outer = sdk.encryptData(master(OUTER), inner, Map.of(EncryptionContext.LAYER_NAME, "outer"))
                .getResult();
        assertThatExceptionOfType(AEADBadTagException.class)
                .isThrownBy(() -> DualMessages.decrypt(handle, outer))
                .withMessageContaining("IV");
    }
}
