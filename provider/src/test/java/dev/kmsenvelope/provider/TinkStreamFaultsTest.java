package dev.kmsenvelope.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.RegistryConfiguration;
import com.google.crypto.tink.TinkJsonProtoKeysetFormat;
import com.google.crypto.tink.TinkProtoKeysetFormat;
import com.google.crypto.tink.streamingaead.AesGcmHkdfStreamingParameters.HashType;
import com.google.crypto.tink.streamingaead.PredefinedStreamingAeadParameters;
import dev.kmsenvelope.kms.InvalidCiphertextException;
import dev.kmsenvelope.kms.KeyAccessDeniedException;
import dev.kmsenvelope.kms.KmsConfigurationException;
import dev.kmsenvelope.kms.KmsUnavailableException;
import dev.kmsenvelope.testing.AeadKeyService;
import dev.kmsenvelope.testing.Ciphers;
import dev.kmsenvelope.testing.InMemoryKeyService;
import dev.kmsenvelope.testing.KeyServices;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;
import java.util.Arrays;
import java.util.List;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Streams and keysets that are refused, and how. */
class TinkStreamFaultsTest extends TinkStreams {

    @Test
    @DisplayName("Every truncation and every bit flip is refused, and what had left before was verified")
    void tampering() throws Exception {
        for (TinkParameterSpec spec : List.of(
                spec(keyset(small(HashType.SHA256))), spec(keyset(small(HashType.SHA1), small(HashType.SHA1))))) {
            byte[] plaintext = Ciphers.random(3 * SEGMENT - 20);
            byte[] message = ours(spec, plaintext);
            for (int length = 0; length < message.length; length++) {
                assertBad(spec, Arrays.copyOf(message, length), plaintext);
            }
            for (int bit = 0; bit < 8 * message.length; bit++) {
                byte[] changed = message.clone();
                changed[bit / 8] ^= (byte) (1 << bit % 8);
                assertBad(spec, changed, plaintext);
            }
            for (int more = 1; more < SEGMENT; more++) {
                assertBad(spec, Arrays.copyOf(message, message.length + more), plaintext);
            }
        }
    }

    private void assertBad(TinkParameterSpec spec, byte[] message, byte[] plaintext) throws Exception {
        assertThatThrownBy(() -> opened(spec, message)).isInstanceOf(AEADBadTagException.class);
        byte[] out = new byte[message.length + 100];
        Cipher whole = Ciphers.ours(TINK, Cipher.DECRYPT_MODE, handle, spec);
        whole.updateAAD(AAD);
        assertThatThrownBy(() -> whole.doFinal(message, 0, message.length, out, 0))
                .isInstanceOf(AEADBadTagException.class);
        assertThat(out).containsOnly(0);

        Cipher cipher = Ciphers.ours(TINK, Cipher.DECRYPT_MODE, handle, spec);
        cipher.updateAAD(AAD);
        int written = cipher.update(message, 0, message.length, out, 0);
        assertThatThrownBy(() -> cipher.doFinal(out, out.length, 0)).isInstanceOf(AEADBadTagException.class);
        assertThat(Arrays.copyOf(out, written)).isEqualTo(Arrays.copyOf(plaintext, written));
        assertThat(Arrays.copyOfRange(out, written, out.length)).containsOnly(0);
        assertThat(written % (SEGMENT - TAG)).isIn(0, SEGMENT - TAG - HEADER);
    }

    @Test
    @DisplayName(
            "Segments that are swapped, dropped, doubled, or taken from another stream, and a last one that is not last")
    void segmentAttacks() throws Exception {
        KeysetHandle keyset = keyset(small(HashType.SHA256));
        TinkParameterSpec spec = spec(keyset);
        int full = SEGMENT - TAG;
        byte[] plaintext = Ciphers.random(5 * full - HEADER);
        byte[] message = ours(spec, plaintext);
        assertThat(message).hasSize(5 * SEGMENT);
        byte[] other = ours(spec, plaintext);
        assertBad(spec, assembled(message, 0, 2, 1, 3, 4), plaintext);
        assertBad(spec, assembled(message, 0, 1, 3, 4), plaintext);
        assertBad(spec, assembled(message, 1, 2, 3, 4), plaintext);
        assertBad(spec, assembled(message, 0, 1, 1, 2, 3, 4), plaintext);
        assertBad(spec, assembled(message, 0, 1, 2, 3), plaintext);
        assertBad(spec, assembled(message, 0, 4), plaintext);
        assertBad(spec, assembled(message, 0, 1, 2, 3, 4, 4), plaintext);
        assertBad(spec, assembled(message, 4, 1, 2, 3, 0), plaintext);
        for (int segment = 0; segment < 5; segment++) {
            byte[] mixed = message.clone();
            System.arraycopy(other, segment * SEGMENT, mixed, segment * SEGMENT, SEGMENT);
            assertBad(spec, mixed, plaintext);
        }
        byte[] header = message.clone();
        System.arraycopy(other, 0, header, 0, HEADER);
        assertBad(spec, header, plaintext);

        byte[] longer = ours(spec, Ciphers.random(6 * full - HEADER));
        assertBad(spec, Arrays.copyOf(longer, 5 * SEGMENT), Ciphers.random(6 * full - HEADER));
        byte[] goesOn = Arrays.copyOf(message, 6 * SEGMENT);
        System.arraycopy(longer, 5 * SEGMENT, goesOn, 5 * SEGMENT, SEGMENT);
        assertBad(spec, goesOn, plaintext);
    }

    private static byte[] assembled(byte[] message, int... segments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int segment : segments) {
            out.write(message, segment * SEGMENT, SEGMENT);
        }
        return out.toByteArray();
    }

    @Test
    void wrongKeysetAadAndFormat() throws Exception {
        KeysetHandle keyset = keyset(small(HashType.SHA256));
        TinkParameterSpec spec = spec(keyset);
        byte[] message = ours(spec, new byte[100]);
        assertThatThrownBy(() -> TinkEnvelopeTest.decrypt(handle, spec, message, NONE))
                .isInstanceOf(AEADBadTagException.class)
                .hasMessageContaining("associated data");
        assertThatThrownBy(() -> opened(spec(keyset(small(HashType.SHA256))), message))
                .isInstanceOf(AEADBadTagException.class);
        assertThatThrownBy(() -> opened(spec(keyset(PredefinedStreamingAeadParameters.AES256_GCM_HKDF_4KB)), message))
                .isInstanceOf(AEADBadTagException.class)
                .hasMessageContaining("24 bytes");
        byte[] envelope = TinkEnvelopeTest.encrypt(handle, null, new byte[100], AAD);
        assertThatThrownBy(() -> opened(spec, envelope)).isInstanceOf(AEADBadTagException.class);
        assertThatThrownBy(() -> opened(null, message)).isInstanceOf(AEADBadTagException.class);
    }

    @Test
    @DisplayName("A keyset for another key, with other associated data, or changed, is the service's refusal")
    void wrongKeysets() throws Exception {
        KeysetHandle keyset = keyset(small(HashType.SHA256));
        byte[] encrypted = TinkProtoKeysetFormat.serializeEncryptedKeyset(
                keyset, service.aead(), KEYSET_AAD, RegistryConfiguration.get());
        byte[] message = ours(TinkParameterSpec.ofKeyset(encrypted, KEYSET_AAD), AAD);
        KmsSecretKey other = Ciphers.handle(AeadKeyService.create(), AeadKeyService.KEY);
        TinkParameterSpec right = TinkParameterSpec.ofKeyset(encrypted, KEYSET_AAD);
        TinkParameterSpec without = TinkParameterSpec.ofKeyset(encrypted);
        assertNotForTheKey(other, right, message);
        assertNotForTheKey(handle, without, message);
        assertNotForTheKey(handle, TinkParameterSpec.ofKeyset(Ciphers.flipped(encrypted, 60), KEYSET_AAD), message);
        for (byte[] wrong : new byte[][] {NONE, {1, 2}, {0x12}, {0x12, 0}, Arrays.copyOf(encrypted, 50)}) {
            assertThatThrownBy(() -> TinkParameterSpec.ofKeyset(wrong)).isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> TinkParameterSpec.ofKeyset(new byte[128 * 1024 + 1]))
                .isInstanceOf(IllegalArgumentException.class);
        String json = TinkJsonProtoKeysetFormat.serializeEncryptedKeyset(
                keyset, service.aead(), KEYSET_AAD, RegistryConfiguration.get());
        assertThatThrownBy(() -> TinkParameterSpec.ofKeyset(json.getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("JSON");
    }

    private static void assertNotForTheKey(KmsSecretKey key, TinkParameterSpec spec, byte[] message) throws Exception {
        assertThatExceptionOfType(InvalidCiphertextException.class)
                .isThrownBy(() -> Ciphers.ours(TINK, Cipher.ENCRYPT_MODE, key, spec));
        Cipher cipher = Ciphers.ours(TINK, Cipher.DECRYPT_MODE, key, spec);
        assertThatExceptionOfType(InvalidCiphertextException.class)
                .isThrownBy(() -> cipher.doFinal(message))
                .withMessageContaining("the keyset of Tink is not encrypted under the key");
    }

    @Test
    @DisplayName("Other types of key are refused by their name, and segments beyond decrypt.max-frame-length")
    void otherKeysets() throws Exception {
        TinkParameterSpec other = spec(keyset(PredefinedStreamingAeadParameters.AES128_CTR_HMAC_SHA256_4KB));
        assertThatExceptionOfType(KmsConfigurationException.class)
                .isThrownBy(() -> ours(other, AAD))
                .withMessageContaining("type.googleapis.com/google.crypto.tink.AesCtrHmacStreamingKey");
        assertThatExceptionOfType(KmsConfigurationException.class)
                .isThrownBy(() -> opened(other, new byte[100]))
                .withMessageContaining("type.googleapis.com/google.crypto.tink.AesCtrHmacStreamingKey");
        TinkParameterSpec large = spec(keyset(PredefinedStreamingAeadParameters.AES128_GCM_HKDF_1MB));
        KmsSecretKey limited = Ciphers.handle(service, AeadKeyService.KEY, "decrypt.max-frame-length", "1048575");
        assertThatExceptionOfType(KmsConfigurationException.class)
                .isThrownBy(() -> TinkEnvelopeTest.encrypt(limited, large, AAD, AAD))
                .withMessageContaining("decrypt.max-frame-length");
    }

    @Test
    @DisplayName("A failing service is asked once for a stream, and its failure thrown as it is")
    void serviceFails() throws Exception {
        TinkParameterSpec spec = spec(keyset(small(HashType.SHA256)));
        byte[] message = ours(spec, new byte[200]);
        for (RuntimeException failure :
                List.of(new KmsUnavailableException("away"), new KeyAccessDeniedException("denied"))) {
            KmsSecretKey key = Ciphers.uncachedHandle(
                    KeyServices.failingAt("decrypt", service, () -> failure), AeadKeyService.KEY);
            assertThatThrownBy(() -> Ciphers.ours(TINK, Cipher.ENCRYPT_MODE, key, spec))
                    .isSameAs(failure);
            Cipher cipher = Ciphers.ours(TINK, Cipher.DECRYPT_MODE, key, spec);
            assertThatThrownBy(() -> cipher.update(message, 0, 10, new byte[300], 0))
                    .isSameAs(failure);
            assertThatThrownBy(() -> cipher.doFinal(message)).isSameAs(failure);
            assertThatThrownBy(() -> TinkStreamingTemplate.AES128_GCM_HKDF_4KB.newKeyset(
                            Ciphers.handle(
                                    KeyServices.failingAt("encrypt", service, () -> failure), AeadKeyService.KEY),
                            NONE))
                    .isSameAs(failure);
        }
        KmsSecretKey uncached = Ciphers.uncachedHandle(service, AeadKeyService.KEY);
        int before = service.decrypted.get();
        byte[] out = new byte[300];
        Cipher cipher = Ciphers.ours(TINK, Cipher.DECRYPT_MODE, uncached, spec);
        assertThat(service.decrypted).hasValue(before);
        cipher.updateAAD(AAD);
        assertThat(cipher.doFinal(message, 0, message.length, out, 0)).isEqualTo(200);
        assertThat(service.decrypted).hasValue(before + 1);
        assertThatThrownBy(() ->
                        Ciphers.ours(TINK, Cipher.DECRYPT_MODE, uncached, spec).doFinal())
                .isInstanceOf(AEADBadTagException.class)
                .hasMessageContaining("0 bytes");
        assertThat(service.decrypted).as("for nothing").hasValue(before + 1);
        opened(spec, message);
        int cached = service.decrypted.get();
        opened(spec, message);
        assertThat(service.decrypted).as("the keyset is cached").hasValue(cached);
    }

    @Test
    @DisplayName("RULES 1: an IV is refused to encrypt, and to decrypt it is that which getIV told")
    void iv() throws Exception {
        TinkParameterSpec spec = spec(keyset(small(HashType.SHA256)));
        Cipher encryptor = Ciphers.ours(TINK, Cipher.ENCRYPT_MODE, handle, spec);
        byte[] message = encryptor.doFinal(AAD);
        assertThat(encryptor.getIV()).isEqualTo(Arrays.copyOfRange(message, HEADER - 12, HEADER));
        byte[] another = Ciphers.ours(TINK, Cipher.ENCRYPT_MODE, handle, spec).getIV();
        assertThat(another).isNotEqualTo(encryptor.getIV());
        EnvelopeChannels channels = EnvelopeChannels.of(handle)
                .with(EnvelopeParameterSpec.builder().iv(another).build())
                .with(spec);
        assertThatThrownBy(() -> channels.decrypt(new ByteArrayInputStream(message), new ByteArrayOutputStream()))
                .isInstanceOf(AEADBadTagException.class)
                .hasMessageContaining("IV");
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        EnvelopeChannels.of(handle)
                .with(spec)
                .with(EnvelopeParameterSpec.builder().iv(encryptor.getIV()).build())
                .decrypt(new ByteArrayInputStream(message), out);
        assertThat(out.toByteArray()).isEqualTo(AAD);
        assertThatThrownBy(() -> channels.encrypt(new ByteArrayInputStream(message), new ByteArrayOutputStream()))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(
                        () -> Ciphers.ours(TINK, Cipher.ENCRYPT_MODE, handle, new GCMParameterSpec(128, new byte[12])))
                .isInstanceOf(InvalidAlgorithmParameterException.class);
    }

    @Test
    @DisplayName("Under an RSA key anyone with its certificate could make keysets: none is made or opened")
    void keysThatBindNothing() throws Exception {
        TinkParameterSpec spec =
                TinkParameterSpec.ofKeyset(TinkStreamingTemplate.AES256_GCM_HKDF_4KB.newKeyset(handle, NONE));
        byte[] message = ours(spec, AAD);
        KmsSecretKey unbound = Ciphers.handle(KeyServices.withoutBinding(service), AeadKeyService.KEY);
        for (ThrowingCallable use : List.<ThrowingCallable>of(
                () -> TinkStreamingTemplate.AES256_GCM_HKDF_4KB.newKeyset(unbound, NONE),
                () -> Ciphers.ours(TINK, Cipher.ENCRYPT_MODE, unbound, spec).doFinal(AAD),
                () -> TinkEnvelopeTest.decrypt(unbound, spec, message, AAD))) {
            assertThatThrownBy(use)
                    .isInstanceOf(KmsConfigurationException.class)
                    .hasMessageContaining("cannot be used for keysets of Tink: it is an RSA key");
        }
    }

    @Test
    void handlesThatCannot() throws Exception {
        TinkParameterSpec spec = spec(keyset(small(HashType.SHA256)));
        KmsSecretKey writer = Ciphers.handle(service, "key", "key.key.usage", "encrypt");
        KmsSecretKey reader = Ciphers.handle(service, "key", "key.key.usage", "decrypt");
        KmsSecretKey withContext = Ciphers.handle(service, "key", "key.key.context.a", "b");
        assertThatThrownBy(() -> Ciphers.ours(TINK, Cipher.ENCRYPT_MODE, writer, spec))
                .isInstanceOf(InvalidAlgorithmParameterException.class)
                .hasMessageContaining("may only encrypt");
        for (KmsSecretKey key : List.of(reader, withContext)) {
            assertThatThrownBy(() -> TinkStreamingTemplate.AES256_GCM_HKDF_1MB.newKeyset(key, NONE))
                    .isInstanceOf(InvalidKeyException.class);
            assertThatThrownBy(() -> Ciphers.ours(TINK, Cipher.ENCRYPT_MODE, key, spec))
                    .isInstanceOf(GeneralSecurityException.class);
        }
        byte[] own = TinkStreamingTemplate.AES256_GCM_HKDF_4KB.newKeyset(writer, NONE);
        byte[] message = ours(TinkParameterSpec.ofKeyset(own), AAD);
        assertThat(TinkEnvelopeTest.decrypt(reader, TinkParameterSpec.ofKeyset(own), message, AAD))
                .isEqualTo(AAD);
        InMemoryKeyService memory = new InMemoryKeyService().withKey("one").withKey("other");
        KmsSecretKey two = Ciphers.handle(memory, "one", "key.one.recipients", "other");
        assertThatThrownBy(() -> TinkStreamingTemplate.AES256_GCM_HKDF_1MB.newKeyset(two, NONE))
                .isInstanceOf(InvalidKeyException.class)
                .hasMessageContaining("has recipients");
    }
}
