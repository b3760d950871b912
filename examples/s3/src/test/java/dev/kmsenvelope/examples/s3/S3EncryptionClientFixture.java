package dev.kmsenvelope.examples.s3;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.keystore.KmsLoadStoreParameter;
import dev.kmsenvelope.kms.KeyAdministration;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.provider.KmsEnvelopeProvider;
import dev.kmsenvelope.provider.KmsSecretKey;
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
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import javax.crypto.spec.SecretKeySpec;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.async.AsyncRequestBody;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kms.KmsClient;
import software.amazon.awssdk.services.s3.S3AsyncClient;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.encryption.s3.CommitmentPolicy;
import software.amazon.encryption.s3.S3AsyncEncryptionClient;
import software.amazon.encryption.s3.S3EncryptionClient;
import software.amazon.encryption.s3.algorithms.AlgorithmSuite;
import software.amazon.encryption.s3.internal.InstructionFileConfig;
import software.amazon.encryption.s3.materials.AesKeyring;
import software.amazon.encryption.s3.materials.Keyring;
import software.amazon.encryption.s3.materials.KmsKeyring;
import software.amazon.encryption.s3.materials.PartialRsaKeyPair;
import software.amazon.encryption.s3.materials.RsaKeyring;

/** A bucket, the same three wrapping keys on both sides, and the published client over them; with moto_server, where it is installed. */
abstract class S3EncryptionClientFixture {

    static final String BUCKET = "interoperation";
    private static final String ALIAS = "alias/objects";

    private static final AwsCredentialsProvider CREDENTIALS =
            StaticCredentialsProvider.create(AwsBasicCredentials.create("x", "x"));

    private static final char[] PASSWORD = "correct horse".toCharArray();
    private static final byte[] AES = random(32);

    @TempDir
    static Path directory;

    private static final Map<String, String> PROPERTIES_BEFORE = new HashMap<>();
    private static Moto moto;
    static S3Client s3;
    private static S3AsyncClient asyncS3;
    static KmsClient kms;
    static KeyPair rsa;

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
                "s3.commitment-policy",
                version == 2 ? "forbid-encrypt-allow-decrypt" : "require-encrypt-require-decrypt"));
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
                "s3.commitment-policy",
                version == 2 ? "forbid-encrypt-allow-decrypt" : "require-encrypt-require-decrypt"));
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

    static KmsSecretKey handle(String name, int version) throws Exception {
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

    static S3EncryptionClient client(String name, int version) {
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
    static void put(
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

    static byte[] random(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }
}
