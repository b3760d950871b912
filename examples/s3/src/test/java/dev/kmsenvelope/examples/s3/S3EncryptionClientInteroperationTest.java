package dev.kmsenvelope.examples.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmsenvelope.provider.EnvelopeParameterSpec;
import dev.kmsenvelope.provider.KmsSecretKey;
import dev.kmsenvelope.provider.S3EncryptionMetadata;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.encryption.s3.S3AsyncEncryptionClient;
import software.amazon.encryption.s3.S3EncryptionClient;
import software.amazon.encryption.s3.S3EncryptionClientException;

/** The published Amazon S3 Encryption Client for Java gets what the cipher wrote, and the reverse; with moto_server, where it is installed. */
class S3EncryptionClientInteroperationTest extends S3EncryptionClientFixture {

    private static final Map<String, String> CONTEXT = Map.of("tenant", "a", "b", "2");

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
