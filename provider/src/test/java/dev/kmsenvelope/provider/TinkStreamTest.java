package dev.kmsenvelope.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.RegistryConfiguration;
import com.google.crypto.tink.TinkProtoKeysetFormat;
import com.google.crypto.tink.streamingaead.AesGcmHkdfStreamingParameters;
import com.google.crypto.tink.streamingaead.AesGcmHkdfStreamingParameters.HashType;
import com.google.crypto.tink.streamingaead.PredefinedStreamingAeadParameters;
import com.google.crypto.tink.streamingaead.StreamingAeadParameters;
import dev.kmsenvelope.engine.MessageDecryptor.Release;
import dev.kmsenvelope.engine.MessageReader;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.testing.AeadKeyService;
import dev.kmsenvelope.testing.Ciphers;
import dev.kmsenvelope.testing.Crowd;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.security.InvalidKeyException;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** AES-GCM-HKDF streams under a keyset that a key service encrypted, with Tink on the other side. */
class TinkStreamTest extends TinkStreams {

    private static StreamingAeadParameters parameters(TinkStreamingTemplate template) {
        return switch (template) {
            case AES128_GCM_HKDF_4KB -> PredefinedStreamingAeadParameters.AES128_GCM_HKDF_4KB;
            case AES128_GCM_HKDF_1MB -> PredefinedStreamingAeadParameters.AES128_GCM_HKDF_1MB;
            case AES256_GCM_HKDF_4KB -> PredefinedStreamingAeadParameters.AES256_GCM_HKDF_4KB;
            case AES256_GCM_HKDF_1MB -> PredefinedStreamingAeadParameters.AES256_GCM_HKDF_1MB;
        };
    }

    private static Set<Integer> sizesAround(int segment, int header) {
        Set<Integer> sizes = new LinkedHashSet<>(List.of(0, 1, 16, 17));
        int plaintext = segment - TAG;
        for (int segments = 1; segments <= 3; segments++) {
            for (int delta = -1; delta <= 1; delta++) {
                sizes.add(segments * plaintext - header + delta);
            }
        }
        return sizes;
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("Every template, with a keyset that Tink made and one that we made, in both directions")
    void templates(TinkStreamingTemplate template) throws Exception {
        byte[] own = template.newKeyset(handle, KEYSET_AAD);
        KeysetHandle ofUs = TinkProtoKeysetFormat.parseEncryptedKeyset(
                own, service.aead(), KEYSET_AAD, RegistryConfiguration.get());
        assertThat(ofUs.getPrimary().getKey().getParameters()).isEqualTo(parameters(template));
        KeysetHandle ofTink = keyset(parameters(template));
        boolean isLarge = template.name().endsWith("1MB");
        int segment = isLarge ? 1 << 20 : 1 << 12;
        for (int size : sizesAround(segment, template.name().contains("256") ? 40 : HEADER)) {
            byte[] plaintext = Ciphers.random(size);
            assertThat(openedByTink(ofTink, ours(spec(ofTink), plaintext), AAD)).isEqualTo(plaintext);
            assertThat(opened(spec(ofTink), theirs(ofTink, plaintext, AAD))).isEqualTo(plaintext);
            TinkParameterSpec spec = TinkParameterSpec.ofKeyset(own, KEYSET_AAD);
            assertThat(openedByTink(ofUs, ours(spec, plaintext), AAD)).isEqualTo(plaintext);
            assertThat(opened(spec, theirs(ofUs, plaintext, AAD))).isEqualTo(plaintext);
        }
    }

    @Test
    @DisplayName("SHA-1, SHA-256 and SHA-512, segments of 64 bytes, all sizes up to five of them")
    void smallSegments() throws Exception {
        for (HashType hash : new HashType[] {HashType.SHA1, HashType.SHA256, HashType.SHA512}) {
            KeysetHandle keyset = keyset(small(hash));
            TinkParameterSpec spec = spec(keyset);
            for (int size = 0; size < 5 * SEGMENT; size++) {
                byte[] plaintext = Ciphers.random(size);
                byte[] message = ours(spec, plaintext);
                assertThat(openedByTink(keyset, message, AAD)).isEqualTo(plaintext);
                byte[] theirs = theirs(keyset, plaintext, AAD);
                assertThat(theirs).hasSameSizeAs(message);
                assertThat(opened(spec, theirs)).isEqualTo(plaintext);
            }
        }
    }

    @Test
    @DisplayName("Of several keys the primary one writes and every one reads, also with equal and other parameters")
    void severalKeys() throws Exception {
        StreamingAeadParameters sha256 = small(HashType.SHA256);
        StreamingAeadParameters[] kinds = {
            sha256,
            sha256,
            small(HashType.SHA512),
            PredefinedStreamingAeadParameters.AES128_GCM_HKDF_4KB,
            PredefinedStreamingAeadParameters.AES256_GCM_HKDF_4KB
        };
        KeysetHandle all = keyset(kinds);
        TinkParameterSpec spec = spec(all);
        Random random = new Random(8);
        for (int i = 0; i < kinds.length; i++) {
            KeysetHandle single = KeysetHandle.newBuilder()
                    .addEntry(KeysetHandle.importKey(all.getAt(i).getKey())
                            .withFixedId(all.getAt(i).getId())
                            .makePrimary())
                    .build();
            for (int size : new int[] {0, 1, 23, 24, 25, 72, 73, 1000, 4056, 4057, 9000}) {
                byte[] plaintext = Ciphers.random(size);
                byte[] message = theirs(single, plaintext, AAD);
                assertThat(opened(spec, message)).as("key %s, size %s", i, size).isEqualTo(plaintext);
                Cipher cipher = Ciphers.ours(TINK, Cipher.DECRYPT_MODE, handle, spec);
                cipher.updateAAD(AAD);
                assertThat(TinkEnvelopeTest.inPieces(cipher, message, random)).isEqualTo(plaintext);
                assertThatThrownBy(() -> opened(spec, Ciphers.flipped(message, message.length - 1)))
                        .isInstanceOf(AEADBadTagException.class);
                if (i == 0) {
                    assertThat(openedByTink(single, ours(spec, plaintext), AAD)).isEqualTo(plaintext);
                }
            }
        }
    }

    @Test
    @DisplayName("Random pieces give what one piece gives, in all call forms")
    void chunkings() throws Exception {
        Random random = new Random(5);
        for (StreamingAeadParameters kind : List.of(
                small(HashType.SHA256),
                PredefinedStreamingAeadParameters.AES256_GCM_HKDF_4KB,
                PredefinedStreamingAeadParameters.AES128_GCM_HKDF_1MB)) {
            KeysetHandle keyset = keyset(kind);
            TinkParameterSpec spec = spec(keyset);
            int most = kind instanceof AesGcmHkdfStreamingParameters p ? 5 * p.getCiphertextSegmentSizeBytes() : 0;
            for (int round = 0; round < (most > 1 << 20 ? 8 : 120); round++) {
                byte[] plaintext = Ciphers.random(random.nextInt(most));
                Cipher encryptor = Ciphers.ours(TINK, Cipher.ENCRYPT_MODE, handle, spec);
                encryptor.updateAAD(AAD);
                byte[] message = TinkEnvelopeTest.inPieces(encryptor, plaintext, random);
                assertThat(openedByTink(keyset, message, AAD)).isEqualTo(plaintext);
                Cipher decryptor = Ciphers.ours(TINK, Cipher.DECRYPT_MODE, handle, spec);
                decryptor.updateAAD(AAD);
                assertThat(TinkEnvelopeTest.inPieces(decryptor, message, random))
                        .isEqualTo(plaintext);
            }
        }
    }

    @Test
    @DisplayName("Through channels, on one thread and on several, with bad segments anywhere")
    void channels() throws Exception {
        KeysetHandle keyset = keyset(PredefinedStreamingAeadParameters.AES256_GCM_HKDF_4KB);
        TinkParameterSpec spec = spec(keyset);
        byte[] plaintext = Ciphers.random(5_000_000);
        for (String parallelism : new String[] {"1", "4"}) {
            EnvelopeChannels channels = EnvelopeChannels.of(
                            Ciphers.handle(service, AeadKeyService.KEY, "parallelism", parallelism))
                    .with(spec)
                    .withAad(AAD);
            ByteArrayOutputStream message = new ByteArrayOutputStream();
            channels.encrypt(new ByteArrayInputStream(plaintext), message);
            assertThat(openedByTink(keyset, message.toByteArray(), AAD)).isEqualTo(plaintext);
            ByteArrayOutputStream back = new ByteArrayOutputStream();
            EnvelopeChannels.Result result = channels.decrypt(new ByteArrayInputStream(message.toByteArray()), back);
            assertThat(back.toByteArray()).isEqualTo(plaintext);
            assertThat(result.plaintextLength()).isEqualTo(plaintext.length);
            assertThat(result.messageLength()).isEqualTo(message.size());
            for (int at : new int[] {50, 4096, 1_500_000, message.size() - 1}) {
                byte[] changed = Ciphers.flipped(message.toByteArray(), at);
                ByteArrayOutputStream good = new ByteArrayOutputStream();
                assertThatThrownBy(() -> channels.decrypt(new ByteArrayInputStream(changed), good))
                        .isInstanceOf(AEADBadTagException.class);
                byte[] released = good.toByteArray();
                assertThat(released.length).isLessThanOrEqualTo(at);
                assertThat(released).isEqualTo(Arrays.copyOf(plaintext, released.length));
            }
        }
    }

    @Test
    void oneHandleServesManyThreads() throws Exception {
        TinkParameterSpec spec = spec(keyset(small(HashType.SHA512)));
        List<Integer> done = Crowd.each(8, number -> () -> {
            int opened = 0;
            for (int i = 0; i < 50; i++) {
                byte[] plaintext = Ciphers.random(100 * number + i);
                opened += Arrays.equals(opened(spec, ours(spec, plaintext)), plaintext) ? 1 : 0;
            }
            return opened;
        });
        assertThat(done).containsOnly(50);
    }

    @Test
    void aadComesFirstAndAnEndedStreamIsEnded() throws Exception {
        TinkParameterSpec spec = spec(keyset(small(HashType.SHA256)));
        Cipher encryptor = Ciphers.ours(TINK, Cipher.ENCRYPT_MODE, handle, spec);
        encryptor.update(new byte[1]);
        assertThatThrownBy(() -> encryptor.updateAAD(AAD)).isInstanceOf(IllegalStateException.class);
        byte[] message = encryptor.doFinal();
        assertThatThrownBy(() -> encryptor.update(new byte[1])).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> encryptor.doFinal(new byte[1])).isInstanceOf(IllegalStateException.class);
        Cipher decryptor = Ciphers.ours(TINK, Cipher.DECRYPT_MODE, handle, spec);
        assertThat(decryptor.doFinal(message)).hasSize(1);
        assertThat(decryptor.doFinal(message)).as("the next one").hasSize(1);
        decryptor.update(message, 0, 1);
        assertThatThrownBy(() -> decryptor.updateAAD(AAD)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    @DisplayName("RULES 6: where nothing may leave before the end, nothing does, up to decrypt.hold")
    void releaseAtTheEnd() throws Exception {
        TinkParameterSpec spec = spec(keyset(small(HashType.SHA256)));
        KmsSecretKey holding = Ciphers.handle(service, AeadKeyService.KEY, "decrypt.hold", "500");
        EnvelopeParameterSpec none = EnvelopeParameterSpec.builder().build();
        for (int size : new int[] {480, 2000}) {
            byte[] plaintext = Ciphers.random(size);
            byte[] message = ours(spec, plaintext);
            try (MessageReader reader =
                    TinkCodec.of(spec).read(holding, none, EncryptionContext.empty(), Release.AT_THE_END)) {
                reader.updateAad(AAD, 0, AAD.length);
                byte[] out = new byte[(int) reader.availableAfter(message, 0, message.length, message.length)];
                assertThat(out.length == 0).isEqualTo(size < 500);
                int written = reader.feed(message, 0, message.length, out, 0);
                assertThat(Arrays.copyOf(out, written)).isEqualTo(Arrays.copyOf(plaintext, written));
                assertThat(written == 0).isEqualTo(size < 500);
                assertThat(reader.verifiedContext()).isNull();
                reader.finish();
                assertThat(reader.drain()).isEqualTo(Arrays.copyOfRange(plaintext, written, size));
                assertThat(reader.verifiedContext()).isEqualTo(EncryptionContext.empty());
            }
        }
    }

    @Test
    void keysAreWrapped() throws Exception {
        SecretKeySpec secret = new SecretKeySpec(Ciphers.random(32), "AES");
        for (TinkParameterSpec parameters :
                new TinkParameterSpec[] {null, TinkParameterSpec.ofKeyId(5), spec(keyset(small(HashType.SHA1)))}) {
            byte[] wrapped =
                    Ciphers.ours(TINK, Cipher.WRAP_MODE, handle, parameters).wrap(secret);
            Cipher cipher = Ciphers.ours(TINK, Cipher.UNWRAP_MODE, handle, parameters);
            assertThat(cipher.unwrap(wrapped, "AES", Cipher.SECRET_KEY)).isEqualTo(secret);
            assertThatThrownBy(
                            () -> cipher.unwrap(Ciphers.flipped(wrapped, wrapped.length - 1), "AES", Cipher.SECRET_KEY))
                    .isInstanceOf(InvalidKeyException.class);
        }
    }
}
