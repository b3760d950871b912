package dev.kmsenvelope.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.sun.management.ThreadMXBean;
import dev.kmsenvelope.testing.Ciphers;
import dev.kmsenvelope.testing.InMemoryKeyService;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.CipherInputStream;
import javax.crypto.CipherOutputStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The JDK's cipher streams over our ciphers: they swallow exceptions, so what is released when matters (RULES 6). */
class CipherStreamsTest {

    private static final int HOLD = 10_000;
    private static final int FRAME = 1000;

    private final InMemoryKeyService service = new InMemoryKeyService().withKey("master");
    private final KmsSecretKey handle = Ciphers.handle(service, "master");
    private final KmsSecretKey small =
            Ciphers.handle(service, "master", "decrypt.hold", "" + HOLD, "frame-length", "" + FRAME);

    /** What came out of a CipherOutputStream, and what it threw. */
    private record Written(byte[] bytes, Throwable thrown) {}

    private static Written through(Cipher cipher, byte[] in, int chunk) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        Throwable thrown = catchThrowable(() -> {
            try (CipherOutputStream out = new CipherOutputStream(bytes, cipher)) {
                for (int at = 0; at < in.length; at += chunk) {
                    out.write(in, at, Math.min(chunk, in.length - at));
                }
            }
        });
        return new Written(bytes.toByteArray(), thrown);
    }

    private static Written readThrough(Cipher cipher, byte[] in) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        Throwable thrown = catchThrowable(() -> {
            try (InputStream stream = new CipherInputStream(new ByteArrayInputStream(in), cipher)) {
                byte[] buffer = new byte[700];
                for (int count; (count = stream.read(buffer)) >= 0; ) {
                    bytes.write(buffer, 0, count);
                }
            }
        });
        return new Written(bytes.toByteArray(), thrown);
    }

    @ParameterizedTest
    @DisplayName("Round trips of streams, with chunks around the frame length")
    @CsvSource({
        "0, 1",
        "1, 1",
        "8191, 8192",
        "8192, 8192",
        "65535, 4096",
        "65536, 65536",
        "65537, 65537",
        "131072, 1000",
        "3000000, 8192",
        "5000000, 70000"
    })
    void roundTrips(int size, int chunk) throws Exception {
        byte[] plaintext = Ciphers.random(size);
        for (String transformation : new String[] {Ciphers.GCM, Ciphers.ENVELOPE}) {
            byte[] message = through(Ciphers.ours(transformation, Cipher.ENCRYPT_MODE, handle), plaintext, chunk)
                    .bytes();
            assertThat(Ciphers.decrypt(handle, message)).isEqualTo(plaintext);
            assertThat(through(Ciphers.ours(transformation, Cipher.DECRYPT_MODE, handle), message, chunk)
                            .bytes())
                    .isEqualTo(plaintext);
            Written read = readThrough(Ciphers.ours(transformation, Cipher.DECRYPT_MODE, handle), message);
            assertThat(read.thrown()).isNull();
            assertThat(read.bytes()).isEqualTo(plaintext);
            assertThat(Ciphers.decrypt(
                            handle,
                            readThrough(Ciphers.ours(transformation, Cipher.ENCRYPT_MODE, handle), plaintext)
                                    .bytes()))
                    .isEqualTo(plaintext);
        }
    }

    @Test
    @DisplayName("Streams whose writes end exactly with a frame")
    void exactFrames() throws Exception {
        byte[] plaintext = Ciphers.random(10 * FRAME);
        Cipher encrypting = Ciphers.ours(Ciphers.ENVELOPE, Cipher.ENCRYPT_MODE, small);
        byte[] message = through(encrypting, plaintext, FRAME).bytes();
        int header = message.length - 10 * FRAME - 9 * 32 - 40;
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (CipherOutputStream out =
                new CipherOutputStream(bytes, Ciphers.ours(Ciphers.ENVELOPE, Cipher.DECRYPT_MODE, small))) {
            out.write(message, 0, header);
            for (int frame = 0; frame < 9; frame++) {
                out.write(message, header + frame * (FRAME + 32), FRAME + 32);
                assertThat(bytes.size())
                        .as("RULES 6: Envelope releases each frame at once")
                        .isEqualTo((frame + 1) * FRAME);
            }
            out.write(message, header + 9 * (FRAME + 32), FRAME + 40);
        }
        assertThat(bytes.toByteArray()).isEqualTo(plaintext);
    }

    @ParameterizedTest
    @DisplayName("Reading through CipherInputStream allocates in proportion to the message")
    @ValueSource(strings = {"AES/GCM/NoPadding", "Envelope"})
    void allocationIsLinear(String transformation) throws Exception {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long[] allocated = new long[2];
        int[] sizes = {500_000, 4_000_000};
        for (int i = 0; i < 2; i++) {
            byte[] message = Ciphers.encrypt(handle, new byte[sizes[i]]);
            Cipher cipher = Ciphers.ours(transformation, Cipher.DECRYPT_MODE, handle);
            long before = threads.getCurrentThreadAllocatedBytes();
            byte[] buffer = new byte[8192];
            long read = 0;
            try (InputStream in = new CipherInputStream(new ByteArrayInputStream(message), cipher)) {
                for (int count; (count = in.read(buffer)) >= 0; ) {
                    read += count;
                }
            }
            allocated[i] = threads.getCurrentThreadAllocatedBytes() - before;
            assertThat(read).isEqualTo(sizes[i]);
        }
        assertThat(allocated[1]).isLessThan(20L * sizes[1]).isLessThan(16 * allocated[0] + 1_000_000);
    }

    /** A message of several frames that is held, in every damaged version that matters. */
    private byte[][] damaged(byte[] message) {
        return new byte[][] {
            Arrays.copyOf(message, message.length - 1),
            Arrays.copyOf(message, message.length - 40 - FRAME),
            Arrays.copyOf(message, message.length / 2),
            Arrays.copyOf(message, message.length + 1),
            Ciphers.flipped(message, message.length - 1),
            Ciphers.flipped(message, message.length / 2),
            Ciphers.flipped(message, 20)
        };
    }

    @Test
    @DisplayName("RULES 6: AES/GCM releases nothing of a damaged message below the limit, to no stream")
    void nothingReleasedBelowTheLimit() throws Exception {
        byte[] message = Ciphers.encrypt(small, Ciphers.random(HOLD));
        for (byte[] bad : damaged(message)) {
            Written read = readThrough(Ciphers.ours(Ciphers.GCM, Cipher.DECRYPT_MODE, small), bad);
            assertThat(read.bytes()).isEmpty();
            assertThat(read.thrown()).isInstanceOf(IOException.class).hasCauseInstanceOf(AEADBadTagException.class);
            for (int chunk : new int[] {1, 512, FRAME + 32, bad.length}) {
                Written written = through(Ciphers.ours(Ciphers.GCM, Cipher.DECRYPT_MODE, small), bad, chunk);
                assertThat(written.bytes()).isEmpty();
                assertThat(written.thrown()).as("close() swallows it").isNull();
            }
        }
    }

    @Test
    @DisplayName(
            "RULES 6: what remains: above the limit, a truncated message leaves CipherOutputStream without an error")
    void truncationAboveTheLimit() throws Exception {
        byte[] plaintext = Ciphers.random(3 * HOLD);
        byte[] message = Ciphers.encrypt(small, plaintext);
        byte[] truncated = Arrays.copyOf(message, message.length - 40 - FRAME);

        Written written = through(Ciphers.ours(Ciphers.GCM, Cipher.DECRYPT_MODE, small), truncated, 512);
        assertThat(written.thrown()).isNull();
        assertThat(written.bytes()).isEqualTo(Arrays.copyOf(plaintext, 3 * HOLD - FRAME));

        Written read = readThrough(Ciphers.ours(Ciphers.GCM, Cipher.DECRYPT_MODE, small), truncated);
        assertThat(read.bytes()).isEqualTo(Arrays.copyOf(plaintext, 3 * HOLD - FRAME));
        assertThat(read.thrown()).isInstanceOf(IOException.class).hasCauseInstanceOf(AEADBadTagException.class);

        Cipher cipher = Ciphers.ours(Ciphers.GCM, Cipher.DECRYPT_MODE, small);
        assertThat(cipher.update(truncated)).isEqualTo(Arrays.copyOf(plaintext, 3 * HOLD - FRAME));
        assertThatExceptionOfType(AEADBadTagException.class).isThrownBy(cipher::doFinal);
    }

    @Test
    @DisplayName("RULES 6: above the limit, only verified frames leave: nothing from a changed frame on")
    void changedFrameAboveTheLimit() throws Exception {
        byte[] plaintext = Ciphers.random(3 * HOLD);
        byte[] message = Ciphers.encrypt(small, plaintext);
        int header = message.length - 3 * HOLD - 29 * 32 - 40;
        byte[] changed = Ciphers.flipped(message, header + 20 * (FRAME + 32) + 100);

        for (int chunk : new int[] {1, 512, changed.length}) {
            Written written = through(Ciphers.ours(Ciphers.GCM, Cipher.DECRYPT_MODE, small), changed, chunk);
            assertThat(written.bytes()).isEqualTo(Arrays.copyOf(plaintext, 20 * FRAME));
        }
        byte[] early = Ciphers.flipped(message, header + 5 * (FRAME + 32) + 100);
        assertThat(through(Ciphers.ours(Ciphers.GCM, Cipher.DECRYPT_MODE, small), early, 512)
                        .bytes())
                .isEmpty();
    }

    @ParameterizedTest
    @DisplayName("RULES 6: exactly as many bytes as the limit are held, one more is not")
    @CsvSource({"9999, 0", "10000, 0", "10001, 0", "11001, 11000"})
    void theLimit(int size, int releasedByUpdate) throws Exception {
        byte[] message = Ciphers.encrypt(small, Ciphers.random(size));
        Cipher cipher = Ciphers.ours(Ciphers.GCM, Cipher.DECRYPT_MODE, small);
        int released = 0;
        for (byte b : Arrays.copyOf(message, message.length - 1)) {
            byte[] out = cipher.update(new byte[] {b});
            released += out == null ? 0 : out.length;
        }
        assertThat(released).isEqualTo(releasedByUpdate);
        byte[] rest = cipher.doFinal(message, message.length - 1, 1);
        assertThat(released + rest.length).isEqualTo(size);
    }

    @Test
    @DisplayName("decrypt.hold = 0 releases each frame at once under AES/GCM too")
    void noHold() throws Exception {
        KmsSecretKey streaming = Ciphers.handle(service, "master", "decrypt.hold", "0");
        byte[] plaintext = Ciphers.random(3 * FRAME);
        byte[] message = Ciphers.encrypt(small, plaintext);
        Cipher cipher = Ciphers.ours(Ciphers.GCM, Cipher.DECRYPT_MODE, streaming);

        assertThat(cipher.update(message, 0, message.length - 1)).hasSize(2 * FRAME);
        assertThat(cipher.doFinal(message, message.length - 1, 1)).hasSize(FRAME);
    }
}
