package dev.kmsenvelope.engine;

import static dev.kmsenvelope.testing.TestEngine.AT_ONCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.amazonaws.encryptionsdk.AwsCrypto;
import com.amazonaws.encryptionsdk.CommitmentPolicy;
import com.amazonaws.encryptionsdk.CryptoAlgorithm;
import com.amazonaws.encryptionsdk.jce.JceMasterKey;
import dev.kmsenvelope.engine.MessageDecryptor.Release;
import dev.kmsenvelope.format.InvalidMessageException;
import dev.kmsenvelope.format.InvalidMessageException.Reason;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.testing.Grammar;
import dev.kmsenvelope.testing.InMemoryKeyService;
import dev.kmsenvelope.testing.TestEngine;
import dev.kmsenvelope.testing.TestEngine.Reading;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.IntSupplier;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever is done to a message, it is refused, and nothing leaves but frames that came before and were verified. */
class TamperingTest {

    private static final int FRAME = 128;
    private static final int STRIDE = 4 + 12 + FRAME + 16;
    private static final byte[] PLAINTEXT = TestEngine.randomBytes(2 * FRAME + 50, 9);
    private static final int BODY = 2 * STRIDE + 4 + 4 + 12 + 4 + 50 + 16;

    private final InMemoryKeyService service = new InMemoryKeyService().withKey(TestEngine.KEY);
    private final byte[] message = TestEngine.encrypt(
            service, EncryptionContext.of(Map.of("a", "b")), TestEngine.frames(FRAME), new byte[0], PLAINTEXT);
    private final int body = message.length - BODY;

    private void assertRefused(byte[] changed, int intactBytes, Release release, IntSupplier pieces, String what) {
        Reading reading = Reading.of(TestEngine.decryptor(service, release), changed, pieces);
        assertThat(reading.fault()).as(what).isInstanceOf(InvalidMessageException.class);
        int intactFrames = Math.max(0, intactBytes - body) / STRIDE;
        int most = release == Release.AT_THE_END ? 0 : Math.min(PLAINTEXT.length, intactFrames * FRAME);
        assertThat(reading.all()).as(what).hasSizeLessThanOrEqualTo(most);
        assertThat(reading.all()).as(what).isEqualTo(Arrays.copyOf(PLAINTEXT, reading.all().length));
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("RULES 6: every truncation is refused")
    void truncation(Release release) {
        for (int length = 0; length < message.length; length++) {
            byte[] cut = Arrays.copyOf(message, length);
            assertRefused(cut, length, release, AT_ONCE, "cut at " + length);
            assertRefused(cut, length, release, TestEngine.pieces(100, length), "cut at " + length + " in pieces");
            Reading reading = Reading.of(TestEngine.decryptor(service, release), cut, AT_ONCE);
            assertThat(((InvalidMessageException) reading.fault()).reason()).isEqualTo(Reason.TRUNCATED);
        }
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("every flipped bit is refused")
    void bitFlips(Release release) {
        assertThat(message.length).isBetween(500, 700);
        byte[] changed = message.clone();
        for (int at = 0; at < message.length; at++) {
            for (int bit = 1; bit < 256; bit <<= 1) {
                changed[at] ^= (byte) bit;
                assertRefused(changed, at, release, AT_ONCE, "byte " + at + " bit " + bit);
                changed[at] ^= (byte) bit;
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 16, 1000})
    void trailingBytesAreRefused(int count) {
        for (IntSupplier pieces : List.of(AT_ONCE, TestEngine.BYTE_BY_BYTE)) {
            byte[] longer = Grammar.join(message, new byte[count]);
            Reading held = Reading.of(TestEngine.decryptor(service, Release.AT_THE_END), longer, pieces);
            assertThat(held.fault()).isInstanceOf(InvalidMessageException.class);
            assertThat(held.all()).isEmpty();
            assertThat(Reading.of(TestEngine.decryptor(service, Release.EACH_FRAME), longer, pieces)
                            .fault())
                    .isInstanceOf(InvalidMessageException.class);
        }
    }

    @Test
    void aSecondMessageIsNotRead() {
        assertRefused(Grammar.join(message, message), message.length, Release.AT_THE_END, AT_ONCE, "twice");
    }

    @Test
    @DisplayName("frames that are swapped, repeated, dropped, or taken from another message are refused")
    void rearrangedFrames() {
        byte[] other = TestEngine.encrypt(
                service, EncryptionContext.of(Map.of("a", "b")), TestEngine.frames(FRAME), new byte[0], PLAINTEXT);
        byte[] header = Arrays.copyOf(message, body);
        byte[] first = Arrays.copyOfRange(message, body, body + STRIDE);
        byte[] second = Arrays.copyOfRange(message, body + STRIDE, body + 2 * STRIDE);
        byte[] last = Arrays.copyOfRange(message, body + 2 * STRIDE, message.length);
        byte[] foreign = Arrays.copyOfRange(other, body, body + STRIDE);
        byte[] foreignLast = Arrays.copyOfRange(other, body + 2 * STRIDE, other.length);
        byte[] renumberedLast = last.clone();
        renumberedLast[7] = 2;
        byte[] renumberedSecond = second.clone();
        renumberedSecond[3] = 1;
        byte[] lastAsRegular = Arrays.copyOfRange(last, 4, last.length);
        byte[] regularAsLast = new Grammar()
                .u32(0xFFFFFFFFL)
                .bytes(Arrays.copyOf(second, 16))
                .u32(FRAME)
                .bytes(Arrays.copyOfRange(second, 16, STRIDE))
                .done();
        List<byte[]> bodies = new ArrayList<>();
        bodies.add(Grammar.join(second, first, last));
        bodies.add(Grammar.join(first, first, last));
        bodies.add(Grammar.join(first, first, second, last));
        bodies.add(Grammar.join(first, second, second, last));
        bodies.add(Grammar.join(second, last));
        bodies.add(Grammar.join(first, last));
        bodies.add(Grammar.join(first, renumberedLast));
        bodies.add(Grammar.join(renumberedSecond, last));
        bodies.add(last);
        bodies.add(Grammar.join(first, second));
        bodies.add(Grammar.join(foreign, second, last));
        bodies.add(Grammar.join(first, second, foreignLast));
        bodies.add(Grammar.join(first, second, lastAsRegular));
        bodies.add(Grammar.join(first, regularAsLast));
        bodies.add(Grammar.join(first, regularAsLast, last));
        bodies.add(Grammar.join(last, first, second));
        for (int i = 0; i < bodies.size(); i++) {
            byte[] changed = Grammar.join(header, bodies.get(i));
            int same = Arrays.mismatch(changed, message);
            for (Release release : Release.values()) {
                assertRefused(changed, same < 0 ? message.length : same, release, AT_ONCE, "rearrangement " + i);
                assertRefused(changed, same, release, TestEngine.pieces(50, i), "rearrangement " + i + " in pieces");
            }
        }
        assertRefused(
                Grammar.join(Arrays.copyOf(other, body), Arrays.copyOfRange(message, body, message.length)),
                0,
                Release.EACH_FRAME,
                AT_ONCE,
                "the header of another message");
    }

    @Test
    @DisplayName("every flipped bit and every truncation of a signed message of the AWS Encryption SDK is refused")
    void signedMessage() {
        byte[] signed = signedMessage(600);
        assertThat(Reading.of(TestEngine.decryptor(service, Release.EACH_FRAME), signed, AT_ONCE)
                        .all())
                .hasSize(600);
        byte[] changed = signed.clone();
        for (int at = 0; at < signed.length; at++) {
            assertNothing(Arrays.copyOf(signed, at), "cut at " + at);
            for (int bit = 1; bit < 256; bit <<= 1) {
                changed[at] ^= (byte) bit;
                assertNothing(changed, "byte " + at + " bit " + bit);
                changed[at] ^= (byte) bit;
            }
        }
        assertNothing(Grammar.join(signed, new byte[1]), "a byte more");
    }

    @Test
    @DisplayName("RULES 4: a signed message is held whatever was asked, and refused when it is longer than may be held")
    void signedMessagesAreHeld() {
        byte[] signed = signedMessage(600);
        for (Release release : Release.values()) {
            Reading held = Reading.of(holding(600, release), signed, TestEngine.BYTE_BY_BYTE);
            assertThat(held.early()).isEmpty();
            assertThat(held.all()).hasSize(600);

            Reading longer = Reading.of(holding(599, release), signed, AT_ONCE);
            assertThat(longer.all()).isEmpty();
            assertThat(((InvalidMessageException) longer.fault()).reason()).isEqualTo(Reason.NOT_ALLOWED);
        }
    }

    private MessageDecryptor holding(int limit, Release release) {
        return new MessageDecryptor(TestEngine.recipient(service), TestEngine.holding(limit), release, null);
    }

    private void assertNothing(byte[] changed, String what) {
        Reading reading = Reading.of(TestEngine.decryptor(service, Release.EACH_FRAME), changed, AT_ONCE);
        assertThat(reading.fault()).as(what).isInstanceOf(InvalidMessageException.class);
        assertThat(reading.all()).as(what).isEmpty();
    }

    private byte[] signedMessage(int size) {
        JceMasterKey master = JceMasterKey.getInstance(
                new SecretKeySpec(service.key(TestEngine.KEY), "AES"),
                InMemoryKeyService.NAMESPACE,
                TestEngine.KEY,
                "AES/GCM/NoPadding");
        return AwsCrypto.builder()
                .withCommitmentPolicy(CommitmentPolicy.RequireEncryptRequireDecrypt)
                .withEncryptionAlgorithm(CryptoAlgorithm.ALG_AES_256_GCM_HKDF_SHA512_COMMIT_KEY_ECDSA_P384)
                .withEncryptionFrameSize(256)
                .build()
                .encryptData(master, TestEngine.randomBytes(size, 1))
                .getResult();
    }

    @Test
    @DisplayName("RULES 6: after a fault the rest is swallowed, and no later input makes it good")
    void faultsLatch() throws Exception {
        byte[] changed = message.clone();
        changed[body + STRIDE + 20] ^= 1;
        MessageDecryptor decryptor = TestEngine.decryptor(service, Release.EACH_FRAME);
        decryptor.feed(changed, 0, body + 2 * STRIDE);
        assertThat(decryptor.available()).isEqualTo(FRAME);
        decryptor.feed(message, body + STRIDE, message.length - body - STRIDE);
        assertThat(decryptor.available()).isEqualTo(FRAME);
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(decryptor::finish).isInstanceOf(InvalidMessageException.class);
            assertThat(decryptor.available()).isZero();
        }
    }
}
