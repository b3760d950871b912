package dev.kmsenvelope.engine;

import static dev.kmsenvelope.testing.TestEngine.AT_ONCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmsenvelope.engine.MessageDecryptor.Release;
import dev.kmsenvelope.format.InvalidMessageException;
import dev.kmsenvelope.format.InvalidMessageException.Reason;
import dev.kmsenvelope.testing.Allocation;
import dev.kmsenvelope.testing.Grammar;
import dev.kmsenvelope.testing.HandMadeMessage;
import dev.kmsenvelope.testing.InMemoryKeyService;
import dev.kmsenvelope.testing.TestEngine;
import dev.kmsenvelope.testing.TestEngine.Reading;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** When plaintext leaves, how much is said to leave, and what is held at most. */
class ReleaseTest {

    private static final int FRAME = 64;

    private final InMemoryKeyService service = new InMemoryKeyService().withKey(TestEngine.KEY);

    private MessageDecryptor decryptor(Release release, int holdLimit) {
        return new MessageDecryptor(TestEngine.recipient(service), TestEngine.holding(holdLimit), release, null);
    }

    @ParameterizedTest
    @CsvSource({"256, 256, true", "257, 256, false", "256, 255, false", "0, 0, true", "1, 0, false", "1000, 256, false"
    })
    @DisplayName("RULES 6: held until the end was verified, up to the limit, and streamed beyond it")
    void holdLimit(int size, int limit, boolean held) {
        byte[] plaintext = TestEngine.randomBytes(size, 1);
        byte[] message = TestEngine.encrypt(service, TestEngine.frames(FRAME), plaintext);
        for (int seed = 0; seed < 20; seed++) {
            var pieces = seed == 0 ? AT_ONCE : TestEngine.pieces(10 * seed, seed);
            Reading reading = Reading.of(decryptor(Release.AT_THE_END, limit), message, pieces);
            assertThat(reading.fault()).isNull();
            assertThat(reading.all()).isEqualTo(plaintext);
            assertThat(reading.early()).hasSize(held ? 0 : size);
        }
    }

    @Test
    @DisplayName(
            "RULES 6: beyond the limit, what left before a bad frame has left; without one taking it, nothing does")
    void badFrameBeyondTheLimit() throws Exception {
        byte[] plaintext = TestEngine.randomBytes(10 * FRAME, 1);
        byte[] message = TestEngine.encrypt(service, TestEngine.frames(FRAME), plaintext);
        message[message.length - 1] ^= 1;
        Reading reading = Reading.of(decryptor(Release.AT_THE_END, 4 * FRAME), message, AT_ONCE);
        assertThat(reading.fault()).isInstanceOf(InvalidMessageException.class);
        assertThat(reading.all()).isEqualTo(Arrays.copyOf(plaintext, 9 * FRAME));

        MessageDecryptor oneShot = decryptor(Release.AT_THE_END, 4 * FRAME);
        oneShot.feed(message, 0, message.length);
        assertThatThrownBy(oneShot::finish).isInstanceOf(InvalidMessageException.class);
        assertThat(oneShot.drain(new byte[plaintext.length], 0)).isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "EACH_FRAME, 1048576, 1",
        "EACH_FRAME, 1048576, 7",
        "EACH_FRAME, 1048576, 8",
        "EACH_FRAME, 1048576, 64",
        "AT_THE_END, 1048576, 64",
        "AT_THE_END, 256, 64",
        "AT_THE_END, 256, 5",
        "AT_THE_END, 128, 64",
        "AT_THE_END, 0, 16"
    })
    @DisplayName("what is said to be available is never too little, and exact at the end, however the input is cut")
    void sizesHold(Release release, int limit, int frame) throws Exception {
        for (int seed = 0; seed < 60; seed++) {
            Random random = new Random(seed);
            byte[] plaintext = TestEngine.randomBytes(random.nextInt(8 * frame + 100), seed);
            byte[] message = TestEngine.encrypt(service, TestEngine.frames(frame), plaintext);
            MessageDecryptor decryptor = decryptor(release, limit);
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            int most = 1 + random.nextInt(message.length);
            int at = 0;
            while (message.length - at > most) {
                int piece = 1 + random.nextInt(most);
                assertThat(decryptor.availableAtTheEnd(message, at, message.length - at, message.length - at))
                        .isEqualTo(plaintext.length - out.size());
                long said = decryptor.availableAfter(message, at, piece, piece);
                assertThat(said).isLessThanOrEqualTo(decryptor.availableBound(piece));
                decryptor.feed(message, at, piece);
                assertThat((long) decryptor.available()).isLessThanOrEqualTo(said);
                byte[] drained = new byte[(int) said];
                out.write(drained, 0, decryptor.drain(drained, 0));
                at += piece;
            }
            long said = decryptor.availableAtTheEnd(message, at, message.length - at, message.length - at);
            assertThat(said).isEqualTo(plaintext.length - out.size());
            decryptor.feed(message, at, message.length - at);
            decryptor.finish();
            assertThat(decryptor.available()).isEqualTo((int) said);
            byte[] rest = new byte[(int) said];
            decryptor.drain(rest, 0);
            out.writeBytes(rest);
            assertThat(out.toByteArray()).isEqualTo(plaintext);
        }
    }

    @Test
    @DisplayName("a piece that ends with a regular frame yields all of that frame, and is said to")
    void piecesThatEndWithAFrame() throws Exception {
        byte[] message = TestEngine.encrypt(service, TestEngine.frames(FRAME), new byte[5 * FRAME]);
        int header = message.length - 4 * (FRAME + 32) - (FRAME + 40);
        for (int more = 0; more < 8; more++) {
            MessageDecryptor streaming = decryptor(Release.EACH_FRAME, 1000);
            int piece = header + FRAME + 32 + more;
            assertThat(streaming.availableAfter(message, 0, piece, piece)).isEqualTo(FRAME);
            streaming.feed(message, 0, piece);
            assertThat(streaming.available()).isEqualTo(FRAME);

            MessageDecryptor held = decryptor(Release.AT_THE_END, 2 * FRAME - 1);
            piece = header + 2 * (FRAME + 32) + more;
            assertThat(held.availableAfter(message, 0, piece, piece)).isEqualTo(2 * FRAME);
            held.feed(message, 0, piece);
            assertThat(held.available()).isEqualTo(2 * FRAME);
        }
    }

    @Test
    void whatIsNoMessageIsSaidToHaveNothing() {
        MessageDecryptor decryptor = decryptor(Release.EACH_FRAME, 1000);
        byte[] noise = new byte[100];
        assertThat(decryptor.availableAtTheEnd(noise, 0, 100, 100)).isZero();
        assertThat(decryptor.availableAfter(noise, 0, 100, 100)).isZero();
        assertThat(decryptor.availableBound(100)).isEqualTo(100);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 255, 256})
    void bodiesThatAreNotFramedAreReadUpToTheHoldLimit(int size) {
        HandMadeMessage message =
                new HandMadeMessage().to(service, TestEngine.KEY).notFramed();
        byte[] plaintext = TestEngine.randomBytes(size, 1);
        byte[] bytes = Grammar.join(message.header(), message.block(HandMadeMessage.ascending(12, 9), plaintext));
        for (Release release : Release.values()) {
            for (var pieces : java.util.List.of(AT_ONCE, TestEngine.BYTE_BY_BYTE)) {
                Reading reading = Reading.of(decryptor(release, 256), bytes, pieces);
                assertThat(reading.fault()).isNull();
                assertThat(reading.all()).isEqualTo(plaintext);
            }
        }
        Reading more = Reading.of(decryptor(Release.EACH_FRAME, 256), Grammar.join(bytes, new byte[1]), AT_ONCE);
        assertThat(more.fault()).isInstanceOf(InvalidMessageException.class);
    }

    @ParameterizedTest
    @ValueSource(longs = {257, 0x7FFF_FFFFL, 0x1_0000_0000L, -1})
    @DisplayName("RULES 4: longer bodies that are not framed are refused before room is made")
    void longBlocks(long length) throws Exception {
        HandMadeMessage message =
                new HandMadeMessage().to(service, TestEngine.KEY).notFramed();
        byte[] bytes = new Grammar()
                .bytes(message.header())
                .bytes(new byte[12])
                .u64(length)
                .done();
        Reading warmUp = Reading.of(decryptor(Release.EACH_FRAME, 256), bytes, AT_ONCE);
        assertThat(((InvalidMessageException) warmUp.fault()).reason()).isEqualTo(Reason.NOT_ALLOWED);
        MessageDecryptor decryptor = decryptor(Release.EACH_FRAME, 256);
        decryptor.feed(bytes, 0, bytes.length - 1);
        assertThat(Allocation.of(() -> decryptor.feed(bytes, bytes.length - 1, 1)))
                .isLessThan(64 * 1024);
    }

    @Test
    @DisplayName("RULES 4: a frame length of 16 MiB takes no room before the frame arrives")
    void promisedFrames() throws Exception {
        HandMadeMessage message =
                new HandMadeMessage().to(service, TestEngine.KEY).framed(16 << 20);
        byte[] bytes = Grammar.join(message.header(), new byte[] {0, 0, 0, 1}, new byte[1000]);
        Reading.of(decryptor(Release.EACH_FRAME, 256), bytes, AT_ONCE);

        assertThat(Allocation.of(
                        () -> Reading.of(decryptor(Release.EACH_FRAME, 256), bytes, TestEngine.pieces(100, 1))))
                .isLessThan(512 * 1024);
    }

    @Test
    void readersTakeTheIvThatStandsInAFrame() {
        HandMadeMessage message = new HandMadeMessage().to(service, TestEngine.KEY);
        byte[] iv = HandMadeMessage.ascending(12, 77);
        byte[] bytes =
                Grammar.join(message.header(), message.regular(1, iv, new byte[16]), message.last(2, new byte[16]));
        assertThat(Reading.of(decryptor(Release.EACH_FRAME, 256), bytes, AT_ONCE)
                        .all())
                .hasSize(32);
    }

    @Test
    @DisplayName("frames whose tags are right are refused all the same where their numbers or lengths are not")
    void authenticButWrong() {
        HandMadeMessage message = new HandMadeMessage().to(service, TestEngine.KEY);
        byte[] header = message.header();
        byte[] text = new byte[16];
        for (byte[] body : new byte[][] {
            Grammar.join(message.regular(2, text), message.last(3, text)),
            Grammar.join(message.regular(1, text), message.last(3, text)),
            Grammar.join(message.regular(1, text), message.regular(1, text), message.last(2, text)),
            message.last(0, text),
            message.last(2, text),
            message.last(1, new byte[17]),
            message.regular(1, text),
            Grammar.join(message.last(1, text), message.last(2, text)),
            Grammar.join(message.last(1, text), message.regular(2, text), message.last(3, text)),
            message.block(new byte[12], text)
        }) {
            Reading reading = Reading.of(decryptor(Release.AT_THE_END, 256), Grammar.join(header, body), AT_ONCE);
            assertThat(reading.fault()).isInstanceOf(InvalidMessageException.class);
            assertThat(reading.all()).isEmpty();
        }
        byte[] good = Grammar.join(header, message.regular(1, text), message.last(2, new byte[0]));
        assertThat(Reading.of(decryptor(Release.AT_THE_END, 256), good, AT_ONCE).all())
                .isEqualTo(text);
    }
}
