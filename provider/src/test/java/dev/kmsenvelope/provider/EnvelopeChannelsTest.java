package dev.kmsenvelope.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.kmsenvelope.kms.KmsUnavailableException;
import dev.kmsenvelope.testing.Ciphers;
import dev.kmsenvelope.testing.InMemoryKeyService;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.channels.IllegalBlockingModeException;
import java.nio.channels.Pipe;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.InvalidKeyException;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Channels and streams: the messages of the cipher, in and out, and nothing that was not verified. */
class EnvelopeChannelsTest {

    private static final int FRAME = 64 * 1024;

    private final InMemoryKeyService service = new InMemoryKeyService().withKey("master");
    private final KmsSecretKey handle = Ciphers.handle(service, "master", "parallelism", "4");

    @TempDir
    private Path directory;

    private FileChannel file(String name, byte[] content) throws IOException {
        Path path = directory.resolve(name);
        Files.write(path, content);
        return FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
    }

    private byte[] content(String name) throws IOException {
        return Files.readAllBytes(directory.resolve(name));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, FRAME - 1, FRAME, FRAME + 1, 300_000, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 5_000_000})
    @DisplayName("Files: what is written the cipher opens, and the reverse")
    void files(int size) throws Exception {
        byte[] text = Ciphers.random(size);
        EnvelopeParameterSpec spec = Ciphers.context("tenant", "a");
        EnvelopeChannels channels = EnvelopeChannels.of(handle).with(spec);
        try (FileChannel plain = file("plain", text);
                FileChannel message = file("message", new byte[0]);
                FileChannel opened = file("opened", new byte[0])) {
            EnvelopeChannels.Result written = channels.encrypt(plain, message);
            message.position(0);
            EnvelopeChannels.Result read = channels.decrypt(message, opened);

            assertThat(content("opened")).isEqualTo(text);
            assertThat(read).isEqualTo(written);
            assertThat(read.plaintextLength()).isEqualTo(size);
            assertThat(read.messageLength()).isEqualTo(message.size());
            assertThat(read.context().asMap()).containsEntry("tenant", "a");
        }
        assertThat(Ciphers.ours(Ciphers.ENVELOPE, Cipher.DECRYPT_MODE, handle, spec)
                        .doFinal(content("message")))
                .isEqualTo(text);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        EnvelopeChannels.of(handle).decrypt(new ByteArrayInputStream(Ciphers.encrypt(handle, text)), out);
        assertThat(out.toByteArray()).isEqualTo(text);
    }

    /** Gives and takes a few bytes at a time. */
    private record Trickle(Random random, InputStream in, OutputStream out)
            implements ReadableByteChannel, WritableByteChannel {

        @Override
        public int read(ByteBuffer buffer) throws IOException {
            byte[] bytes = new byte[1 + random.nextInt(Math.min(100_000, buffer.remaining()))];
            int count = in.read(bytes);
            if (count > 0) {
                buffer.put(bytes, 0, count);
            }
            return count;
        }

        @Override
        public int write(ByteBuffer buffer) throws IOException {
            byte[] bytes = new byte[1 + random.nextInt(buffer.remaining())];
            buffer.get(bytes);
            out.write(bytes);
            return bytes.length;
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }

    @Test
    @DisplayName("Channels may give and take less than they are asked for; associated data counts")
    void partial() throws Exception {
        byte[] text = Ciphers.random(2_000_000);
        EnvelopeChannels channels = EnvelopeChannels.of(handle).withAad(new byte[] {1, 2});
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        Random random = new Random(3);
        Trickle encrypting = new Trickle(random, new ByteArrayInputStream(text), message);
        channels.encrypt(encrypting, encrypting);
        ByteArrayOutputStream opened = new ByteArrayOutputStream();
        Trickle decrypting = new Trickle(random, new ByteArrayInputStream(message.toByteArray()), opened);
        channels.decrypt(decrypting, decrypting);
        assertThat(opened.toByteArray()).isEqualTo(text);

        ByteArrayOutputStream none = new ByteArrayOutputStream();
        assertThatExceptionOfType(AEADBadTagException.class)
                .isThrownBy(() ->
                        EnvelopeChannels.of(handle).decrypt(new ByteArrayInputStream(message.toByteArray()), none));
        assertThat(none.size()).isZero();
    }

    @Test
    @DisplayName(
            "RULES 6: what precedes a bad frame or the place where a message breaks off is written, and nothing else")
    void badMessages() throws Exception {
        byte[] text = Ciphers.random(40 * FRAME);
        byte[] message = Ciphers.encrypt(handle, text, FRAME);
        int stride = FRAME + 32;
        int header = message.length - 39 * stride - (FRAME + 40);
        for (int bad : new int[] {0, 1, 14, 15, 16, 17, 31, 38, 39}) {
            int at = header + bad * stride;
            for (byte[] wrong : new byte[][] {Ciphers.flipped(message, at + 500), Arrays.copyOf(message, at + 500)}) {
                try (FileChannel in = file("wrong", wrong);
                        FileChannel out = file("opened", new byte[0])) {
                    assertThatExceptionOfType(AEADBadTagException.class)
                            .isThrownBy(() -> EnvelopeChannels.of(handle).decrypt(in, out));
                }
                assertThat(content("opened")).isEqualTo(Arrays.copyOf(text, bad * FRAME));
            }
        }
    }

    @Test
    @DisplayName("A pipe: frames leave as soon as they are there, while the sender is silent")
    void pipesFlow() throws Exception {
        byte[] text = Ciphers.random(3 * FRAME);
        byte[] message = Ciphers.encrypt(handle, text, FRAME);
        PipedOutputStream sender = new PipedOutputStream();
        PipedInputStream in = new PipedInputStream(sender, message.length);
        PipedInputStream receiver = new PipedInputStream(text.length);
        PipedOutputStream out = new PipedOutputStream(receiver);
        CompletableFuture<EnvelopeChannels.Result> result = CompletableFuture.supplyAsync(() -> {
            try (out) {
                return EnvelopeChannels.of(handle).decrypt(in, out);
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        int most = message.length - 10;
        sender.write(message, 0, most);
        sender.flush();
        assertThat(receiver.readNBytes(2 * FRAME)).isEqualTo(Arrays.copyOf(text, 2 * FRAME));
        sender.write(message, most, 10);
        sender.close();
        assertThat(receiver.readAllBytes()).isEqualTo(Arrays.copyOfRange(text, 2 * FRAME, 3 * FRAME));
        assertThat(result.get().plaintextLength()).isEqualTo(text.length);
    }

    @Test
    @DisplayName("A channel that does not block is refused before the key service is asked")
    void nonBlocking() throws Exception {
        Pipe pipe = Pipe.open();
        try (Pipe.SourceChannel source = pipe.source();
                Pipe.SinkChannel sink = pipe.sink()) {
            source.configureBlocking(false);
            sink.configureBlocking(false);
            EnvelopeChannels channels = EnvelopeChannels.of(handle);
            ReadableByteChannel empty = Channels.newChannel(InputStream.nullInputStream());
            assertThatExceptionOfType(IllegalBlockingModeException.class)
                    .isThrownBy(() -> channels.encrypt(source, Channels.newChannel(OutputStream.nullOutputStream())));
            assertThatExceptionOfType(IllegalBlockingModeException.class)
                    .isThrownBy(() -> channels.decrypt(empty, sink));
        }
        assertThat(service.handedOut).isEmpty();
    }

    @Test
    @DisplayName("What the channels throw comes as it is, also while others are working, and data keys are wiped")
    void inputAndOutputFail() throws Exception {
        byte[] text = Ciphers.random(4_000_000);
        byte[] message = Ciphers.encrypt(handle, text);
        EnvelopeChannels channels = EnvelopeChannels.of(handle);
        IOException full = new IOException("disk full");
        OutputStream failing = new OutputStream() {
            private int calls;

            @Override
            public void write(int b) throws IOException {
                throw full;
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                if (calls++ == 1) {
                    throw full;
                }
            }
        };
        InputStream breaking = new ByteArrayInputStream(text) {
            @Override
            public synchronized int read(byte[] bytes, int offset, int length) {
                if (pos > 2_000_000) {
                    throw new IllegalStateException("broken");
                }
                return super.read(bytes, offset, length);
            }
        };
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> channels.decrypt(new ByteArrayInputStream(message), failing))
                .isSameAs(full);
        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(() -> channels.encrypt(breaking, OutputStream.nullOutputStream()))
                .withMessage("broken");
        assertThat(service.handedOut).allMatch(secret -> secret.isDestroyed());
        service.failWith(() -> new KmsUnavailableException("down"));
        EnvelopeChannels uncached = EnvelopeChannels.of(Ciphers.uncachedHandle(service, "master"));
        assertThatExceptionOfType(KmsUnavailableException.class)
                .isThrownBy(() -> uncached.decrypt(new ByteArrayInputStream(message), OutputStream.nullOutputStream()));
    }

    @Test
    @DisplayName("An interrupt closes a file channel, as channels do")
    void interrupts() throws Exception {
        try (FileChannel in = file("plain", Ciphers.random(3_000_000));
                FileChannel out = file("message", new byte[0])) {
            Ciphers.encrypt(handle, new byte[1]); // so that nobody has to wait for a data key
            Thread.currentThread().interrupt();
            assertThatExceptionOfType(ClosedByInterruptException.class)
                    .isThrownBy(() -> EnvelopeChannels.of(handle).encrypt(in, out));
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @Test
    @DisplayName("A handle that may only decrypt or only encrypt does no more")
    void usage() {
        KmsSecretKey decrypts = Ciphers.handle(service, "master", "key.master.usage", "decrypt");
        KmsSecretKey encrypts = Ciphers.handle(service, "master", "key.master.usage", "encrypt");
        InputStream in = InputStream.nullInputStream();
        OutputStream out = OutputStream.nullOutputStream();
        assertThatExceptionOfType(InvalidKeyException.class)
                .isThrownBy(() -> EnvelopeChannels.of(decrypts).encrypt(in, out));
        assertThatExceptionOfType(InvalidKeyException.class)
                .isThrownBy(() -> EnvelopeChannels.of(encrypts).decrypt(in, out));
    }

    @Test
    @DisplayName("One channel as input and output is refused: it would read what it wrote")
    void oneChannelForBoth() throws Exception {
        EnvelopeChannels channels = EnvelopeChannels.of(handle);
        try (FileChannel both = file("both", Ciphers.random(1000))) {
            assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(() -> channels.encrypt(both, both));
            assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(() -> channels.decrypt(both, both));
        }
        assertThat(content("both")).isEqualTo(Ciphers.random(1000));
    }
}
