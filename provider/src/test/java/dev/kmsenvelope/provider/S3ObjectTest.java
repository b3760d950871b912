package dev.kmsenvelope.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.kmsenvelope.kms.SecretBytes;
import dev.kmsenvelope.provider.S3Objects.Stored;
import dev.kmsenvelope.testing.Allocation;
import dev.kmsenvelope.testing.Ciphers;
import dev.kmsenvelope.testing.Crowd;
import dev.kmsenvelope.testing.InMemoryKeyService;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.security.AlgorithmParameters;
import java.security.InvalidAlgorithmParameterException;
import java.security.Key;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.ShortBufferException;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Objects of the Amazon S3 Encryption Client through the cipher, as they should be. */
class S3ObjectTest {

    private static final EnvelopeParameterSpec NO_PARAMETERS =
            EnvelopeParameterSpec.builder().build();

    private final InMemoryKeyService service =
            new InMemoryKeyService().withKey("master").withKey("other");
    private final KmsSecretKey handle = Ciphers.handle(service, "master");

    private KmsSecretKey handle(int version) {
        return Ciphers.handle(service, "master", S3Objects.POLICY, S3Objects.policy(version));
    }

    @Test
    @DisplayName("Version 3 by default: the metadata is whole right after init, and has what the specification says")
    void version3() throws Exception {
        Cipher cipher = S3Objects.encrypting(handle, Ciphers.context("tenant", "\u00e4\"b"));
        Map<String, String> metadata = S3Objects.metadata(cipher).asMap();

        assertThat(metadata).containsOnlyKeys("x-amz-c", "x-amz-3", "x-amz-w", "x-amz-d", "x-amz-i", "x-amz-t");
        assertThat(metadata)
                .containsEntry("x-amz-c", "115")
                .containsEntry("x-amz-w", "12")
                .containsEntry("x-amz-t", "{\"aws:x-amz-cek-alg\":\"115\",\"tenant\":\"\\u00e4\\\"b\"}");
        assertThat(Base64.getDecoder().decode(metadata.get("x-amz-d"))).hasSize(28);
        assertThat(Base64.getDecoder().decode(metadata.get("x-amz-i")))
                .hasSize(28)
                .endsWith(cipher.getIV());
        assertThat(cipher.doFinal(new byte[5])).hasSize(21);
        assertThat(S3Objects.metadata(cipher).asMap()).isEqualTo(metadata);
        assertThat(catchThrowable(cipher::doFinal)).isInstanceOf(IllegalStateException.class);
        assertThat(service.handedOut).allMatch(SecretBytes::isDestroyed);
    }

    @Test
    @DisplayName(
            "Version 2, which does not commit, by the setting or the caller's policy only: what older clients write and read")
    void version2() throws Exception {
        Stored object = S3Objects.encrypt(handle(2), new byte[5], Ciphers.context("tenant", "a"));

        assertThat(object.metadata())
                .containsOnlyKeys(
                        "x-amz-cek-alg", "x-amz-iv", "x-amz-key-v2", "x-amz-matdesc", "x-amz-tag-len", "x-amz-wrap-alg")
                .containsEntry("x-amz-cek-alg", "AES/GCM/NoPadding")
                .containsEntry("x-amz-tag-len", "128")
                .containsEntry("x-amz-wrap-alg", "kms+context")
                .containsEntry("x-amz-matdesc", "{\"aws:x-amz-cek-alg\":\"AES/GCM/NoPadding\",\"tenant\":\"a\"}");
        assertThat(Base64.getDecoder().decode(object.metadata().get("x-amz-iv")))
                .hasSize(12);
        int asked = service.decrypted.get();
        assertThatThrownBy(() -> S3Objects.decrypt(handle, object))
                .isExactlyInstanceOf(AEADBadTagException.class)
                .hasMessageContaining("s3.commitment-policy = require-encrypt-allow-decrypt allows it");
        assertThat(service.decrypted).hasValue(asked);
        assertThat(S3Objects.decrypt(handle(2), object)).isEqualTo(new byte[5]);
        assertThat(S3Objects.decrypt(Ciphers.handle(service, "master", S3Objects.POLICY, S3Objects.READS_ALL), object))
                .isEqualTo(new byte[5]);
        EnvelopeParameterSpec reading = EnvelopeParameterSpec.builder()
                .s3Metadata(S3EncryptionMetadata.of(object.metadata()))
                .commitmentPolicy(CommitmentPolicy.REQUIRE_ENCRYPT_ALLOW_DECRYPT)
                .build();
        assertThat(Ciphers.ours(S3Objects.TRANSFORMATION, Cipher.DECRYPT_MODE, handle, reading)
                        .doFinal(object.body()))
                .isEqualTo(new byte[5]);
        EnvelopeParameterSpec strict = EnvelopeParameterSpec.builder()
                .s3Metadata(S3EncryptionMetadata.of(object.metadata()))
                .commitmentPolicy(CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT)
                .build();
        Cipher refusing = Ciphers.ours(S3Objects.TRANSFORMATION, Cipher.DECRYPT_MODE, handle(2), strict);
        assertThatThrownBy(() -> refusing.doFinal(object.body())).isExactlyInstanceOf(AEADBadTagException.class);
        EnvelopeParameterSpec writing = EnvelopeParameterSpec.builder()
                .commitmentPolicy(CommitmentPolicy.FORBID_ENCRYPT_ALLOW_DECRYPT)
                .build();
        assertThat(S3Objects.encrypt(handle, new byte[5], writing).metadata()).containsKey("x-amz-key-v2");
    }

    @Test
    @DisplayName(
            "What the format has no place for is refused: required context, which would stand in the metadata, and suites")
    void noPlaceFor() throws Exception {
        Stored object = S3Objects.encrypt(handle, new byte[5]);
        KmsSecretKey hiding = Ciphers.handle(
                service, "master", "key.master.required-context", "ticket", "key.master.context.ticket", "secret");
        EnvelopeParameterSpec names = EnvelopeParameterSpec.builder()
                .context(Map.of("ticket", "secret"))
                .requiredContextNames(Set.of("ticket"))
                .build();
        EnvelopeParameterSpec suite =
                EnvelopeParameterSpec.builder().suite(EsdkSuite.AES_128_GCM).build();
        for (ThrowingCallable use : List.<ThrowingCallable>of(
                () -> S3Objects.encrypt(hiding, new byte[5]),
                () -> S3Objects.decrypt(hiding, object),
                () -> S3Objects.encrypt(handle, new byte[5], names),
                () -> S3Objects.encrypt(handle, new byte[5], suite))) {
            assertThatThrownBy(use).isInstanceOf(InvalidAlgorithmParameterException.class);
        }
    }

    @ParameterizedTest
    @DisplayName("Any size, in any pieces, in both directions, gives what one call gives")
    @ValueSource(ints = {2, 3})
    void pieces(int version) throws Exception {
        KmsSecretKey key = handle(version);
        Random random = new Random(version);
        for (int size : new int[] {0, 1, 15, 16, 17, 31, 32, 33, 1000, 65_535, 200_000}) {
            byte[] plaintext = Ciphers.random(size);
            Stored whole = S3Objects.encrypt(key, plaintext);
            assertThat(whole.body()).hasSize(size + 16);
            assertThat(S3Objects.decrypt(key, whole)).isEqualTo(plaintext);
            Cipher encrypting = S3Objects.encrypting(key, NO_PARAMETERS);
            assertThat(encrypting.getOutputSize(size)).isEqualTo(size + 16);
            Stored pieces = new Stored(
                    inPieces(encrypting, plaintext, random),
                    S3Objects.metadata(encrypting).asMap());
            assertThat(S3Objects.decrypt(key, pieces)).isEqualTo(plaintext);
            assertThat(inPieces(S3Objects.decrypting(key, pieces), pieces.body(), random))
                    .isEqualTo(plaintext);
            Cipher decrypting = S3Objects.decrypting(key, whole);
            byte[] inPlace = whole.body().clone();
            assertThat(decrypting.doFinal(inPlace, 0, inPlace.length, inPlace, 0))
                    .isEqualTo(size);
            assertThat(Arrays.copyOf(inPlace, size)).isEqualTo(plaintext);
            ByteBuffer direct =
                    ByteBuffer.allocateDirect(size + 16).put(whole.body()).flip();
            ByteBuffer out = ByteBuffer.allocate(size);
            assertThat(decrypting.doFinal(direct, out)).isEqualTo(size);
            assertThat(out.array()).isEqualTo(plaintext);
        }
        assertThat(service.handedOut).isNotEmpty();
    }

    private static byte[] inPieces(Cipher cipher, byte[] input, Random random) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int at = 0;
        while (at < input.length) {
            int length = Math.min(input.length - at, random.nextInt(1 + input.length / 3) + 1);
            byte[] piece = cipher.update(input, at, length);
            out.writeBytes(piece == null ? new byte[0] : piece);
            at += length;
        }
        out.writeBytes(cipher.doFinal());
        return out.toByteArray();
    }

    @Test
    @DisplayName("RULES 7: no message id, IV or body serves twice, and too little room changes nothing")
    void everyObjectIsItsOwn() throws Exception {
        Set<String> ids = new HashSet<>();
        for (int version : new int[] {2, 3}) {
            for (int i = 0; i < 20; i++) {
                Cipher cipher = S3Objects.encrypting(handle(version), NO_PARAMETERS);
                byte[] small = new byte[20];
                assertThatThrownBy(() -> cipher.doFinal(new byte[5], 0, 5, small, 0))
                        .isInstanceOf(ShortBufferException.class);
                Map<String, String> metadata = S3Objects.metadata(cipher).asMap();
                byte[] body = cipher.doFinal(new byte[5]);
                assertThat(S3Objects.decrypt(handle(version), new Stored(body, metadata)))
                        .isEqualTo(new byte[5]);
                assertThat(ids.add(metadata.getOrDefault("x-amz-i", metadata.get("x-amz-iv"))))
                        .isTrue();
                assertThat(ids.add(Base64.getEncoder().encodeToString(body))).isTrue();
            }
        }
    }

    @Test
    @DisplayName("RULES 10: a cached data key serves many objects of version 3, and one of version 2")
    void cache() throws Exception {
        for (int i = 0; i < 10; i++) {
            S3Objects.decrypt(handle, S3Objects.encrypt(handle, new byte[1]));
        }
        assertThat(service.generated).hasValue(1);
        assertThat(service.decrypted).hasValue(1);
        KmsSecretKey old = handle(2);
        for (int i = 0; i < 10; i++) {
            S3Objects.decrypt(old, S3Objects.encrypt(old, new byte[1]));
        }
        assertThat(service.generated).hasValue(11);
        assertThat(service.decrypted).hasValue(11);
    }

    @ParameterizedTest
    @DisplayName("Writing takes constant memory")
    @ValueSource(ints = {2, 3})
    void memory(int version) throws Exception {
        KmsSecretKey key = handle(version);
        byte[] in = new byte[1 << 20];
        byte[] out = new byte[(1 << 20) + 64];
        S3Objects.encrypt(key, new byte[1]);
        long allocated = Allocation.of(() -> {
            Cipher cipher = S3Objects.encrypting(key, NO_PARAMETERS);
            for (int i = 0; i < 64; i++) {
                cipher.update(in, 0, in.length, out, 0);
            }
            cipher.doFinal(out, 0);
        });
        assertThat(allocated).isLessThan(8L << 20);
    }

    @Test
    @DisplayName("One handle serves many threads")
    void threads() throws Exception {
        List<Boolean> all = Crowd.each(8, thread -> () -> {
            for (int i = 0; i < 50; i++) {
                byte[] plaintext = Ciphers.random(thread * 100 + i);
                KmsSecretKey key = i % 2 == 0 ? handle : handle(2);
                assertThat(S3Objects.decrypt(key, S3Objects.encrypt(key, plaintext)))
                        .isEqualTo(plaintext);
            }
            return true;
        });
        assertThat(all).hasSize(8).containsOnly(true);
    }

    @Test
    @DisplayName("What the format has no place for is refused in init, before the service is asked")
    void parameters() throws Exception {
        Stored object = S3Objects.encrypt(handle, new byte[3]);
        int generated = service.generated.get();
        for (var wrong : List.of(
                EnvelopeParameterSpec.builder().iv(new byte[12]).build(),
                EnvelopeParameterSpec.builder().frameLength(100).build(),
                Ciphers.context("aws:x-amz-cek-alg", "115"),
                S3EncryptionMetadata.of(object.metadata()),
                new GCMParameterSpec(128, new byte[12]),
                new javax.crypto.spec.IvParameterSpec(new byte[12]))) {
            assertThatThrownBy(() -> Ciphers.ours(S3Objects.TRANSFORMATION, Cipher.ENCRYPT_MODE, handle, wrong))
                    .isInstanceOf(InvalidAlgorithmParameterException.class);
        }
        assertThatThrownBy(() -> Ciphers.ours(
                        S3Objects.TRANSFORMATION,
                        Cipher.ENCRYPT_MODE,
                        handle.withRecipients(List.of(Ciphers.handle(service, "other"))),
                        NO_PARAMETERS))
                .hasMessageContaining("several keys");
        assertThat(service.generated).hasValue(generated);
        for (var wrong : List.of(
                NO_PARAMETERS,
                Ciphers.context("a", "b"),
                EnvelopeParameterSpec.builder()
                        .iv(new byte[12])
                        .s3Metadata(S3EncryptionMetadata.of(object.metadata()))
                        .build())) {
            assertThatThrownBy(() -> Ciphers.ours(S3Objects.TRANSFORMATION, Cipher.DECRYPT_MODE, handle, wrong))
                    .isInstanceOf(InvalidAlgorithmParameterException.class);
        }
        Cipher encrypting = S3Objects.encrypting(handle, NO_PARAMETERS);
        assertThatThrownBy(() -> encrypting.updateAAD(new byte[1])).isInstanceOf(UnsupportedOperationException.class);
        Cipher decrypting = S3Objects.decrypting(handle, object);
        assertThatThrownBy(() -> decrypting.updateAAD(new byte[1])).isInstanceOf(UnsupportedOperationException.class);
        assertThat(decrypting.doFinal(object.body())).isEqualTo(new byte[3]);
    }

    @Test
    @DisplayName("AlgorithmParameters carry the metadata, through their encoding too, and init takes them")
    void algorithmParameters() throws Exception {
        Cipher cipher = S3Objects.encrypting(handle, NO_PARAMETERS);
        AlgorithmParameters given = cipher.getParameters();
        assertThat(given.getAlgorithm()).isEqualTo("S3EC");
        byte[] body = cipher.doFinal(new byte[7]);
        AlgorithmParameters read = AlgorithmParameters.getInstance("S3EC", cipher.getProvider());
        read.init(given.getEncoded());
        for (AlgorithmParameters each : List.of(given, read)) {
            Cipher decrypting = Ciphers.ours(S3Objects.TRANSFORMATION);
            decrypting.init(Cipher.DECRYPT_MODE, handle, each);
            assertThat(decrypting.doFinal(body)).isEqualTo(new byte[7]);
            assertThat(decrypting.getParameters().getParameterSpec(S3EncryptionMetadata.class))
                    .isEqualTo(S3Objects.metadata(cipher));
        }
        AlgorithmParameters other = AlgorithmParameters.getInstance("S3EC", cipher.getProvider());
        assertThatThrownBy(() -> other.init(new byte[] {'{'})).isInstanceOf(java.io.IOException.class);
        assertThatThrownBy(() -> other.init(given.getEncoded(), "ASN.1")).isInstanceOf(java.io.IOException.class);
    }

    @Test
    @DisplayName(
            "RULES 6: what comes in pieces is held up to decrypt.hold, beyond that refused; one call may have any size")
    void hold() throws Exception {
        KmsSecretKey tight = Ciphers.handle(service, "master", "decrypt.hold", "100000");
        for (int size : new int[] {99_999, 100_000, 100_001, 500_000}) {
            byte[] plaintext = Ciphers.random(size);
            Stored object = S3Objects.encrypt(tight, plaintext);
            assertThat(S3Objects.decrypt(tight, object)).isEqualTo(plaintext);
            Cipher cipher = S3Objects.decrypting(tight, object);
            assertThat(cipher.update(object.body(), 0, 10)).isNull();
            assertThat(cipher.update(object.body(), 10, size - 10)).isNull();
            if (size <= 100_000) {
                assertThat(cipher.doFinal(object.body(), size, 16)).isEqualTo(plaintext);
            } else {
                assertThatThrownBy(() -> cipher.doFinal(object.body(), size, 16))
                        .isExactlyInstanceOf(AEADBadTagException.class)
                        .hasMessageContaining("decrypt.hold");
            }
            assertThat(cipher.doFinal(object.body())).isEqualTo(plaintext);
        }
    }

    @Test
    @DisplayName("Keys can be wrapped and unwrapped, with the metadata")
    void wrapping() throws Exception {
        Key key = new SecretKeySpec(new byte[16], "AES");
        Cipher wrapping = Ciphers.ours(S3Objects.TRANSFORMATION, Cipher.WRAP_MODE, handle);
        S3EncryptionMetadata metadata = S3Objects.metadata(wrapping);
        byte[] wrapped = wrapping.wrap(key);
        assertThat(Ciphers.ours(S3Objects.TRANSFORMATION, Cipher.UNWRAP_MODE, handle, metadata)
                        .unwrap(wrapped, "AES", Cipher.SECRET_KEY))
                .isEqualTo(key);
    }
}
