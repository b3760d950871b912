package dev.kmsenvelope.provider;

import static dev.kmsenvelope.testing.DualMessages.DUAL;
import static dev.kmsenvelope.testing.DualMessages.INNER;
import static dev.kmsenvelope.testing.DualMessages.OUTER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.amazonaws.encryptionsdk.AwsCrypto;
import com.amazonaws.encryptionsdk.jce.JceMasterKey;
import dev.kmsenvelope.dek.DataKeyLease;
import dev.kmsenvelope.dek.DataKeySource;
import dev.kmsenvelope.dek.DataKeyUse;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KmsConfigurationException;
import dev.kmsenvelope.kms.SecretBytes;
import dev.kmsenvelope.testing.Ciphers;
import dev.kmsenvelope.testing.DualMessages;
import dev.kmsenvelope.testing.FixedDataKeys;
import dev.kmsenvelope.testing.FixedLease;
import dev.kmsenvelope.testing.Grammar;
import dev.kmsenvelope.testing.InMemoryKeyService;
import dev.kmsenvelope.testing.Messages;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever is done to a dual-layer message or one of its layers, it is refused, and nothing unverified is released. */
class DualTamperingTest {

    private static final int SIZE = 150;

    private final InMemoryKeyService service = DualMessages.service();
    private final KmsSecretKey handle = DualMessages.handle(service, "frame-length", "64");
    private final byte[] plaintext = Ciphers.random(SIZE);
    private final byte[] message = encrypted(plaintext);

    private byte[] encrypted(byte[] text) {
        try {
            return DualMessages.encrypt(handle, text);
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private void assertRefused(byte[] changed, String... words) throws Exception {
        Cipher cipher = Ciphers.ours(DUAL, Cipher.DECRYPT_MODE, handle);
        byte[] out = new byte[4000];
        Throwable bad = catchThrowable(() -> cipher.doFinal(changed, 0, changed.length, out, 0));
        assertThat(bad).isExactlyInstanceOf(AEADBadTagException.class);
        for (String word : words) {
            assertThat(bad).hasMessageContaining(word);
        }
        assertThat(out).isEqualTo(new byte[out.length]);
        assertThatExceptionOfType(AEADBadTagException.class).isThrownBy(() -> cipher.doFinal(changed));
        assertRefusedInPieces(cipher, changed, words);
    }

    private void assertRefusedInPieces(Cipher cipher, byte[] changed, String... words) throws Exception {
        ByteArrayOutputStream released = new ByteArrayOutputStream();
        Random random = new Random(changed.length);
        for (int at = 0; at < changed.length; ) {
            int piece = Math.min(changed.length - at, 1 + random.nextInt(200));
            byte[] given = cipher.update(changed, at, piece);
            released.writeBytes(given == null ? new byte[0] : given);
            at += piece;
        }
        assertThatExceptionOfType(AEADBadTagException.class).isThrownBy(cipher::doFinal);
        assertThat(released.toByteArray()).isEqualTo(Arrays.copyOf(plaintext, released.size()));
        boolean isWhole = released.size() == SIZE && Arrays.asList(words).contains("follows");
        assertThat(isWhole || released.size() % 64 == 0)
                .as("verified frames only")
                .isTrue();
    }

    @Test
    @DisplayName("RULES 6: every truncation is refused, and said to be in the outer layer")
    void truncations() throws Exception {
        for (int length = 0; length < message.length; length++) {
            assertRefused(Arrays.copyOf(message, length), "outer layer");
        }
        assertThat(DualMessages.decrypt(handle, message)).isEqualTo(plaintext);
        assertThat(service.handedOut).allMatch(SecretBytes::isDestroyed);
    }

    @ParameterizedTest
    @DisplayName("Every flipped bit is refused, in pieces, and one of each byte in one call too")
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7})
    void bits(int bit) throws Exception {
        for (int at = 0; at < message.length; at++) {
            byte[] changed = message.clone();
            changed[at] ^= (byte) (1 << bit);
            if (at % 8 == bit) {
                assertRefused(changed);
            } else {
                assertRefusedInPieces(Ciphers.ours(DUAL, Cipher.DECRYPT_MODE, handle), changed);
            }
        }
        assertThat(service.handedOut).allMatch(SecretBytes::isDestroyed);
    }

    @Test
    @DisplayName("What follows the end of either layer is refused")
    void trailing() throws Exception {
        for (int more : new int[] {1, 16, 70}) {
            assertRefused(Arrays.copyOf(message, message.length + more), "follows", "outer layer");
        }
        assertRefused(Grammar.join(message, message), "follows");
        assertRefused(outer(Grammar.join(inner(), new byte[1])), "follows", "inner layer");
        assertRefused(outer(Grammar.join(inner(), inner())), "follows", "inner layer");
    }

    private byte[] inner() throws Exception {
        return DualMessages.inner(service, message);
    }

    private static EncryptionContext mark(String layer) {
        return DualMessages.marked(layer, Map.of());
    }

    /** What somebody with the outer key can make: an outer layer around anything, with the message's shared id. */
    private byte[] outer(byte[] content) {
        return DualMessages.layer(
                service,
                OUTER,
                mark("outer"),
                DualMessages.idLike(Messages.header(message).messageId()),
                content);
    }

    @Test
    @DisplayName(
            "Whoever has the outer key can exchange the outer layer: that is what the inner one is for, and is said")
    void anotherOuterLayer() throws Exception {
        assertThat(DualMessages.decrypt(handle, outer(inner()))).isEqualTo(plaintext);
    }

    @Test
    @DisplayName("RULES 21: a whole outer layer around a truncated or changed inner one is refused")
    void changedInside() throws Exception {
        byte[] inner = inner();
        for (int length = 0; length < inner.length; length++) {
            assertRefused(outer(Arrays.copyOf(inner, length)), "inner layer");
            assertRefused(outer(Ciphers.flipped(inner, length)), "inner layer");
        }
    }

    @Test
    @DisplayName("RULES 21: one layer alone is refused by DUAL, and by every other name, before the service is asked")
    void layerAlone() throws Exception {
        byte[] inner = inner();
        int before = service.decrypted.get();
        assertRefused(inner, "other layer");
        for (String key : new String[] {INNER, OUTER}) {
            KmsSecretKey single = Ciphers.uncachedHandle(service, key);
            for (String name :
                    new String[] {Ciphers.GCM, "AES_256/GCM/NoPadding", "Envelope", "Envelope/ESDK/NoPadding"}) {
                for (byte[] marked : new byte[][] {message, inner}) {
                    assertThatExceptionOfType(AEADBadTagException.class)
                            .isThrownBy(() -> Ciphers.ours(name, Cipher.DECRYPT_MODE, single)
                                    .doFinal(marked))
                            .withMessageContaining("decrypt --dual");
                }
            }
            assertThatExceptionOfType(AEADBadTagException.class)
                    .isThrownBy(() -> EnvelopeChannels.of(single)
                            .decrypt(new ByteArrayInputStream(message), new ByteArrayOutputStream()));
        }
        byte[] plain = Ciphers.encrypt(Ciphers.handle(service, OUTER), plaintext);
        assertRefused(plain, "not a layer", "outer layer");
        assertThat(service.decrypted).hasValue(before);
    }

    @Test
    @DisplayName("RULES 21: layers that are missing, unmarked, swapped or twice the same are refused")
    void wrongLayers() throws Exception {
        byte[] id = Messages.header(message).messageId();
        byte[] unmarked =
                DualMessages.layer(service, INNER, EncryptionContext.empty(), DualMessages.idLike(id), plaintext);
        assertRefused(outer(unmarked), "not a layer", "inner layer");
        assertRefused(outer(plaintext), "inner layer");
        assertRefused(outer(new byte[0]), "0 bytes", "inner layer");
        assertRefused(outer(message), "other layer", "inner layer");
        byte[] inside = DualMessages.layer(service, INNER, mark("inner"), DualMessages.idLike(id), inner());
        assertRefused(inside, "other layer", "outer layer");
        for (String strange : new String[] {"Outer", "outer ", "middle"}) {
            assertRefused(DualMessages.layer(service, OUTER, mark(strange), DualMessages.idLike(id), inner()), "other");
        }
    }

    @Test
    @DisplayName("RULES 21: the inner layer of one message in the outer layer of another is told by the ids")
    void mixed() throws Exception {
        byte[] other = DualMessages.inner(service, encrypted(plaintext));
        assertRefused(outer(other), "IV", "inner layer");
    }

    @Test
    @DisplayName(
            "RULES 3, 21: an inner layer without a pair of the outer one's context is refused before the service is asked")
    void contexts() throws Exception {
        byte[] id = Messages.header(message).messageId();
        byte[] inside = DualMessages.layer(
                service,
                INNER,
                DualMessages.marked("inner", Map.of("tenant", "b")),
                DualMessages.idLike(id),
                plaintext);
        byte[] outside = DualMessages.layer(
                service, OUTER, DualMessages.marked("outer", Map.of("tenant", "a")), DualMessages.idLike(id), inside);
        int before = service.decrypted.get();
        assertThatExceptionOfType(AEADBadTagException.class)
                .isThrownBy(() -> DualMessages.decrypt(handle, outside))
                .withMessageContaining("context");
        assertThat(service.decrypted).as("for the outer layer only").hasValue(before + 1);
    }

    @Test
    @DisplayName("RULES 21: one data key for both layers is refused, whoever says it is two")
    void sameDataKey() throws Exception {
        byte[] id = Messages.header(message).messageId();
        KmsSecretKey one = Ciphers.uncachedHandle(service, INNER, "key." + INNER + ".outer-key", INNER);
        DataKeySource twice = new FixedDataKeys(service);
        // the in-memory key binds the context, so that the same data key is encrypted anew for the outer one
        byte[] inside = DualMessages.layer(twice, INNER, mark("inner"), DualMessages.idLike(id), plaintext);
        byte[] outside = DualMessages.layer(
                new Rewrapping(twice, service), INNER, mark("outer"), DualMessages.idLike(id), inside);
        assertThat(DualMessages.open(service, INNER, "outer", outside))
                .as("it is well made")
                .isEqualTo(inside);
        assertThat(DualMessages.open(service, INNER, "inner", inside)).isEqualTo(plaintext);
        assertThatExceptionOfType(AEADBadTagException.class)
                .isThrownBy(() -> DualMessages.decrypt(one, outside))
                .withMessageContaining("inner layer");
        KmsSecretKey cached = Ciphers.handle(service, INNER, "key." + INNER + ".outer-key", INNER);
        for (int i = 0; i < 3; i++) {
            assertThatExceptionOfType(AEADBadTagException.class)
                    .isThrownBy(() -> DualMessages.decrypt(cached, outside));
        }
        assertThat(service.handedOut.stream().filter(secret -> !secret.isDestroyed()))
                .as("what the cache keeps")
                .hasSizeLessThanOrEqualTo(2);
    }

    /** The same data key, encrypted under another context. */
    private record Rewrapping(DataKeySource origin, InMemoryKeyService service) implements DataKeySource {

        @Override
        public DataKeyLease forEncryption(KeyId key, DataKeyUse use, EncryptionContext context) {
            byte[] bytes = origin.forEncryption(key, use, context).copyKey();
            return new FixedLease(bytes, List.of(service.encrypt(key, bytes, context)));
        }

        @Override
        public DataKeyLease forDecryption(
                KeyId key, DataKeyUse use, EncryptedDataKey encrypted, EncryptionContext context) {
            throw new AssertionError("only writes");
        }
    }

    @Test
    @DisplayName("The name of the mark is refused in callers' and configured contexts, for every cipher")
    void reservedName() {
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> Ciphers.context(EncryptionContext.LAYER_NAME, "inner"))
                .withMessageContaining("reserved");
        assertThatExceptionOfType(KmsConfigurationException.class)
                .isThrownBy(() -> Ciphers.handle(
                        service, INNER, "key." + INNER + ".context." + EncryptionContext.LAYER_NAME, "x"))
                .withMessageContaining("reserved");
    }

    @Test
    @DisplayName("Keys exchanged, or one of them another one: refused, and the wrong one is never asked")
    void wrongKeys() throws Exception {
        service.withKey("third");
        for (String[] keys : new String[][] {{OUTER, INNER}, {"third", OUTER}, {INNER, "third"}, {INNER, INNER}}) {
            KmsSecretKey wrong = Ciphers.uncachedHandle(service, keys[0], "key." + keys[0] + ".outer-key", keys[1]);
            assertThatExceptionOfType(AEADBadTagException.class)
                    .isThrownBy(() -> DualMessages.decrypt(wrong, message))
                    .withMessageContaining("not for the key");
        }
    }

    @Test
    @DisplayName("Only the committing unsigned suite: a layer of another one releases nothing")
    void otherSuite() throws Exception {
        byte[] signed = AwsCrypto.standard()
                .encryptData(
                        JceMasterKey.getInstance(
                                new SecretKeySpec(service.key(OUTER), "AES"),
                                InMemoryKeyService.NAMESPACE,
                                OUTER,
                                "AES/GCM/NoPadding"),
                        inner(),
                        Map.of(EncryptionContext.LAYER_NAME, "outer"))
                .getResult();
        assertRefused(signed, "0578", "0478", "outer layer");
        byte[] inside = AwsCrypto.standard()
                .encryptData(
                        JceMasterKey.getInstance(
                                new SecretKeySpec(service.key(INNER), "AES"),
                                InMemoryKeyService.NAMESPACE,
                                INNER,
                                "AES/GCM/NoPadding"),
                        plaintext,
                        Map.of(EncryptionContext.LAYER_NAME, "inner"))
                .getResult();
        int before = service.decrypted.get();
        byte[] around = DualMessages.layer(
                service,
                OUTER,
                mark("outer"),
                DualMessages.idLike(Messages.header(inside).messageId()),
                inside);
        assertRefused(around, "0578", "0478", "inner layer");
        assertThat(service.decrypted.get() - before)
                .as("the service is asked for the outer data key only, by each of three readings")
                .isEqualTo(3);
    }
}
