package dev.kmsenvelope.examples.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.keystore.KmsLoadStoreParameter;
import dev.kmsenvelope.kms.KeyAdministration;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.provider.KmsEnvelopeProvider;
import dev.kmsenvelope.spi.Backends;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Key;
import java.security.KeyStore;
import java.security.Security;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.Random;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;

/** Against moto_server, where it is installed. */
class S3ClientSideEncryptionTest {

    private static final String BUCKET = "bucket";
    private static final String KEY_ARN = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";

    private static Moto moto;
    private static S3Client s3;

    /** The last request to write an object, as it went out: moto does not tell all that it said. */
    private static SdkHttpRequest lastPut;

    @TempDir
    private Path directory;

    private Key key;

    @BeforeAll
    static void start() throws Exception {
        moto = Moto.startOrSkip();
        s3 = S3Client.builder()
                .endpointOverride(URI.create(moto.endpoint()))
                .region(Region.US_EAST_1)
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("x", "x")))
                .httpClient(UrlConnectionHttpClient.create())
                .forcePathStyle(true)
                .overrideConfiguration(settings -> settings.addExecutionInterceptor(new ExecutionInterceptor() {
                    @Override
                    public void beforeTransmission(Context.BeforeTransmission context, ExecutionAttributes attributes) {
                        if (context.request() instanceof PutObjectRequest) {
                            lastPut = context.httpRequest();
                        }
                    }
                }))
                .build();
        s3.createBucket(request -> request.bucket(BUCKET));
    }

    @AfterAll
    static void stop() {
        if (s3 != null) {
            s3.close();
        }
        if (moto != null) {
            moto.close();
        }
    }

    @BeforeEach
    void takeKey() throws Exception {
        Security.addProvider(new KmsEnvelopeProvider());
        Configuration settings = Configuration.of(
                Map.of("local.directory", directory.resolve("keys").toString()));
        try (KeyAdministration keys = Backends.openAdministration(settings)) {
            keys.createKey(KeySpec.SYMMETRIC_DEFAULT, KeyId.of("alias/objects"));
        }
        KeyStore keyStore = KeyStore.getInstance("KMS");
        keyStore.load(new KmsLoadStoreParameter(settings));
        key = keyStore.getKey("alias/objects", null);
    }

    @AfterEach
    void removeProvider() {
        Security.removeProvider(KmsEnvelopeProvider.NAME);
    }

    private static ServerSide mode(String name) {
        return switch (name) {
            case "AES256" -> ServerSide.sseS3();
            case "aws:kms" -> ServerSide.sseKms(KEY_ARN);
            case "aws:kms:dsse" -> ServerSide.dsseKms(KEY_ARN);
            case "SSE-C" -> ServerSide.sseC(new byte[32]);
            default -> throw new IllegalArgumentException(name);
        };
    }

    private static byte[] stored(String name, ServerSide serverSide) {
        GetObjectRequest.Builder request =
                GetObjectRequest.builder().bucket(BUCKET).key(name);
        serverSide.onGet(request);
        return s3.getObjectAsBytes(request.build()).asByteArray();
    }

    private byte[] decrypt(byte[] message) throws Exception {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(Cipher.DECRYPT_MODE, key);
        return cipher.doFinal(message);
    }

    @ParameterizedTest
    @CsvSource({"AES256, 0", "AES256, 65536", "aws:kms, 1", "aws:kms:dsse, 65537", "SSE-C, 5000000"})
    void whatIsStoredIsEncryptedBeforeAndComesBack(String name, int length) throws Exception {
        ServerSide serverSide = mode(name);
        byte[] plaintext = new byte[length];
        new Random(length).nextBytes(plaintext);
        Path file = Files.write(directory.resolve("file"), plaintext);
        S3ClientSideEncryption objects = new S3ClientSideEncryption(s3, key, serverSide);

        objects.put(file, BUCKET, "object");

        byte[] stored = stored("object", serverSide);
        assertThat(stored).startsWith(2, 4, 0x78).hasSizeGreaterThan(length + 100);
        assertThat(decrypt(stored)).isEqualTo(plaintext);
        Path back = directory.resolve("back");
        objects.get(BUCKET, "object", back);
        assertThat(back).hasBinaryContent(plaintext);
        boolean customerKey = name.equals("SSE-C");
        assertThat(sent("x-amz-server-side-encryption")).isEqualTo(customerKey ? null : name);
        assertThat(sent("x-amz-server-side-encryption-aws-kms-key-id"))
                .isEqualTo(name.startsWith("aws:kms") ? KEY_ARN : null);
        assertThat(sent("x-amz-server-side-encryption-customer-algorithm")).isEqualTo(customerKey ? "AES256" : null);
        assertThat(sent("x-amz-server-side-encryption-customer-key"))
                .isEqualTo(customerKey ? Base64.getEncoder().encodeToString(new byte[32]) : null);
        if (!customerKey) {
            HeadObjectResponse head =
                    s3.headObject(request -> request.bucket(BUCKET).key("object"));
            assertThat(head.serverSideEncryptionAsString()).isEqualTo(name);
        }
    }

    private static String sent(String header) {
        return lastPut.firstMatchingHeader(header).orElse(null);
    }

    @Test
    void whatWasChangedInTheBucketNeverBecomesAFile() throws Exception {
        S3ClientSideEncryption objects = new S3ClientSideEncryption(s3, key, ServerSide.sseS3());
        objects.put(Files.write(directory.resolve("file"), new byte[100_000]), BUCKET, "object");
        byte[] stored = stored("object", ServerSide.sseS3());
        byte[] changed = stored.clone();
        changed[stored.length / 2] ^= 1;
        Path back = directory.resolve("back");
        for (byte[] wrong : new byte[][] {changed, Arrays.copyOf(stored, stored.length - 16), new byte[0]}) {
            s3.putObject(request -> request.bucket(BUCKET).key("object"), RequestBody.fromBytes(wrong));
            assertThatThrownBy(() -> objects.get(BUCKET, "object", back))
                    .isInstanceOf(IOException.class)
                    .hasCauseInstanceOf(AEADBadTagException.class);
        }
        try (var files = Files.list(directory)) {
            assertThat(files.map(file -> file.getFileName().toString())).containsExactlyInAnyOrder("file", "keys");
        }
    }

    @Test
    void limits() throws Exception {
        Path sparse = directory.resolve("sparse");
        try (RandomAccessFile file = new RandomAccessFile(sparse.toFile(), "rw")) {
            file.setLength(S3ClientSideEncryption.MAX_LENGTH + 1);
        }
        S3ClientSideEncryption objects = new S3ClientSideEncryption(s3, key, ServerSide.sseS3());
        assertThatThrownBy(() -> objects.put(sparse, BUCKET, "object")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> ServerSide.sseC(new byte[16])).isInstanceOf(IllegalArgumentException.class);
    }
}
