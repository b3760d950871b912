package dev.kmsenvelope.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.amazonaws.encryptionsdk.AwsCrypto;
import com.amazonaws.encryptionsdk.CommitmentPolicy;
import com.amazonaws.encryptionsdk.CryptoAlgorithm;
import com.amazonaws.encryptionsdk.MasterKeyProvider;
import com.amazonaws.encryptionsdk.jce.JceMasterKey;
import com.amazonaws.encryptionsdk.multi.MultipleProviderFactory;
import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.testing.Ciphers;
import dev.kmsenvelope.testing.InMemoryKeyService;
import java.util.List;
import java.util.Map;
import java.util.Random;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
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
    @CsvSource({"0", "1", "15", "16", "17", "65535", "65536", "65537", "131072", "200000", "1000000"})
    void theSdkOpensWhatTheCipherWrites(int size) throws Exception {
        byte[] plaintext = random(size);
        AwsCrypto sdk = AwsCrypto.builder()
                .withCommitmentPolicy(CommitmentPolicy.RequireEncryptRequireDecrypt)
                .build();
        for (Map<String, String> context : List.of(Map.<String, String>of(), Map.of("tenant", "ä", "b", "2"))) {
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
        for (CryptoAlgorithm suite : List.of(
                CryptoAlgorithm.ALG_AES_256_GCM_HKDF_SHA512_COMMIT_KEY,
                CryptoAlgorithm.ALG_AES_256_GCM_HKDF_SHA512_COMMIT_KEY_ECDSA_P384)) {
            AwsCrypto sdk = AwsCrypto.builder()
                    .withCommitmentPolicy(CommitmentPolicy.RequireEncryptRequireDecrypt)
                    .withEncryptionAlgorithm(suite)
                    .build();
            for (Map<String, String> context : List.of(Map.<String, String>of(), Map.of("tenant", "a"))) {
                byte[] message = sdk.encryptData(master, plaintext, context).getResult();
                for (String transformation : List.of("AES/GCM/NoPadding", "Envelope")) {
                    Cipher cipher = Cipher.getInstance(transformation, new KmsEnvelopeProvider());
                    cipher.init(Cipher.DECRYPT_MODE, handle);

                    assertThat(cipher.doFinal(message)).isEqualTo(plaintext);
                }
            }
        }
    }

    private final InMemoryKeyService other =
            new InMemoryKeyService().withKey("master").withKey("recovery");
    private final JceMasterKey otherMaster = JceMasterKey.getInstance(
            new SecretKeySpec(other.key("recovery"), "AES"),
            InMemoryKeyService.NAMESPACE,
            "recovery",
            "AES/GCM/NoPadding");

    @Test
    @DisplayName("Messages for several master keys of the SDK open with each, and the SDK opens ours with each")
    void severalRecipients() throws Exception {
        byte[] plaintext = random(50_000);
        AwsCrypto sdk = AwsCrypto.standard();
        KmsSecretKey recovery = Ciphers.handle(other, "recovery");
        byte[] ours = Ciphers.encrypt(handle.withRecipients(List.of(recovery)), plaintext);
        for (MasterKeyProvider<?> key : List.of(
                master,
                otherMaster,
                MultipleProviderFactory.buildMultiProvider(JceMasterKey.class, otherMaster, master))) {
            assertThat(sdk.decryptData(key, ours).getResult()).isEqualTo(plaintext);
        }
        for (List<JceMasterKey> order : List.of(List.of(master, otherMaster), List.of(otherMaster, master))) {
            byte[] theirs = sdk.encryptData(
                            MultipleProviderFactory.buildMultiProvider(JceMasterKey.class, order),
                            plaintext,
                            Map.of("tenant", "a"))
                    .getResult();
            assertThat(Ciphers.decrypt(handle, theirs)).isEqualTo(plaintext);
            assertThat(Ciphers.decrypt(recovery, theirs)).isEqualTo(plaintext);
            assertThat(Ciphers.decrypt(Ciphers.handle(other, "master").withRecipients(List.of(recovery)), theirs))
                    .as("a namesake of the first key, then the right one")
                    .isEqualTo(plaintext);
            assertThatExceptionOfType(AEADBadTagException.class)
                    .isThrownBy(() -> Ciphers.decrypt(Ciphers.handle(other, "master"), theirs));
        }
    }

    private static byte[] random(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }
}
