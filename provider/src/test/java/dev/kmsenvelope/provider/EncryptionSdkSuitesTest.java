package dev.kmsenvelope.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.amazonaws.encryptionsdk.AwsCrypto;
import com.amazonaws.encryptionsdk.CommitmentPolicy;
import com.amazonaws.encryptionsdk.CryptoAlgorithm;
import com.amazonaws.encryptionsdk.CryptoResult;
import com.amazonaws.encryptionsdk.MasterKeyProvider;
import com.amazonaws.encryptionsdk.jce.JceMasterKey;
import com.amazonaws.encryptionsdk.multi.MultipleProviderFactory;
import dev.kmsenvelope.testing.Ciphers;
import dev.kmsenvelope.testing.InMemoryKeyService;
import dev.kmsenvelope.testing.Messages;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import software.amazon.cryptography.materialproviders.ICryptographicMaterialsManager;
import software.amazon.cryptography.materialproviders.IKeyring;
import software.amazon.cryptography.materialproviders.MaterialProviders;
import software.amazon.cryptography.materialproviders.model.AesWrappingAlg;
import software.amazon.cryptography.materialproviders.model.CreateDefaultCryptographicMaterialsManagerInput;
import software.amazon.cryptography.materialproviders.model.CreateRawAesKeyringInput;
import software.amazon.cryptography.materialproviders.model.CreateRequiredEncryptionContextCMMInput;
import software.amazon.cryptography.materialproviders.model.MaterialProvidersConfig;

/** The published AWS Encryption SDK for Java and the cipher open each other's messages of every suite. */
class EncryptionSdkSuitesTest {

    private static final Map<String, String> CONTEXT = Map.of("tenant", "ä", "region", "r");
    private static final String NAMESPACE = InMemoryKeyService.NAMESPACE;
    private static final int[] SIZES = {0, 1, 4096, 4097, 200_000};

    private final InMemoryKeyService service =
            new InMemoryKeyService().withKey("master").withKey("recovery");
    private final KmsSecretKey handle = Ciphers.handle(service, "master");
    private final JceMasterKey master = masterKey("master");
    private final JceMasterKey recovery = masterKey("recovery");
    private final MaterialProviders providers = MaterialProviders.builder()
            .MaterialProvidersConfig(MaterialProvidersConfig.builder().build())
            .build();

    private JceMasterKey masterKey(String name) {
        return JceMasterKey.getInstance(
                new SecretKeySpec(service.key(name), "AES"), NAMESPACE, name, "AES/GCM/NoPadding");
    }

    private static AwsCrypto.Builder sdk(EsdkSuite suite) {
        CryptoAlgorithm algorithm = Arrays.stream(CryptoAlgorithm.values())
                .filter(one -> String.format("%04X", Short.toUnsignedInt(one.getValue()))
                        .equals(suite.hexId()))
                .findFirst()
                .orElseThrow();
        return AwsCrypto.builder()
                .withCommitmentPolicy(
                        suite.isCommitting()
                                ? CommitmentPolicy.RequireEncryptRequireDecrypt
                                : CommitmentPolicy.ForbidEncryptAllowDecrypt)
                .withEncryptionAlgorithm(algorithm);
    }

    private static EnvelopeParameterSpec.Builder parameters(EsdkSuite suite) {
        EnvelopeParameterSpec.Builder builder =
                EnvelopeParameterSpec.builder().suite(suite).context(CONTEXT);
        return suite.isCommitting()
                ? builder
                : builder.commitmentPolicy(dev.kmsenvelope.provider.CommitmentPolicy.FORBID_ENCRYPT_ALLOW_DECRYPT);
    }

    private static byte[] encrypt(KmsSecretKey key, EnvelopeParameterSpec spec, byte[] plaintext) throws Exception {
        return Ciphers.ours(Ciphers.GCM, Cipher.ENCRYPT_MODE, key, spec).doFinal(plaintext);
    }

    private static byte[] decrypt(KmsSecretKey key, EnvelopeParameterSpec spec, byte[] message) throws Exception {
        return Ciphers.ours(Ciphers.ENVELOPE, Cipher.DECRYPT_MODE, key, spec).doFinal(message);
    }

    @ParameterizedTest
    @EnumSource
    void theSdkOpensWhatTheCipherWrites(EsdkSuite suite) throws Exception {
        for (int size : SIZES) {
            byte[] plaintext = Ciphers.random(size);
            byte[] message = encrypt(handle, parameters(suite).build(), plaintext);

            CryptoResult<byte[], ?> opened = sdk(suite).build().decryptData(master, message);

            assertThat(opened.getResult()).isEqualTo(plaintext);
            assertThat(opened.getEncryptionContext()).containsAllEntriesOf(CONTEXT);
            assertThat(opened.getCryptoAlgorithm().getValue()).isEqualTo((short) Integer.parseInt(suite.hexId(), 16));
        }
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("framed, and not framed up to decrypt.hold")
    void theCipherOpensWhatTheSdkWrites(EsdkSuite suite) throws Exception {
        for (int size : SIZES) {
            byte[] plaintext = Ciphers.random(size);
            for (int frame : new int[] {0, 1024, 4096}) {
                byte[] message = sdk(suite)
                        .withEncryptionFrameSize(frame)
                        .build()
                        .encryptData(master, plaintext, CONTEXT)
                        .getResult();
                assertThat(decrypt(handle, parameters(suite).build(), message)).isEqualTo(plaintext);
                if (!suite.isCommitting()) {
                    assertThatExceptionOfType(AEADBadTagException.class)
                            .isThrownBy(() -> Ciphers.decrypt(handle, message))
                            .withMessageContaining("esdk.commitment-policy");
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("a message that is not framed and longer than decrypt.hold is refused before room is made for it")
    void longBlocks(EsdkSuite suite) throws Exception {
        byte[] message = sdk(suite)
                .withEncryptionFrameSize(0)
                .build()
                .encryptData(master, Ciphers.random(2000), CONTEXT)
                .getResult();
        KmsSecretKey small = Ciphers.handle(service, "master", "decrypt.hold", "1999");
        assertThatExceptionOfType(AEADBadTagException.class)
                .isThrownBy(() -> decrypt(small, parameters(suite).build(), message))
                .withMessageContaining("1999");
    }

    @ParameterizedTest
    @EnumSource
    void severalRecipients(EsdkSuite suite) throws Exception {
        byte[] plaintext = Ciphers.random(5000);
        KmsSecretKey other = Ciphers.handle(service, "recovery");
        byte[] ours =
                encrypt(handle.withRecipients(List.of(other)), parameters(suite).build(), plaintext);
        MasterKeyProvider<JceMasterKey> both =
                MultipleProviderFactory.buildMultiProvider(JceMasterKey.class, master, recovery);
        byte[] theirs = sdk(suite).build().encryptData(both, plaintext, CONTEXT).getResult();
        for (JceMasterKey key : List.of(master, recovery)) {
            assertThat(sdk(suite).build().decryptData(key, ours).getResult()).isEqualTo(plaintext);
        }
        for (KmsSecretKey key : List.of(handle, other)) {
            assertThat(decrypt(key, parameters(suite).build(), theirs)).isEqualTo(plaintext);
        }
    }

    private IKeyring keyring() {
        return providers.CreateRawAesKeyring(CreateRawAesKeyringInput.builder()
                .keyNamespace(NAMESPACE)
                .keyName("master")
                .wrappingKey(ByteBuffer.wrap(service.key("master")))
                .wrappingAlg(AesWrappingAlg.ALG_AES256_GCM_IV12_TAG16)
                .build());
    }

    private ICryptographicMaterialsManager requiring(String... names) {
        return providers.CreateRequiredEncryptionContextCMM(CreateRequiredEncryptionContextCMMInput.builder()
                .underlyingCMM(providers.CreateDefaultCryptographicMaterialsManager(
                        CreateDefaultCryptographicMaterialsManagerInput.builder()
                                .keyring(keyring())
                                .build()))
                .requiredEncryptionContextKeys(List.of(names))
                .build());
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("required encryption context: the SDK opens ours with the values, and not without or with others")
    void ourRequiredContext(EsdkSuite suite) throws Exception {
        byte[] plaintext = Ciphers.random(5000);
        AwsCrypto sdk = sdk(suite).build();
        for (Set<String> names : List.of(Set.of("tenant"), Set.of("tenant", "region"))) {
            byte[] message = encrypt(
                    handle, parameters(suite).requiredContextNames(names).build(), plaintext);
            assertThat(Messages.header(message).context().asMap()).doesNotContainKeys(names.toArray(String[]::new));
            ICryptographicMaterialsManager manager = requiring(names.toArray(String[]::new));

            assertThat(sdk.decryptData(manager, message, CONTEXT).getResult()).isEqualTo(plaintext);

            Map<String, String> wrong = new HashMap<>(CONTEXT);
            wrong.put("tenant", "other");
            assertThatThrownBy(() -> sdk.decryptData(manager, message, wrong)).isInstanceOf(RuntimeException.class);
            assertThatThrownBy(() -> sdk.decryptData(keyring(), message)).isInstanceOf(RuntimeException.class);
        }
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("required encryption context: the cipher opens the SDK's with names and values, and not without")
    void theirRequiredContext(EsdkSuite suite) throws Exception {
        byte[] plaintext = Ciphers.random(5000);
        byte[] message = sdk(suite)
                .build()
                .encryptData(requiring("tenant"), plaintext, CONTEXT)
                .getResult();
        assertThat(Messages.header(message).context().asMap())
                .containsKey("region")
                .doesNotContainKey("tenant");

        assertThat(decrypt(
                        handle,
                        parameters(suite).requiredContextNames(Set.of("tenant")).build(),
                        message))
                .isEqualTo(plaintext);

        for (EnvelopeParameterSpec wrong : List.of(
                parameters(suite).build(),
                parameters(suite).context(Map.of()).build(),
                parameters(suite)
                        .context(Map.of("tenant", "b"))
                        .requiredContextNames(Set.of("tenant"))
                        .build())) {
            assertThatExceptionOfType(AEADBadTagException.class).isThrownBy(() -> decrypt(handle, wrong, message));
        }
    }
}
