package dev.kmsenvelope.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmsenvelope.crypto.GcmEncryption;
import dev.kmsenvelope.kms.SecretBytes;
import dev.kmsenvelope.testing.Allocation;
import dev.kmsenvelope.testing.Ciphers;
import dev.kmsenvelope.testing.InMemoryKeyService;
import dev.kmsenvelope.testing.TestEngine;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What messages of Tink take in memory, and which keys they leave there. */
class TinkMemoryTest {

    private static final int PIECE = 1 << 20;

    private final InMemoryKeyService service = new InMemoryKeyService().withKey("one");
    private final KmsSecretKey handle = Ciphers.uncachedHandle(service, "one");

    @ParameterizedTest
    @EnumSource
    @DisplayName("64 MiB of a stream go through both in the memory of a few segments")
    void streams(TinkStreamingTemplate template) throws Exception {
        TinkParameterSpec spec = TinkParameterSpec.ofKeyset(template.newKeyset(handle, new byte[0]));
        Cipher encryptor = Ciphers.ours(TinkEnvelopeTest.TINK, Cipher.ENCRYPT_MODE, handle, spec);
        Cipher decryptor = Ciphers.ours(TinkEnvelopeTest.TINK, Cipher.DECRYPT_MODE, handle, spec);
        byte[] plaintext = Ciphers.random(PIECE);
        byte[] message = new byte[3 * PIECE];
        byte[] back = new byte[4 * PIECE];
        long[] read = {0};
        Allocation.Action pump = () -> {
            int written = encryptor.update(plaintext, 0, PIECE, message, 0);
            read[0] += decryptor.update(message, 0, written, back, 0);
        };
        for (int i = 0; i < 4; i++) {
            pump.run();
        }
        long allocated = Allocation.of(() -> {
            for (int i = 0; i < 60; i++) {
                pump.run();
            }
        });
        int rest = encryptor.doFinal(message, 0);
        read[0] += decryptor.doFinal(message, 0, rest, back, 0);
        assertThat(read[0]).isEqualTo(64L * PIECE);
        assertThat(allocated)
                .as("what each segment leaves for the collector, and not the data")
                .isLessThan(40L * PIECE);
    }

    @Test
    @DisplayName("What is written leaves at once, in constant memory")
    void envelopes() throws Exception {
        Cipher encryptor = Ciphers.ours(TinkEnvelopeTest.TINK, Cipher.ENCRYPT_MODE, handle);
        byte[] plaintext = Ciphers.random(PIECE);
        byte[] message = new byte[2 * PIECE];
        int head = encryptor.update(plaintext, 0, PIECE, message, 0) - PIECE;
        assertThat(head).isBetween(16, 4096);
        long allocated = Allocation.of(() -> {
            for (int i = 0; i < 63; i++) {
                assertThat(encryptor.update(plaintext, 0, PIECE, message, 0)).isEqualTo(PIECE);
            }
        });
        assertThat(encryptor.doFinal(message, 0)).isEqualTo(16);
        assertThat(allocated).isLessThan(8L * PIECE);
    }

    @Test
    @DisplayName("RULES 16: what the service gave is wiped when it was used, also when the message is bad")
    void keysAreWiped() throws Exception {
        TinkParameterSpec spec = TinkParameterSpec.ofKeyset(
                TinkStreamingTemplate.AES128_GCM_HKDF_4KB.newKeyset(handle, new byte[] {1}), new byte[] {1});
        for (TinkParameterSpec parameters : new TinkParameterSpec[] {null, spec}) {
            byte[] message = TinkEnvelopeTest.encrypt(handle, parameters, new byte[100], new byte[0]);
            assertThat(TinkEnvelopeTest.decrypt(handle, parameters, message, new byte[0]))
                    .hasSize(100);
            assertThatThrownBy(() -> TinkEnvelopeTest.decrypt(
                            handle, parameters, Ciphers.flipped(message, message.length - 1), new byte[0]))
                    .isInstanceOf(AEADBadTagException.class);
        }
        assertThat(service.handedOut).hasSize(5).allMatch(SecretBytes::isDestroyed);
    }

    @Test
    @DisplayName("RULES 7: an encryption in pieces ends with its tag, with a failure, and when it is closed")
    void encryptionEnds() {
        byte[] text = new byte[100];
        GcmEncryption done = new GcmEncryption(TestEngine.GCM, new byte[16], new byte[12]);
        done.finish(text, 0, 10, text, 20);
        GcmEncryption failed = new GcmEncryption(TestEngine.GCM, new byte[16], new byte[12]);
        assertThatThrownBy(() -> failed.update(text, 0, 50, text, 60)).isInstanceOf(IllegalArgumentException.class);
        GcmEncryption closed = new GcmEncryption(TestEngine.GCM, new byte[16], new byte[12]);
        closed.close();
        for (GcmEncryption encryption : new GcmEncryption[] {done, failed, closed}) {
            assertThatThrownBy(() -> encryption.update(text, 0, 1, text, 50)).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> encryption.updateAad(text, 0, 1)).isInstanceOf(IllegalStateException.class);
        }
        assertThatThrownBy(() -> new GcmEncryption(TestEngine.GCM, new byte[16], new byte[16]))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
