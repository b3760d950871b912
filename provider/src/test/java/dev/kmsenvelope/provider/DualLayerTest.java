package dev.kmsenvelope.provider;

import static dev.kmsenvelope.testing.DualMessages.DUAL;
import static dev.kmsenvelope.testing.DualMessages.INNER;
import static dev.kmsenvelope.testing.DualMessages.OUTER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.format.AlgorithmSuite;
import dev.kmsenvelope.format.MessageHeader;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KmsConfigurationException;
import dev.kmsenvelope.kms.SecretBytes;
import dev.kmsenvelope.spi.KeyReference;
import dev.kmsenvelope.testing.Ciphers;
import dev.kmsenvelope.testing.Crowd;
import dev.kmsenvelope.testing.DualMessages;
import dev.kmsenvelope.testing.Headers;
import dev.kmsenvelope.testing.InMemoryKeyService;
import dev.kmsenvelope.testing.Messages;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.security.GeneralSecurityException;
import java.security.InvalidAlgorithmParameterException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Messages of two layers: what they are made of, and that they open, however they are cut. */
class DualLayerTest {

    private final InMemoryKeyService service = DualMessages.service();
    private final KmsSecretKey handle = DualMessages.handle(service);

    private static byte[] orEmpty(byte[] bytes) {
        return bytes == null ? new byte[0] : bytes;
    }

    private static byte[] inPieces(Cipher cipher, byte[] in, int most, Random random) throws GeneralSecurityException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int at = 0;
        while (at < in.length) {
            int piece = Math.min(in.length - at, 1 + random.nextInt(most));
            if (random.nextBoolean()) {
                out.writeBytes(orEmpty(cipher.update(in, at, piece)));
            } else {
                byte[] room = new byte[cipher.getOutputSize(piece)];
                out.write(room, 0, cipher.update(in, at, piece, room));
            }
            at += piece;
        }
        out.writeBytes(cipher.doFinal());
        return out.toByteArray();
    }

    @ParameterizedTest
    @DisplayName("RULES 21: two messages, one in the other, as the format says")
    @ValueSource(ints = {0, 1, 1000, 70_000})
    void layers(int size) throws Exception {
        byte[] plaintext = Ciphers.random(size);
        byte[] message = DualMessages.encrypt(handle, plaintext);
        byte[] inner = DualMessages.inner(service, message);
        MessageHeader outside = Messages.header(message);
        MessageHeader inside = Messages.header(inner);

        assertThat(DualMessages.open(service, INNER, "inner", inner)).isEqualTo(plaintext);
        assertThat(outside.suite())
                .isEqualTo(inside.suite())
                .isEqualTo(AlgorithmSuite.AES_256_GCM_HKDF_SHA512_COMMIT_KEY);
        assertThat(outside.context().asMap()).containsExactly(Map.entry(EncryptionContext.LAYER_NAME, "outer"));
        assertThat(inside.context().asMap()).containsExactly(Map.entry(EncryptionContext.LAYER_NAME, "inner"));
        assertThat(service.keyOf(outside.encryptedDataKeys().get(0))).hasValue(KeyId.of(OUTER));
        assertThat(service.keyOf(inside.encryptedDataKeys().get(0))).hasValue(KeyId.of(INNER));
        assertThat(Arrays.copyOfRange(outside.messageId(), 16, 32))
                .isEqualTo(Arrays.copyOfRange(inside.messageId(), 16, 32));
        assertThat(Arrays.copyOf(outside.messageId(), 16)).isNotEqualTo(Arrays.copyOf(inside.messageId(), 16));
        assertThat(Headers.commitment(outside)).isNotEqualTo(Headers.commitment(inside));

        assertThat(service.generated).hasValue(2);
        assertThat(DualMessages.decrypt(handle, message)).isEqualTo(plaintext);
        assertThat(service.handedOut).allMatch(SecretBytes::isDestroyed);
    }

    @ParameterizedTest
    @DisplayName("Random pieces give and open the same as one call")
    @CsvSource({"0,1", "1,1", "40,7", "200,64", "5000,64", "5000,1000", "300000,65536", "1200000,65536"})
    void pieces(int size, int frameLength) throws Exception {
        byte[] plaintext = Ciphers.random(size);
        KmsSecretKey framed = DualMessages.handle(service, "frame-length", "" + frameLength, "parallelism", "3");
        Random random = new Random(size);
        for (int most : new int[] {10 + size / 50, 1 + size, 1 + 3 * size}) {
            byte[] message = inPieces(Ciphers.ours(DUAL, Cipher.ENCRYPT_MODE, framed), plaintext, most, random);
            byte[] whole = Ciphers.ours(DUAL, Cipher.ENCRYPT_MODE, framed).doFinal(plaintext);
            assertThat(message).hasSameSizeAs(whole);
            assertThat(DualMessages.decrypt(framed, message)).isEqualTo(plaintext);
            assertThat(inPieces(Ciphers.ours(DUAL, Cipher.DECRYPT_MODE, framed), whole, most, random))
                    .isEqualTo(plaintext);
        }
    }

    @Test
    @DisplayName("RULES 1, 21: the caller's IV ends both ids, is told by getIV, and is required when it is given again")
    void iv() throws Exception {
        byte[] iv = Ciphers.random(12);
        GCMParameterSpec parameters = new GCMParameterSpec(128, iv);
        Cipher encrypting = Ciphers.ours(DUAL, Cipher.ENCRYPT_MODE, handle, parameters);
        assertThat(encrypting.getIV()).isEqualTo(iv);
        byte[] message = encrypting.doFinal(new byte[10]);
        byte[] again =
                Ciphers.ours(DUAL, Cipher.ENCRYPT_MODE, handle, parameters).doFinal(new byte[10]);
        for (byte[] each : new byte[][] {message, DualMessages.inner(service, message)}) {
            assertThat(Messages.header(each).messageId()).endsWith(iv);
        }
        assertThat(Arrays.copyOfRange(Messages.header(message).messageId(), 16, 20))
                .as("4 random bytes precede it")
                .isNotEqualTo(Arrays.copyOfRange(Messages.header(again).messageId(), 16, 20));

        Cipher decrypting = Ciphers.ours(DUAL, Cipher.DECRYPT_MODE, handle);
        decrypting.doFinal(message);
        assertThat(decrypting.getIV()).isEqualTo(iv);
        assertThat(Ciphers.ours(DUAL, Cipher.DECRYPT_MODE, handle, parameters).doFinal(message))
                .hasSize(10);
        GCMParameterSpec other = new GCMParameterSpec(128, Ciphers.flipped(iv, 11));
        Cipher refusing = Ciphers.ours(DUAL, Cipher.DECRYPT_MODE, handle, other);
        assertThatExceptionOfType(AEADBadTagException.class).isThrownBy(() -> refusing.doFinal(message));
    }

    @Test
    @DisplayName("Context and associated data are bound to both layers; those of both keys' settings too")
    void contextAndAad() throws Exception {
        KmsSecretKey bound = DualMessages.handle(
                service, "key." + INNER + ".context.purpose", "in", "key." + OUTER + ".context.site", "out");
        EnvelopeParameterSpec tenant = Ciphers.context("tenant", "a");
        Cipher encrypting = Ciphers.ours(DUAL, Cipher.ENCRYPT_MODE, bound, tenant);
        encrypting.updateAAD(new byte[] {1, 2});
        encrypting.updateAAD(new byte[] {3});
        byte[] message = encrypting.doFinal(new byte[100]);
        assertThat(Messages.header(message).context().asMap())
                .containsEntry("tenant", "a")
                .containsEntry("purpose", "in")
                .containsEntry("site", "out")
                .containsEntry(EncryptionContext.LAYER_NAME, "outer");

        int before = service.decrypted.get();
        for (KmsSecretKey wrong : new KmsSecretKey[] {
            DualMessages.handle(service, "key." + INNER + ".context.purpose", "x"),
            DualMessages.handle(service, "key." + OUTER + ".context.site", "x")
        }) {
            assertThatExceptionOfType(AEADBadTagException.class).isThrownBy(() -> DualMessages.decrypt(wrong, message));
        }
        assertThat(service.decrypted).as("refused before the service is asked").hasValue(before);
        Cipher decrypting = Ciphers.ours(DUAL, Cipher.DECRYPT_MODE, bound, tenant);
        assertThatExceptionOfType(AEADBadTagException.class).isThrownBy(() -> decrypting.doFinal(message));
        decrypting.updateAAD(new byte[] {1, 2, 4});
        assertThatExceptionOfType(AEADBadTagException.class).isThrownBy(() -> decrypting.doFinal(message));
        decrypting.updateAAD(new byte[] {1, 2, 3});
        assertThat(decrypting.doFinal(message)).hasSize(100);

        KmsSecretKey contradicting = DualMessages.handle(service, "key." + OUTER + ".context.tenant", "b");
        for (int mode : new int[] {Cipher.ENCRYPT_MODE, Cipher.DECRYPT_MODE}) {
            assertThatExceptionOfType(InvalidAlgorithmParameterException.class)
                    .isThrownBy(() -> Ciphers.ours(DUAL, mode, contradicting, tenant));
        }
        assertThatExceptionOfType(InvalidAlgorithmParameterException.class)
                .as("no room for the mark")
                .isThrownBy(() ->
                        Ciphers.ours(DUAL, Cipher.ENCRYPT_MODE, handle, Ciphers.context("a", "x".repeat(32_750))));
    }

    @Test
    @DisplayName("Without an outer key: an error that names the setting; one key for both only where it says so")
    void outerKey() throws Exception {
        KmsSecretKey none = Ciphers.handle(service, INNER);
        for (int mode : new int[] {Cipher.ENCRYPT_MODE, Cipher.DECRYPT_MODE, Cipher.WRAP_MODE, Cipher.UNWRAP_MODE}) {
            assertThatExceptionOfType(KmsConfigurationException.class)
                    .isThrownBy(() -> Ciphers.ours(DUAL, mode, none))
                    .withMessageContaining("key." + INNER + ".outer-key");
        }
        KmsSecretKey one = Ciphers.handle(service, INNER, "key." + INNER + ".outer-key", INNER);
        byte[] message = DualMessages.encrypt(one, new byte[5]);
        assertThat(DualMessages.decrypt(one, message)).hasSize(5);
        assertThat(service.generated).hasValue(2);
        assertThatExceptionOfType(AEADBadTagException.class).isThrownBy(() -> DualMessages.decrypt(handle, message));

        KmsSecretKey given = none.withOuterKey(Ciphers.handle(service, OUTER));
        assertThat(given).isNotEqualTo(none).isEqualTo(none.withOuterKey(Ciphers.handle(service, OUTER)));
        byte[] other = DualMessages.encrypt(given, new byte[6]);
        assertThat(DualMessages.decrypt(handle, other)).hasSize(6);
        assertThat(DualMessages.decrypt(one.withOuterKey(Ciphers.handle(service, OUTER)), other))
                .hasSize(6);
    }

    @ParameterizedTest
    @DisplayName("What the outer key's own settings forbid is not to be had by way of another key")
    @CsvSource({"encrypt,2", "decrypt,1"})
    void outerUsage(String usage, int mode) {
        KmsSecretKey limited = DualMessages.handle(service, "key." + OUTER + ".usage", usage);
        assertThatExceptionOfType(KmsConfigurationException.class)
                .isThrownBy(() -> Ciphers.ours(DUAL, mode, limited))
                .withMessageContaining("key." + OUTER + ".usage");
    }

    @Test
    @DisplayName("Settings of an outer key that cannot be")
    void settings() {
        for (String wrong : new String[] {"a,b", "nowhere:key", ","}) {
            assertThatExceptionOfType(KmsConfigurationException.class)
                    .isThrownBy(() -> Ciphers.handle(service, INNER, "key." + INNER + ".outer-key", wrong))
                    .withMessageContaining("key." + INNER + ".outer-key");
        }
        assertThat(KeyPolicy.configurationKeys()).contains("key.*.outer-key", "dual.inner-engine", "dual.outer-engine");
        KeyPolicy circle =
                KeyPolicy.of(Configuration.of(Map.of("key.a.outer-key", "b", "key.b.outer-key", "a")), KeyId.of("a"));
        assertThat(circle.outerKey()).map(OuterKey::key).hasValue(KeyReference.ofMain(KeyId.of("b")));
    }

    @Test
    @DisplayName("Recipients: the handle's for the inner layer, the outer key's own for the outer one")
    void recipients() throws Exception {
        service.withKey("a").withKey("b");
        KmsSecretKey both =
                DualMessages.handle(service, "key." + INNER + ".recipients", "a", "key." + OUTER + ".recipients", "b");
        byte[] message = DualMessages.encrypt(both, new byte[9]);
        assertThat(Messages.header(message).encryptedDataKeys()).hasSize(2);
        assertThat(DualMessages.decrypt(
                        Ciphers.handle(service, "a").withOuterKey(Ciphers.handle(service, "b")), message))
                .hasSize(9);
        assertThat(DualMessages.decrypt(
                        Ciphers.handle(service, INNER)
                                .withOuterKey(Ciphers.handle(service, "b"))
                                .withRecipients(List.of()),
                        message))
                .hasSize(9);
        for (String[] wrong : new String[][] {{"b", "a"}, {"a", "a"}, {"b", "b"}}) {
            KmsSecretKey handle = Ciphers.handle(service, wrong[0]).withOuterKey(Ciphers.handle(service, wrong[1]));
            assertThatExceptionOfType(AEADBadTagException.class)
                    .isThrownBy(() -> DualMessages.decrypt(handle, message));
        }
    }

    @Test
    @DisplayName("RULES 21: with a cache, each layer has a data key of its own in it, even under one key")
    void cached() throws Exception {
        KmsSecretKey one = Ciphers.handle(service, INNER, "key." + INNER + ".outer-key", INNER);
        byte[] first = DualMessages.encrypt(one, new byte[5]);
        byte[] second = DualMessages.encrypt(one, new byte[5]);
        assertThat(service.generated).hasValue(2);
        Ciphers.encrypt(one, new byte[5]);
        assertThat(service.generated)
                .as("a message of one layer has another one")
                .hasValue(3);
        for (byte[] message : new byte[][] {first, second, first}) {
            assertThat(DualMessages.decrypt(one, message)).hasSize(5);
        }
        assertThat(service.decrypted).hasValue(2);
    }

    @Test
    @DisplayName("Keys are wrapped and unwrapped")
    void wrapping() throws Exception {
        SecretKeySpec key = new SecretKeySpec(Ciphers.random(32), "AES");
        byte[] wrapped = Ciphers.ours(DUAL, Cipher.WRAP_MODE, handle).wrap(key);
        assertThat(Ciphers.ours(DUAL, Cipher.UNWRAP_MODE, handle).unwrap(wrapped, "AES", Cipher.SECRET_KEY))
                .isEqualTo(key);
    }

    @Test
    @DisplayName("One handle, several threads")
    void threads() throws Exception {
        KmsSecretKey shared = Ciphers.handle(
                service, INNER, "key." + INNER + ".outer-key", OUTER, "frame-length", "300", "parallelism", "2");
        Crowd.each(4, number -> () -> {
            Random random = new Random(number);
            for (int i = 0; i < 30; i++) {
                byte[] plaintext = Ciphers.random(random.nextInt(20_000));
                byte[] message = DualMessages.encrypt(shared, plaintext);
                assertThat(DualMessages.decrypt(shared, message)).isEqualTo(plaintext);
            }
            return number;
        });
    }

    @ParameterizedTest
    @DisplayName("Channels: what they write the cipher opens, and the reverse")
    @ValueSource(ints = {0, 1, 65_536, 1_048_576, 2_500_000})
    void channels(int size) throws Exception {
        byte[] plaintext = Ciphers.random(size);
        EnvelopeChannels channels = EnvelopeChannels.of(handle)
                .format(EnvelopeFormat.DUAL)
                .with(Ciphers.context("tenant", "a"))
                .withAad(new byte[] {7});
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        EnvelopeChannels.Result written = channels.encrypt(new ByteArrayInputStream(plaintext), message);
        ByteArrayOutputStream opened = new ByteArrayOutputStream();
        EnvelopeChannels.Result read = channels.decrypt(new ByteArrayInputStream(message.toByteArray()), opened);
        assertThat(opened.toByteArray()).isEqualTo(plaintext);
        assertThat(read).isEqualTo(written);
        assertThat(read.context().asMap()).containsExactly(Map.entry("tenant", "a"));

        Cipher decrypting = Ciphers.ours(DUAL, Cipher.DECRYPT_MODE, handle);
        decrypting.updateAAD(new byte[] {7});
        assertThat(decrypting.doFinal(message.toByteArray())).isEqualTo(plaintext);
    }
}
