package dev.kmsenvelope.aws;

import static org.assertj.core.api.Assertions.assertThat;

import com.amazonaws.encryptionsdk.AwsCrypto;
import com.amazonaws.encryptionsdk.CommitmentPolicy;
import com.amazonaws.encryptionsdk.CryptoResult;
import com.amazonaws.encryptionsdk.kmssdkv2.KmsMasterKey;
import com.amazonaws.encryptionsdk.kmssdkv2.KmsMasterKeyProvider;
import dev.kmsenvelope.keystore.KmsLoadStoreParameter;
import dev.kmsenvelope.kms.KeyAdministration;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.provider.EnvelopeParameterSpec;
import dev.kmsenvelope.provider.KmsEnvelopeProvider;
import dev.kmsenvelope.spi.Backends;
import java.net.URI;
import java.security.Key;
import java.security.KeyStore;
import java.security.Provider;
import java.util.Map;
import java.util.Random;
import javax.crypto.Cipher;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kms.KmsClient;

/** The published AWS Encryption SDK for Java, with its KMS keys in the same service, opens what the cipher writes, and the reverse. */
@ExtendWith(TestCredentials.class)
class EncryptionSdkInteroperationTest {

    private static final Provider PROVIDER = new KmsEnvelopeProvider();
    private static final KeyId ALIAS = KeyId.of("alias/interoperation");
    private static final Map<String, String> CONTEXT = Map.of("tenant", "ä", "b", "2");

    private static MotoServer moto;
    private static KmsMasterKeyProvider masterKeys;
    private static Key handle;

    private final AwsCrypto sdk = AwsCrypto.builder()
            .withCommitmentPolicy(CommitmentPolicy.RequireEncryptRequireDecrypt)
            .build();

    @BeforeAll
    static void start() throws Exception {
        moto = MotoServer.start();
        String arn;
        try (KeyAdministration administration = Backends.openAdministration(moto.settings())) {
            arn = administration
                    .createKey(KeySpec.SYMMETRIC_DEFAULT, ALIAS)
                    .id()
                    .value();
        }
        masterKeys = KmsMasterKeyProvider.builder()
                .builderSupplier(() -> KmsClient.builder()
                        .endpointOverride(URI.create(moto.endpoint()))
                        .httpClientBuilder(UrlConnectionHttpClient.builder()))
                .defaultRegion(Region.of(MotoServer.REGION))
                .buildStrict(arn);
        KeyStore keyStore = KeyStore.getInstance("KMS", PROVIDER);
        keyStore.load(new KmsLoadStoreParameter(moto.settings()));
        handle = keyStore.getKey(ALIAS.value(), null);
    }

    @AfterAll
    static void stop() {
        if (moto != null) {
            moto.close();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 65536, 100_000})
    void theSdkOpensWhatTheCipherWrites(int size) throws Exception {
        byte[] plaintext = random(size);
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding", PROVIDER);
        cipher.init(
                Cipher.ENCRYPT_MODE,
                handle,
                EnvelopeParameterSpec.builder().context(CONTEXT).build());

        CryptoResult<byte[], KmsMasterKey> opened = sdk.decryptData(masterKeys, cipher.doFinal(plaintext));

        assertThat(opened.getResult()).isEqualTo(plaintext);
        assertThat(opened.getEncryptionContext()).isEqualTo(CONTEXT);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 4096, 100_000})
    void theCipherOpensWhatTheSdkWrites(int size) throws Exception {
        byte[] plaintext = random(size);
        byte[] message = sdk.encryptData(masterKeys, plaintext, CONTEXT).getResult();
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding", PROVIDER);
        cipher.init(Cipher.DECRYPT_MODE, handle);

        assertThat(cipher.doFinal(message)).isEqualTo(plaintext);
    }

    @Test
    void keysAreWrappedByTheService() throws Exception {
        Cipher cipher = Cipher.getInstance("AESWrap", PROVIDER);
        Key key = new javax.crypto.spec.SecretKeySpec(random(32), "AES");
        cipher.init(Cipher.WRAP_MODE, handle);
        byte[] wrapped = cipher.wrap(key);
        cipher.init(Cipher.UNWRAP_MODE, handle);

        assertThat(cipher.unwrap(wrapped, "AES", Cipher.SECRET_KEY)).isEqualTo(key);
    }

    private static byte[] random(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }
}
