package dev.kmsenvelope.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.amazonaws.encryptionsdk.AwsCrypto;
import com.amazonaws.encryptionsdk.CommitmentPolicy;
import com.amazonaws.encryptionsdk.CryptoResult;
import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.hierarchy.BranchKey;
import dev.kmsenvelope.hierarchy.BranchKeyAdministration;
import dev.kmsenvelope.hierarchy.BranchKeyDescription;
import dev.kmsenvelope.hierarchy.BranchKeyStore;
import dev.kmsenvelope.hierarchy.BranchKeys;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyAdministration;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.provider.EnvelopeParameterSpec;
import dev.kmsenvelope.provider.KeyPolicy;
import dev.kmsenvelope.provider.KmsEnvelopeProvider;
import dev.kmsenvelope.provider.KmsSecretKey;
import dev.kmsenvelope.spi.Backends;
import java.security.Provider;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import javax.crypto.Cipher;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.kms.KmsClient;
import software.amazon.cryptography.keystore.KeyStore;
import software.amazon.cryptography.keystore.model.CreateKeyInput;
import software.amazon.cryptography.keystore.model.GetActiveBranchKeyInput;
import software.amazon.cryptography.keystore.model.GetBeaconKeyInput;
import software.amazon.cryptography.keystore.model.KMSConfiguration;
import software.amazon.cryptography.keystore.model.KeyStoreConfig;
import software.amazon.cryptography.keystore.model.VersionKeyInput;
import software.amazon.cryptography.materialproviders.IKeyring;
import software.amazon.cryptography.materialproviders.MaterialProviders;
import software.amazon.cryptography.materialproviders.model.CreateAwsKmsHierarchicalKeyringInput;
import software.amazon.cryptography.materialproviders.model.MaterialProvidersConfig;

/**
 * The published AWS Encryption SDK for Java with its hierarchical keyring, on the same table and KMS key: it opens what the
 * cipher writes, and the reverse, whoever made the branch keys.
 */
@ExtendWith(TestCredentials.class)
class HierarchicalInteroperationTest {

    private static final Provider PROVIDER = new KmsEnvelopeProvider();
    private static final String TABLE = "branch-keys";
    private static final String LOGICAL_NAME = "the logical name";
    private static final Map<String, String> CONTEXT = Map.of("tenant", "ä", "b", "2");
    private static final Map<String, String> BOUND = Map.of("department", "admin", "ü", "x");

    private static MotoServer moto;
    private static DynamoDbClient dynamo;
    private static KmsClient kms;
    private static KeyStore theirs;
    private static Configuration settings;
    private static BranchKeyAdministration administration;
    private static KeyService service;

    private final AwsCrypto sdk = AwsCrypto.builder()
            .withCommitmentPolicy(CommitmentPolicy.RequireEncryptRequireDecrypt)
            .build();

    @BeforeAll
    static void start() throws Exception {
        moto = MotoServer.start();
        String arn;
        try (KeyAdministration keys = Backends.openAdministration(moto.settings())) {
            arn = keys.createKey(KeySpec.SYMMETRIC_DEFAULT).id().value();
        }
        dynamo = BranchKeyTables.dynamo(moto);
        kms = BranchKeyTables.kms(moto);
        BranchKeyTables.create(dynamo, TABLE);
        settings = BranchKeyTables.settings(moto, TABLE, LOGICAL_NAME, arn);
        administration = BranchKeys.openAdministration(settings);
        service = Backends.openService(settings);
        theirs = KeyStore.builder()
                .KeyStoreConfig(KeyStoreConfig.builder()
                        .ddbClient(dynamo)
                        .ddbTableName(TABLE)
                        .logicalKeyStoreName(LOGICAL_NAME)
                        .kmsClient(kms)
                        .kmsConfiguration(
                                KMSConfiguration.builder().kmsKeyArn(arn).build())
                        .build())
                .build();
    }

    @AfterAll
    static void stop() {
        if (moto != null) {
            service.close();
            administration.close();
            dynamo.close();
            kms.close();
            moto.close();
        }
    }

    private static String madeByThem() {
        return theirs.CreateKey(CreateKeyInput.builder()
                        .branchKeyIdentifier("theirs-" + UUID.randomUUID())
                        .encryptionContext(BOUND)
                        .build())
                .branchKeyIdentifier();
    }

    private static String madeByUs() {
        return administration
                .create("ours-" + UUID.randomUUID(), EncryptionContext.of(BOUND))
                .id();
    }

    private static IKeyring keyring(String branchKey) {
        return MaterialProviders.builder()
                .MaterialProvidersConfig(MaterialProvidersConfig.builder().build())
                .build()
                .CreateAwsKmsHierarchicalKeyring(CreateAwsKmsHierarchicalKeyringInput.builder()
                        .keyStore(theirs)
                        .branchKeyId(branchKey)
                        .ttlSeconds(600)
                        .build());
    }

    private static KmsSecretKey handle(String branchKey) {
        return KmsSecretKey.of(service, KeyId.of(branchKey), KeyPolicy.of(Configuration.empty(), KeyId.of(branchKey)));
    }

    private static byte[] encrypt(String branchKey, byte[] plaintext) throws Exception {
        Cipher cipher = Cipher.getInstance("Envelope", PROVIDER);
        cipher.init(
                Cipher.ENCRYPT_MODE,
                handle(branchKey),
                EnvelopeParameterSpec.builder().context(CONTEXT).build());
        return cipher.doFinal(plaintext);
    }

    private static byte[] decrypt(String branchKey, byte[] message) throws Exception {
        Cipher cipher = Cipher.getInstance("Envelope", PROVIDER);
        cipher.init(
                Cipher.DECRYPT_MODE,
                handle(branchKey),
                EnvelopeParameterSpec.builder().context(CONTEXT).build());
        return cipher.doFinal(message);
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    private void theyOpen(String branchKey) throws Exception {
        IKeyring keyring = keyring(branchKey);
        for (int length : new int[] {0, 1, 100_000}) {
            byte[] plaintext = random(length);
            CryptoResult<byte[], ?> opened = sdk.decryptData(keyring, encrypt(branchKey, plaintext));
            assertThat(opened.getResult()).isEqualTo(plaintext);
            assertThat(opened.getEncryptionContext()).containsAllEntriesOf(CONTEXT);
        }
    }

    @Test
    void theyOpenWhatWeWriteUnderBranchKeysThatTheyMade() throws Exception {
        theyOpen(madeByThem());
    }

    @Test
    void theyOpenWhatWeWriteUnderBranchKeysThatWeMade() throws Exception {
        theyOpen(madeByUs());
    }

    /** By their default they sign (suite 0578); the unsigned suite is what an unmodified reader of ours takes. */
    @Test
    void weOpenWhatTheyWrite() throws Exception {
        AwsCrypto unsigned = AwsCrypto.builder()
                .withCommitmentPolicy(CommitmentPolicy.RequireEncryptRequireDecrypt)
                .withEncryptionAlgorithm(
                        com.amazonaws.encryptionsdk.CryptoAlgorithm.ALG_AES_256_GCM_HKDF_SHA512_COMMIT_KEY)
                .build();
        for (String branchKey : new String[] {madeByThem(), madeByUs()}) {
            byte[] plaintext = random(100_000);
            byte[] message =
                    unsigned.encryptData(keyring(branchKey), plaintext, CONTEXT).getResult();
            assertThat(decrypt(branchKey, message)).isEqualTo(plaintext);
        }
    }

    @Test
    void rotatedByEither() throws Exception {
        for (String branchKey : new String[] {madeByThem(), madeByUs()}) {
            byte[] first = encrypt(branchKey, random(10));
            BranchKeyDescription rotated = administration.rotate(branchKey);
            assertThat(rotated.versions()).hasSize(2);
            theirs.VersionKey(
                    VersionKeyInput.builder().branchKeyIdentifier(branchKey).build());
            try (KeyService fresh = Backends.openService(settings)) {
                KmsSecretKey key = KmsSecretKey.of(
                        fresh, KeyId.of(branchKey), KeyPolicy.of(Configuration.empty(), KeyId.of(branchKey)));
                Cipher cipher = Cipher.getInstance("Envelope", PROVIDER);
                cipher.init(Cipher.ENCRYPT_MODE, key);
                byte[] third = cipher.doFinal(random(10));

                assertThat(sdk.decryptData(keyring(branchKey), first).getResult())
                        .isEqualTo(random(10));
                assertThat(sdk.decryptData(keyring(branchKey), third).getResult())
                        .isEqualTo(random(10));
                cipher.init(Cipher.DECRYPT_MODE, key);
                assertThat(cipher.doFinal(first)).isEqualTo(random(10));
            }
            assertThat(administration.describe(branchKey).versions()).hasSize(3);
            assertThat(administration.describe(branchKey).context().asMap()).isEqualTo(BOUND);
        }
    }

    @Test
    void theyReadOurItems() throws Exception {
        String branchKey = madeByUs();
        try (BranchKeyStore store = BranchKeys.openStore(settings);
                BranchKey ours = store.active(branchKey);
                BranchKey version = store.version(branchKey, ours.version())) {
            var read = theirs.GetActiveBranchKey(GetActiveBranchKeyInput.builder()
                            .branchKeyIdentifier(branchKey)
                            .build())
                    .branchKeyMaterials();
            byte[] key = new byte[BranchKey.LENGTH];
            read.branchKey().get(key);
            assertThat(key).isEqualTo(ours.key().copy()).isEqualTo(version.key().copy());
            assertThat(read.encryptionContext()).isEqualTo(BOUND);
        }
        assertThat(theirs.GetBeaconKey(GetBeaconKeyInput.builder()
                                .branchKeyIdentifier(branchKey)
                                .build())
                        .beaconKeyMaterials()
                        .beaconKeyIdentifier())
                .isEqualTo(branchKey);
    }

    @Test
    void anotherTenantsMessageDoesNotOpen() throws Exception {
        String one = madeByUs();
        String other = madeByUs();
        byte[] message = encrypt(one, random(10));
        assertThatThrownBy(() -> decrypt(other, message)).isInstanceOf(java.security.GeneralSecurityException.class);
        assertThatThrownBy(() -> sdk.decryptData(keyring(other), message)).isInstanceOf(RuntimeException.class);
    }
}
