package dev.kmsenvelope.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.kmsenvelope.format.InvalidMessageException;
import dev.kmsenvelope.format.InvalidMessageException.Reason;
import dev.kmsenvelope.kms.KmsUnavailableException;
import dev.kmsenvelope.testing.Ciphers;
import dev.kmsenvelope.testing.CountedChannel;
import dev.kmsenvelope.testing.Crowd;
import dev.kmsenvelope.testing.Grammar;
import dev.kmsenvelope.testing.HandMadeMessage;
import dev.kmsenvelope.testing.InMemoryKeyService;
import dev.kmsenvelope.testing.Messages;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.SeekableByteChannel;
import java.security.InvalidKeyException;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import javax.crypto.AEADBadTagException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Parts of a message: read by themselves, verified by themselves, in a message whose length is proven. */
class EnvelopeRangesTest {

    private static final int FRAME = 100;
    private static final int STRIDE = FRAME + 32;

    private final InMemoryKeyService service =
            new InMemoryKeyService().withKey("master").withKey("other");
    private final KmsSecretKey handle = Ciphers.handle(service, "master");

    private SeekableByteChannel open(byte[] message) throws Exception {
        return EnvelopeChannels.of(handle).open(new CountedChannel(message));
    }

    private static byte[] all(SeekableByteChannel plaintext) throws IOException {
        ByteBuffer out = ByteBuffer.allocate((int) plaintext.size() + 1);
        int last = 0;
        while (last >= 0) {
            last = plaintext.read(out);
        }
        return Arrays.copyOf(out.array(), out.position());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, FRAME - 1, FRAME, FRAME + 1, 3 * FRAME, 3 * FRAME + 7, 70_000})
    @DisplayName("Any range of any message is that part of the plaintext, whatever pieces the channel gives")
    void ranges(int size) throws Exception {
        Random random = new Random(size);
        byte[] text = Ciphers.random(size);
        for (int frameLength : new int[] {1, 7, FRAME, 65_536}) {
            if (size > 50_000 && frameLength < 7) {
                continue;
            }
            byte[] message = Ciphers.encrypt(handle, text, frameLength);
            try (SeekableByteChannel plaintext =
                    EnvelopeChannels.of(handle).open(new CountedChannel(message, 1 + random.nextInt(5000)))) {
                assertThat(plaintext.size()).isEqualTo(size);
                assertThat(all(plaintext)).isEqualTo(text);
                for (int i = 0; i < 20; i++) {
                    int from = random.nextInt(size + 1);
                    ByteBuffer out = ByteBuffer.allocate(1 + random.nextInt(size + 10));
                    int count = plaintext.position(from).read(out);
                    int expected = Math.min(out.capacity(), size - from);
                    assertThat(count).isEqualTo(expected == 0 ? -1 : expected);
                    assertThat(plaintext.position()).isEqualTo(from + expected);
                    assertThat(Arrays.copyOf(out.array(), expected))
                            .isEqualTo(Arrays.copyOfRange(text, from, from + expected));
                }
                assertThat(plaintext.position(size + 5L).read(ByteBuffer.allocate(1)))
                        .isEqualTo(-1);
                assertThat(plaintext.position(0).read(ByteBuffer.allocate(0))).isEqualTo(size == 0 ? -1 : 0);
            }
        }
    }

    @Test
    @DisplayName(
            "Only the header, the final frame and the frames that are asked for are read, and one KMS call is made")
    void readsLittle() throws Exception {
        byte[] text = Ciphers.random(1_000 * FRAME + 1);
        byte[] message = Ciphers.encrypt(handle, text, FRAME);
        int header = message.length - 1_000 * STRIDE - 41;
        CountedChannel channel = new CountedChannel(message);
        try (SeekableByteChannel plaintext = EnvelopeChannels.of(handle).open(channel)) {
            assertThat(channel.seen()).isBetween(header + 41, Math.max(header, 4096) + 41);
            channel.forget();
            plaintext.position(500 * FRAME + 1).read(ByteBuffer.allocate(1));
            assertThat(channel.seen()).isEqualTo(STRIDE);
            plaintext.position(500 * FRAME + 3).read(ByteBuffer.allocate(1));
            plaintext.position(500 * FRAME).read(ByteBuffer.allocate(FRAME));
            assertThat(channel.seen()).isEqualTo(STRIDE);
            plaintext.position(501 * FRAME - 1).read(ByteBuffer.allocate(2));
            assertThat(channel.seen()).isEqualTo(2 * STRIDE);
        }
        assertThat(service.decrypted).hasValue(1);
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    @DisplayName("A message that was cut or grew anywhere does not open: its length is proven by the final frame")
    void lengthIsProven() throws Exception {
        byte[] message = Ciphers.encrypt(handle, Ciphers.random(2 * FRAME + 50), FRAME);
        for (int length = 0; length < message.length; length++) {
            byte[] cut = Arrays.copyOf(message, length);
            assertThatExceptionOfType(AEADBadTagException.class)
                    .as("%d bytes", length)
                    .isThrownBy(() -> open(cut));
        }
        for (int more : new int[] {1, 32, FRAME, STRIDE}) {
            byte[] grown = Arrays.copyOf(message, message.length + more);
            assertThatExceptionOfType(AEADBadTagException.class).isThrownBy(() -> open(grown));
        }
    }

    @Test
    @DisplayName("Every flipped bit is found, at opening or where it stands, and the frames beside it are read")
    void flippedBits() throws Exception {
        byte[] text = Ciphers.random(2 * FRAME + 50);
        byte[] message = Ciphers.encrypt(handle, text, FRAME);
        int body = message.length - 2 * STRIDE - 90;
        for (int at = 0; at < 8 * message.length; at++) {
            byte[] changed = message.clone();
            changed[at / 8] ^= (byte) (1 << at % 8);
            int frame = at / 8 < body ? -1 : (at / 8 - body) / STRIDE;
            if (frame == 0 || frame == 1) {
                try (SeekableByteChannel plaintext = open(changed)) {
                    ByteBuffer out = ByteBuffer.allocate(text.length);
                    int before = frame * FRAME;
                    if (before > 0) {
                        assertThat(plaintext.read(out)).isEqualTo(before);
                    }
                    assertThatExceptionOfType(IOException.class)
                            .isThrownBy(() -> plaintext.read(out))
                            .withCauseInstanceOf(AEADBadTagException.class);
                    assertThat(out.position()).isEqualTo(before);
                    plaintext.position(before + FRAME);
                    assertThat(plaintext.read(out)).isEqualTo(text.length - before - FRAME);
                }
            } else {
                assertThatExceptionOfType(AEADBadTagException.class).isThrownBy(() -> open(changed));
            }
        }
    }

    @Test
    @DisplayName("Frames that were swapped, dropped, repeated, or come from another message are refused")
    void movedFrames() throws Exception {
        byte[] text = Ciphers.random(3 * FRAME + 50);
        byte[] message = Ciphers.encrypt(handle, text, FRAME);
        byte[] other = Ciphers.encrypt(handle, text, FRAME);
        int body = message.length - 3 * STRIDE - 90;

        byte[] swapped = message.clone();
        System.arraycopy(message, body, swapped, body + STRIDE, STRIDE);
        System.arraycopy(message, body + STRIDE, swapped, body, STRIDE);
        byte[] repeated = message.clone();
        System.arraycopy(message, body, repeated, body + STRIDE, STRIDE);
        byte[] foreign = message.clone();
        System.arraycopy(other, body + STRIDE, foreign, body + STRIDE, STRIDE);
        for (byte[] changed : new byte[][] {swapped, repeated, foreign}) {
            try (SeekableByteChannel plaintext = open(changed)) {
                plaintext.position(FRAME + 10);
                assertThatExceptionOfType(IOException.class)
                        .isThrownBy(() -> plaintext.read(ByteBuffer.allocate(1)))
                        .withCauseInstanceOf(AEADBadTagException.class);
            }
        }

        ByteArrayOutputStream dropped = new ByteArrayOutputStream();
        dropped.write(message, 0, body + STRIDE);
        dropped.write(message, body + 2 * STRIDE, message.length - body - 2 * STRIDE);
        assertThatExceptionOfType(AEADBadTagException.class).isThrownBy(() -> open(dropped.toByteArray()));
        byte[] foreignEnd = message.clone();
        System.arraycopy(other, message.length - 90, foreignEnd, message.length - 90, 90);
        assertThatExceptionOfType(AEADBadTagException.class).isThrownBy(() -> open(foreignEnd));
    }

    @Test
    @DisplayName("RULES 3: key, encryption context, IV and AAD must fit before anything is read")
    void mustFit() throws Exception {
        EnvelopeParameterSpec spec = EnvelopeParameterSpec.builder()
                .context(Map.of("tenant", "a"))
                .iv(new byte[12])
                .build();
        byte[] aad = {1, 2, 3};
        EnvelopeChannels right = EnvelopeChannels.of(handle).with(spec).withAad(aad);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        right.encrypt(new ByteArrayInputStream(new byte[] {9}), out);
        byte[] message = out.toByteArray();
        assertThat(all(right.open(new CountedChannel(message)))).containsExactly(9);

        for (EnvelopeChannels wrong : new EnvelopeChannels[] {
            right.withAad(new byte[] {1, 2}),
            right.with(Ciphers.context("tenant", "b")),
            right.with(EnvelopeParameterSpec.builder()
                    .iv(Arrays.copyOf(new byte[] {1}, 12))
                    .build()),
            EnvelopeChannels.of(Ciphers.handle(service, "other")).withAad(aad)
        }) {
            assertThatExceptionOfType(AEADBadTagException.class)
                    .isThrownBy(() -> wrong.open(new CountedChannel(message)));
        }
        KmsSecretKey writer = Ciphers.handle(service, "master", "key.master.usage", "encrypt");
        assertThatExceptionOfType(InvalidKeyException.class)
                .isThrownBy(() -> EnvelopeChannels.of(writer).open(new CountedChannel(message)));
    }

    @Test
    @DisplayName("Signed messages and those that are not framed can be verified as a whole only, and are refused")
    void wholeOnly() {
        HandMadeMessage signed = new HandMadeMessage().to(service, "master");
        signed.suite = 0x0578;
        HandMadeMessage block = new HandMadeMessage().to(service, "master").notFramed();
        byte[] one = Grammar.join(signed.header(), signed.last(1, new byte[1]));
        byte[] other = Grammar.join(block.header(), block.block(new byte[12], new byte[1]));
        for (byte[] message : new byte[][] {one, other}) {
            assertThatExceptionOfType(AEADBadTagException.class)
                    .isThrownBy(() -> open(message))
                    .havingCause()
                    .isInstanceOfSatisfying(
                            InvalidMessageException.class,
                            e -> assertThat(e.reason()).isEqualTo(Reason.NOT_ALLOWED));
        }
        assertThat(service.decrypted).hasValue(0);
    }

    @Test
    @DisplayName("What fails to be read is an I/O failure, and what fails in the service is the service's")
    void failures() throws Exception {
        byte[] text = Ciphers.random(2 * FRAME);
        byte[] message = Ciphers.encrypt(handle, text, FRAME);
        CountedChannel channel = new CountedChannel(message);
        try (SeekableByteChannel plaintext = EnvelopeChannels.of(handle).open(channel)) {
            IOException fault = new IOException("bad disk");
            channel.failWith(fault);
            assertThatExceptionOfType(IOException.class)
                    .isThrownBy(() -> plaintext.read(ByteBuffer.allocate(1)))
                    .isSameAs(fault);
            channel.failWith(null);
            channel.replace(Arrays.copyOf(message, Messages.header(message).length() + 4));
            assertThatExceptionOfType(IOException.class)
                    .isThrownBy(() -> plaintext.read(ByteBuffer.allocate(1)))
                    .withCauseInstanceOf(AEADBadTagException.class);
            channel.replace(message);
            assertThat(all(plaintext.position(0))).isEqualTo(text);
        }
        CountedChannel unread = new CountedChannel(message);
        service.failWith(() -> new KmsUnavailableException("gone"));
        assertThatExceptionOfType(KmsUnavailableException.class)
                .isThrownBy(() ->
                        EnvelopeChannels.of(Ciphers.handle(service, "master")).open(unread));
        assertThat(unread.isOpen()).isTrue();
    }

    @Test
    @DisplayName("It cannot be written, and after close nothing works")
    void notWritableAndClosed() throws Exception {
        SeekableByteChannel plaintext = open(Ciphers.encrypt(handle, new byte[3]));
        assertThatExceptionOfType(NonWritableChannelException.class)
                .isThrownBy(() -> plaintext.write(ByteBuffer.allocate(1)));
        assertThatExceptionOfType(NonWritableChannelException.class).isThrownBy(() -> plaintext.truncate(0));
        assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(() -> plaintext.position(-1));
        assertThat(plaintext.isOpen()).isTrue();
        plaintext.close();
        plaintext.close();
        assertThat(plaintext.isOpen()).isFalse();
        assertThatExceptionOfType(ClosedChannelException.class)
                .isThrownBy(() -> plaintext.read(ByteBuffer.allocate(1)));
        assertThatExceptionOfType(ClosedChannelException.class).isThrownBy(plaintext::size);
    }

    @Test
    @DisplayName("Threads that share one channel each get whole, right bytes")
    void threads() throws Exception {
        byte[] text = Ciphers.random(50 * FRAME);
        try (SeekableByteChannel plaintext = open(Ciphers.encrypt(handle, text, FRAME))) {
            ByteArrayOutputStream seen = new ByteArrayOutputStream();
            Crowd.each(8, number -> () -> {
                for (int i = 0; i < 50; i++) {
                    ByteBuffer out = ByteBuffer.allocate(FRAME);
                    plaintext.read(out);
                    synchronized (seen) {
                        seen.write(out.array(), 0, out.position());
                    }
                }
                return number;
            });
            byte[] sorted = seen.toByteArray();
            byte[] expected = text.clone();
            Arrays.sort(sorted);
            Arrays.sort(expected);
            assertThat(sorted).isEqualTo(expected);
        }
    }
}
