package dev.kmsenvelope.provider;

import static org.assertj.core.api.Assertions.assertThat;

import com.amazonaws.encryptionsdk.AwsCrypto;
import com.amazonaws.encryptionsdk.CommitmentPolicy;
import com.amazonaws.encryptionsdk.CryptoAlgorithm;
import com.amazonaws.encryptionsdk.jce.JceMasterKey;
import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.testing.InMemoryKeyService;
import java.util.Map;
import java.util.Random;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The published AWS Encryption SDK for Java opens what the cipher writes, and the reverse. */
class EncryptionSdkInteroperationTest {

    private final InMemoryKeyService service = new InMemoryKeyService().withKey("master");
    private final KmsSecretKey handle =
            KmsSecretKey.of(service, KeyId.of("master"), KeyPolicy.of(Configuration.empty(), KeyId.of("master")));
    private final JceMasterKey master = JceMasterKey.getInstance(
            new SecretKeySpec(service.key("master"), "AES"),
            InMemoryKeyService.NAMESPACE,
            "master",
            "AES/GCM/NoPadding");

    @ParameterizedTest
    @CsvSource({"0", "1", "15", "16", "17", "16383", "16384", "16385", "32768", "200000", "1000000"})
    void theSdkOpensWhatTheCipherWrites(int size) throws Exception {
        byte[] plaintext = random(size);
        AwsCrypto sdk = AwsCrypto.builder()
                .withCommitmentPolicy(CommitmentPolicy.RequireEncryptRequireDecrypt)
                .build();
        for (Map<String, String> context :
                java.util.List.of(Map.<String, String>of(), Map.of("tenant", "ä", "b", "2"))) {
            Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding", new KmsEnvelopeProvider());
            cipher.init(
                    Cipher.ENCRYPT_MODE,
                    handle,
                    EnvelopeParameterSpec.builder().context(context).build());
            byte[] message = cipher.doFinal(plaintext);

            var result = sdk.decryptData(master, message);

            assertThat(result.getResult()).isEqualTo(plaintext);
            assertThat(result.getEncryptionContext()).isEqualTo(context);
            assertThat(result.getCryptoAlgorithm()).isEqualTo(CryptoAlgorithm.ALG_AES_256_GCM_HKDF_SHA512_COMMIT_KEY);
        }
    }

    @ParameterizedTest
    @CsvSource({"0", "1", "4095", "4096", "4097", "8192", "65536", "200000"})
    void theCipherOpensWhatTheSdkWrites(int size) throws Exception {
        byte[] plaintext = random(size);
        for (CryptoAlgorithm suite : java.util.List.of(
                CryptoAlgorithm.ALG_AES_256_GCM_HKDF_SHA512_COMMIT_KEY,
                CryptoAlgorithm.ALG_AES_256_GCM_HKDF_SHA512_COMMIT_KEY_ECDSA_P384)) {
            AwsCrypto sdk = AwsCrypto.builder()
                    .withCommitmentPolicy(CommitmentPolicy.RequireEncryptRequireDecrypt)
                    .withEncryptionAlgorithm(suite)
                    .build();
            for (Map<String, String> context : java.util.List.of(Map.<String, String>of(), Map.of("tenant", "a"))) {
                byte[] message = sdk.encryptData(master, plaintext, context).getResult();
                for (String transformation : java.util.List.of("AES/GCM/NoPadding", "Envelope")) {
                    Cipher cipher = Cipher.getInstance(transformation, new KmsEnvelopeProvider());
                    cipher.init(Cipher.DECRYPT_MODE, handle);

                    assertThat(cipher.doFinal(message)).isEqualTo(plaintext);
                }
            }
        }
    }

    private static byte[] random(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }
}
