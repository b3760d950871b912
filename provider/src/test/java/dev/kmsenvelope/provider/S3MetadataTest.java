package dev.kmsenvelope.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.testing.Ciphers;
import dev.kmsenvelope.testing.InMemoryKeyService;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.spec.InvalidParameterSpecException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where the metadata of objects comes from and goes to: user metadata, instruction files, channels. */
class S3MetadataTest {

    private final InMemoryKeyService service = new InMemoryKeyService().withKey("master");
    private final KmsSecretKey handle = Ciphers.handle(service, "master");

    private static byte[] decrypt(KmsSecretKey key, S3EncryptionMetadata metadata, byte[] body) throws Exception {
        return Ciphers.ours(S3Objects.TRANSFORMATION, Cipher.DECRYPT_MODE, key, metadata)
                .doFinal(body);
    }

    @Test
    @DisplayName("Names in any case, with or without x-amz-meta-, among others")
    void names() throws Exception {
        S3Objects.Stored object = S3Objects.encrypt(handle, new byte[9]);
        Map<String, String> asHeaders =
                new TreeMap<>(Map.of("Content-Type", "x", "x-amz-meta-mine", "y", "x-amz-id", "z"));
        object.metadata().forEach((name, value) -> asHeaders.put("X-Amz-Meta-" + name.toUpperCase(Locale.ROOT), value));
        S3EncryptionMetadata metadata = S3EncryptionMetadata.of(asHeaders);
        assertThat(metadata.asMap()).isEqualTo(object.metadata());
        assertThat(metadata)
                .isEqualTo(S3EncryptionMetadata.of(object.metadata()))
                .hasSameHashCodeAs(metadata);
        assertThat(decrypt(handle, metadata, object.body())).isEqualTo(new byte[9]);
        assertThat(metadata.toString()).doesNotContain(object.metadata().get("x-amz-3"));
        asHeaders.put("x-amz-c", "116");
        S3EncryptionMetadata ambiguous = S3EncryptionMetadata.of(asHeaders);
        assertThatThrownBy(() -> decrypt(handle, ambiguous, object.body())).isInstanceOf(AEADBadTagException.class);
    }

    @ParameterizedTest
    @DisplayName("An instruction file has the data key's part; in version 3 the rest stays with the object")
    @ValueSource(ints = {2, 3})
    void instructionFile(int version) throws Exception {
        KmsSecretKey key = Ciphers.handle(service, "master", S3Objects.POLICY, S3Objects.policy(version));
        S3Objects.Stored object = S3Objects.encrypt(key, new byte[9]);
        S3EncryptionMetadata whole = S3EncryptionMetadata.of(object.metadata());
        assertThat(whole.needsInstructionFile()).isFalse();
        if (version == 3) {
            assertThat(whole.asMapBesideInstructionFile()).containsOnlyKeys("x-amz-c", "x-amz-d", "x-amz-i");
        } else {
            assertThat(whole.asMapBesideInstructionFile()).isEmpty();
        }
        byte[] file = whole.instructionFile();
        S3EncryptionMetadata part = S3EncryptionMetadata.of(whole.asMapBesideInstructionFile());
        assertThat(part.needsInstructionFile()).isTrue();
        assertThatThrownBy(() -> decrypt(key, part, object.body())).isExactlyInstanceOf(AEADBadTagException.class);
        assertThat(part.withInstructionFile(file)).isEqualTo(whole);
        assertThat(decrypt(key, part.withInstructionFile(file), object.body())).isEqualTo(new byte[9]);
        assertThatThrownBy(() -> whole.withInstructionFile(file)).isInstanceOf(InvalidParameterSpecException.class);
        for (String wrong : List.of(
                "",
                "[]",
                "{\"x-amz-c\":\"115\"}",
                "{\"x-amz-i\":\"AAAA\"}",
                "{\"x-amz-d\":\"\"}",
                "{\"x-amz-w\":12}")) {
            assertThatThrownBy(() -> part.withInstructionFile(wrong.getBytes(StandardCharsets.US_ASCII)))
                    .isInstanceOf(InvalidParameterSpecException.class);
        }
        for (byte[] wrong : new byte[][] {{(byte) 0xff}, new byte[S3EncryptionMetadata.MAX_INSTRUCTION_FILE + 1]}) {
            assertThatThrownBy(() -> part.withInstructionFile(wrong)).isInstanceOf(InvalidParameterSpecException.class);
        }
    }

    private EnvelopeChannels channels(Map<String, String> context, S3EncryptionMetadata metadata) throws Exception {
        EnvelopeParameterSpec.Builder spec = EnvelopeParameterSpec.builder().context(context);
        if (metadata != null) {
            spec.s3Metadata(metadata);
        }
        return EnvelopeChannels.of(handle).format(EnvelopeFormat.S3EC).with(spec.build());
    }

    @Test
    @DisplayName("Channels tell the metadata before the first byte, and do not encrypt where nobody listens")
    void channels(@TempDir Path directory) throws Exception {
        byte[] plaintext = Ciphers.random(3_000_000);
        List<S3EncryptionMetadata> told = new ArrayList<>();
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        EnvelopeChannels.Result encrypted = channels(Map.of("a", "b"), null)
                .withS3MetadataTo(metadata -> {
                    assertThat(body.size()).isZero();
                    told.add(metadata);
                })
                .encrypt(new ByteArrayInputStream(plaintext), body);
        assertThat(told).hasSize(1);
        assertThat(encrypted)
                .isEqualTo(new EnvelopeChannels.Result(
                        plaintext.length, body.size(), EncryptionContext.of(Map.of("a", "b"))));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        EnvelopeChannels decrypting = channels(Map.of("a", "b"), told.get(0));
        EnvelopeChannels.Result decrypted = decrypting.decrypt(new ByteArrayInputStream(body.toByteArray()), out);
        assertThat(out.toByteArray()).isEqualTo(plaintext);
        assertThat(decrypted).isEqualTo(encrypted);
        assertThat(decrypt(handle, told.get(0), body.toByteArray())).isEqualTo(plaintext);

        byte[] changed = Ciphers.flipped(body.toByteArray(), 2_000_000);
        ByteArrayOutputStream nothing = new ByteArrayOutputStream();
        assertThatThrownBy(() -> decrypting.decrypt(new ByteArrayInputStream(changed), nothing))
                .isExactlyInstanceOf(AEADBadTagException.class);
        int generated = service.generated.get();
        assertThatThrownBy(() -> channels(Map.of("x", "y"), null).encrypt(new ByteArrayInputStream(plaintext), nothing))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(service.generated).hasValue(generated);
        assertThatThrownBy(() -> channels(Map.of(), null)
                        .withS3MetadataTo(metadata -> {
                            throw new IllegalStateException("mine");
                        })
                        .encrypt(new ByteArrayInputStream(plaintext), nothing))
                .hasMessage("mine");
        assertThatThrownBy(() -> channels(Map.of(), null).decrypt(new ByteArrayInputStream(changed), nothing))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(nothing.size()).isZero();
        Path file = Files.write(directory.resolve("body"), body.toByteArray());
        try (var channel = Files.newByteChannel(file)) {
            assertThatThrownBy(() -> decrypting.open(channel))
                    .isExactlyInstanceOf(AEADBadTagException.class)
                    .hasMessageContaining("no part");
        }
    }
}
