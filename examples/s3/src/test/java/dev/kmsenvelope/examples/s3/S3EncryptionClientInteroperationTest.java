package dev.kmsenvelope.examples.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.keystore.KmsLoadStoreParameter;
import dev.kmsenvelope.kms.KeyAdministration;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.provider.EnvelopeParameterSpec;
import dev.kmsenvelope.provider.KmsEnvelopeProvider;
import dev.kmsenvelope.provider.KmsSecretKey;
import dev.kmsenvelope.provider.S3EncryptionMetadata;
import dev.kmsenvelope.spi.Backends;
import java.io.OutputStream;
import java.math.BigInteger;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.Security;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.async.AsyncRequestBody;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kms.KmsClient;
import software.amazon.awssdk.services.s3.S3AsyncClient;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.encryption.s3.CommitmentPolicy;
import software.amazon.encryption.s3.S3AsyncEncryptionClient;
import software.amazon.encryption.s3.S3EncryptionClient;
import software.amazon.encryption.s3.S3EncryptionClientException;
import software.amazon.encryption.s3.algorithms.AlgorithmSuite;
import software.amazon.encryption.s3.internal.InstructionFileConfig;
import software.amazon.encryption.s3.materials.AesKeyring;
import software.amazon.encryption.s3.materials.Keyring;
import software.amazon.encryption.s3.materials.KmsKeyring;
import software.amazon.encryption.s3.materials.PartialRsaKeyPair;
import software.amazon.encryption.s3.materials.RsaKeyring;

/** The published Amazon S3 Encryption Client for Java gets what the cipher wrote, and the reverse; with moto_server, where it is installed. */
class S3EncryptionClientInteroperationTest {

    private static final String BUCKET = "interoperation";
    private static final String ALIAS = "alias/objects";
    private static final Map<String, String> CONTEXT = Map.of("tenant", "a", "b", "2");
    private static final AwsCredentialsProvider CREDENTIALS =
            StaticCredentialsProvider.create(AwsBasicCredentials.create("x", "x"));
    private static final char[] PASSWORD = "correct horse".toCharArray();
    private static final byte[] AES = random(32);

    @TempDir
    private static Path directory;

    private static final Map<String, String> PROPERTIES_BEFORE = new HashMap<>();
    private static Moto moto;
    private static S3Client s3;
    private static S3AsyncClient asyncS3;
    private static KmsClient kms;
    private static KeyPair rsa;

    @BeforeAll
    static void start() throws Exception {
        moto = Moto.startOrSkip();
        for (String name : new String[] {"aws.accessKeyId", "aws.secretAccessKey"}) {
            PROPERTIES_BEFORE.put(name, System.getProperty(name));
            System.setProperty(name, "x");
        }
        URI endpoint = URI.create(moto.endpoint());
        s3 = S3Client.builder()
                .endpointOverride(endpoint)
                .region(Region.US_EAST_1)
                .credentialsProvider(CREDENTIALS)
                .httpClient(UrlConnectionHttpClient.create())
                .forcePathStyle(true)
                .build();
        asyncS3 = S3AsyncClient.builder()
                .endpointOverride(endpoint)
                .region(Region.US_EAST_1)
                .credentialsProvider(CREDENTIALS)
                .forcePathStyle(true)
                .build();
        kms = KmsClient.builder()
                .endpointOverride(endpoint)
                .region(Region.US_EAST_1)
                .credentialsProvider(CREDENTIALS)
                .httpClient(UrlConnectionHttpClient.create())
                .build();
        s3.createBucket(request -> request.bucket(BUCKET));
        try (KeyAdministration keys = Backends.openAdministration(aws(3))) {
            keys.createKey(KeySpec.SYMMETRIC_DEFAULT, KeyId.of(ALIAS));
        }
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        rsa = generator.generateKeyPair();
        Security.addProvider(new KmsEnvelopeProvider());
    }

    @AfterAll
    static void stop() {
        Security.removeProvider(KmsEnvelopeProvider.NAME);
        PROPERTIES_BEFORE.forEach((name, value) -> {
            if (value == null) {
                System.clearProperty(name);
            } else {
                System.setProperty(name, value);
            }
        });
        for (AutoCloseable each : new AutoCloseable[] {kms, asyncS3, s3, moto}) {
            if (each != null) {
                try {
                    each.close();
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            }
        }
    }

    private static Configuration aws(int version) {
        return Configuration.of(Map.of(
                "backend",
                "aws",
                "aws.region",
                "us-east-1",
                "aws.endpoint",
                moto.endpoint(),
                "s3.version",
                "" + version));
    }

    private static Configuration application(int version) throws Exception {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        keys.load(null, null);
        keys.setKeyEntry("aes", new SecretKeySpec(AES, "AES"), PASSWORD, null);
        keys.setKeyEntry("rsa", rsa.getPrivate(), PASSWORD, new X509Certificate[] {certificate()});
        Path file = directory.resolve("keys.p12");
        try (OutputStream out = Files.newOutputStream(file)) {
            keys.store(out, PASSWORD);
        }
        Path password = Files.writeString(directory.resolve("password"), String.valueOf(PASSWORD));
        if (password.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            Files.setPosixFilePermissions(password, PosixFilePermissions.fromString("rw-------"));
        }
        return Configuration.of(Map.of(
                "backend",
                "application",
                "application.keystore",
                file.toString(),
                "application.password-file",
                password.toString(),
                "application.rsa-hash",
                "SHA-1",
                "s3.version",
                "" + version));
    }

    private static X509Certificate certificate() throws Exception {
        X500Principal name = new X500Principal("CN=rsa");
        Instant now = Instant.now();
        return new JcaX509CertificateConverter()
                .getCertificate(new JcaX509v3CertificateBuilder(
                                name,
                                BigInteger.ONE,
                                Date.from(now),
                                Date.from(now.plus(1, ChronoUnit.DAYS)),
                                name,
                                rsa.getPublic())
                        .build(new JcaContentSignerBuilder("SHA256withRSA").build(rsa.getPrivate())));
    }

    private static KmsSecretKey handle(String name, int version) throws Exception {
        KeyStore keyStore = KeyStore.getInstance("KMS");
        keyStore.load(new KmsLoadStoreParameter(name.equals("kms") ? aws(version) : application(version)));
        return (KmsSecretKey) keyStore.getKey(name.equals("kms") ? ALIAS : name, null);
    }

    private static Keyring keyring(String name) {
        return switch (name) {
            case "aes" ->
                AesKeyring.builder().wrappingKey(new SecretKeySpec(AES, "AES")).build();
            case "rsa" ->
                RsaKeyring.builder().wrappingKeyPair(new PartialRsaKeyPair(rsa)).build();
            default -> KmsKeyring.builder().kmsClient(kms).wrappingKeyId(ALIAS).build();
        };
    }

    private static AlgorithmSuite suite(int version) {
        return version == 3
                ? AlgorithmSuite.ALG_AES_256_GCM_HKDF_SHA512_COMMIT_KEY
                : AlgorithmSuite.ALG_AES_256_GCM_IV12_TAG16_NO_KDF;
    }

    private static CommitmentPolicy policy(int version) {
        return version == 3
                ? CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT
                : CommitmentPolicy.FORBID_ENCRYPT_ALLOW_DECRYPT;
    }

    private static InstructionFileConfig instructionFiles(boolean put) {
        return InstructionFileConfig.builder()
                .instructionFileClient(s3)
                .enableInstructionFilePutObject(put)
                .build();
    }

    private static S3EncryptionClient client(String name, int version) {
        return S3EncryptionClient.builderV4()
                .wrappedClient(s3)
                .wrappedAsyncClient(asyncS3)
                .keyring(keyring(name))
                .encryptionAlgorithm(suite(version))
                .commitmentPolicy(policy(version))
                .instructionFileConfig(instructionFiles(false))
                .build();
    }

    /** By the asynchronous client. Neither of the two reliably puts an empty object with this version of the AWS SDK: it waits for its body. */
    private static void put(
            String name,
            int version,
            boolean instructionFile,
            Consumer<PutObjectRequest.Builder> request,
            byte[] body) {
        S3AsyncEncryptionClient.builderV4()
                .wrappedClient(asyncS3)
                .keyring(keyring(name))
                .encryptionAlgorithm(suite(version))
                .commitmentPolicy(policy(version))
                .instructionFileConfig(instructionFiles(instructionFile))
                .build()
                .putObject(request, AsyncRequestBody.fromBytes(body))
                .join();
    }

    private static byte[] random(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }

    @ParameterizedTest
    @CsvSource({"kms, 3", "kms, 2", "aes, 3", "aes, 2", "rsa, 3", "rsa, 2"})
    void theClientGetsWhatTheCipherWrites(String name, int version) throws Exception {
        KmsSecretKey key = handle(name, version);
        for (int size : new int[] {0, 1, 16, 100_000}) {
            Path file = Files.write(directory.resolve("file"), random(size));
            new S3EncryptionClientObjects(s3, key).put(file, BUCKET, "object");
            byte[] got = client(name, version)
                    .getObjectAsBytes(request -> request.bucket(BUCKET).key("object"))
                    .asByteArray();
            assertThat(got).isEqualTo(random(size));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "kms, 3, false",
        "kms, 2, false",
        "kms, 3, true",
        "kms, 2, true",
        "aes, 3, false",
        "aes, 2, true",
        "rsa, 3, true",
        "rsa, 2, false"
    })
    void theCipherOpensWhatTheClientPuts(String name, int version, boolean instructionFile) throws Exception {
        KmsSecretKey key = handle(name, version);
        for (int size : new int[] {1, 16, 100_000}) {
            put(
                    name,
                    version,
                    instructionFile,
                    request -> request.bucket(BUCKET).key("theirs"),
                    random(size));
            assertThat(new S3EncryptionClientObjects(s3, key).get(BUCKET, "theirs"))
                    .isEqualTo(random(size));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void theClientReadsOurInstructionFile(int version) throws Exception {
        Cipher cipher = Cipher.getInstance("Envelope/S3EC/NoPadding");
        cipher.init(Cipher.ENCRYPT_MODE, handle("kms", version));
        S3EncryptionMetadata metadata = cipher.getParameters().getParameterSpec(S3EncryptionMetadata.class);
        s3.putObject(
                request -> request.bucket(BUCKET).key("split").metadata(metadata.asMapBesideInstructionFile()),
                RequestBody.fromBytes(cipher.doFinal(random(1000))));
        s3.putObject(
                request -> request.bucket(BUCKET).key("split" + S3EncryptionMetadata.INSTRUCTION_FILE_SUFFIX),
                RequestBody.fromBytes(metadata.instructionFile()));

        assertThat(client("kms", version)
                        .getObjectAsBytes(request -> request.bucket(BUCKET).key("split"))
                        .asByteArray())
                .isEqualTo(random(1000));
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void theEncryptionContextIsTheSame(int version) throws Exception {
        KmsSecretKey key = handle("kms", version);
        Map<String, String> foreign = Map.of("tenant", "\u00e4\u4e2d\ud83d\ude00\"\\", "b", "2");
        Cipher cipher = Cipher.getInstance("Envelope/S3EC/NoPadding");
        for (Map<String, String> context : List.of(CONTEXT, foreign)) {
            cipher.init(
                    Cipher.ENCRYPT_MODE,
                    key,
                    EnvelopeParameterSpec.builder().context(context).build());
            S3EncryptionMetadata metadata = cipher.getParameters().getParameterSpec(S3EncryptionMetadata.class);
            s3.putObject(
                    request -> request.bucket(BUCKET).key("context").metadata(metadata.asMap()),
                    RequestBody.fromBytes(cipher.doFinal(random(1000))));
            S3EncryptionClient client = client("kms", version);
            assertThat(client.getObjectAsBytes(request -> request.bucket(BUCKET)
                                    .key("context")
                                    .overrideConfiguration(S3EncryptionClient.withAdditionalConfiguration(context)))
                            .asByteArray())
                    .isEqualTo(random(1000));
            assertThatThrownBy(() -> client.getObjectAsBytes(
                            request -> request.bucket(BUCKET).key("context")))
                    .isInstanceOf(S3EncryptionClientException.class);
        }

        put(
                "kms",
                version,
                false,
                request -> request.bucket(BUCKET)
                        .key("context")
                        .overrideConfiguration(S3AsyncEncryptionClient.withAdditionalEncryptionContext(CONTEXT)),
                random(1000));
        GetObjectResponse head;
        byte[] body;
        try (var object = s3.getObject(request -> request.bucket(BUCKET).key("context"))) {
            head = object.response();
            body = object.readAllBytes();
        }
        for (Map<String, String> required : List.of(Map.<String, String>of(), Map.of("b", "2"), CONTEXT)) {
            cipher.init(Cipher.DECRYPT_MODE, key, spec(head, required));
            assertThat(cipher.doFinal(body)).isEqualTo(random(1000));
        }
        cipher.init(Cipher.DECRYPT_MODE, key, spec(head, Map.of("tenant", "b")));
        assertThatThrownBy(() -> cipher.doFinal(body)).isExactlyInstanceOf(AEADBadTagException.class);
    }

    private static EnvelopeParameterSpec spec(GetObjectResponse head, Map<String, String> context) {
        return EnvelopeParameterSpec.builder()
                .context(context)
                .s3Metadata(S3EncryptionMetadata.of(head.metadata()))
                .build();
    }

    @Test
    void whatWasChangedInTheBucketIsRefused() throws Exception {
        KmsSecretKey key = handle("kms", 3);
        S3EncryptionClientObjects objects = new S3EncryptionClientObjects(s3, key);
        objects.put(Files.write(directory.resolve("file"), random(100)), BUCKET, "changed");
        byte[] body;
        Map<String, String> metadata;
        try (var object = s3.getObject(request -> request.bucket(BUCKET).key("changed"))) {
            metadata = object.response().metadata();
            body = object.readAllBytes();
        }
        body[50] ^= 1;
        s3.putObject(request -> request.bucket(BUCKET).key("changed").metadata(metadata), RequestBody.fromBytes(body));
        assertThatThrownBy(() -> objects.get(BUCKET, "changed")).isExactlyInstanceOf(AEADBadTagException.class);
    }
}
