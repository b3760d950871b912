package dev.kmsenvelope.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmsenvelope.engine.MessageDecryptor.Release;
import dev.kmsenvelope.engine.MessageReader;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.testing.Allocation;
import dev.kmsenvelope.testing.Ciphers;
import dev.kmsenvelope.testing.InMemoryKeyService;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.ProviderException;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.CipherInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Signed messages that are longer than what may be held in memory. */
class SpooledMessagesTest {

    private static final int SIZE = 300_000;
    private static final byte[] TEXT = Ciphers.random(SIZE);

    @TempDir
    Path directory;

    private final InMemoryKeyService service = new InMemoryKeyService().withKey("master");
    private final KmsSecretKey writing =
            Ciphers.handle(service, "master", "esdk.suite", "0578", "frame-length", "1000");

    private KmsSecretKey reading(String hold, String spool) {
        return reading(hold, spool, directory);
    }

    private KmsSecretKey reading(String hold, String spool, Path where) {
        return Ciphers.handle(
                service,
                "master",
                "decrypt.hold",
                hold,
                "decrypt.spool",
                spool,
                "decrypt.spool-directory",
                where.toString());
    }

    @AfterEach
    void nothingIsLeft() throws IOException {
        assertThat(directory).isEmptyDirectory();
        Path descriptors = Path.of("/proc/self/fd");
        if (Files.isDirectory(descriptors)) {
            try (Stream<Path> open = Files.list(descriptors)) {
                assertThat(open.filter(this::wasInTheDirectory)).isEmpty();
            }
        }
    }

    private boolean wasInTheDirectory(Path link) {
        try {
            return Files.readSymbolicLink(link).startsWith(directory.toRealPath());
        } catch (IOException e) {
            return false; // it was closed meanwhile
        }
    }

    @Test
    @DisplayName("RULES 6: nothing of a signed message leaves before its signature is verified, wherever it is held")
    void nothingLeavesEarly() throws Exception {
        byte[] message = Ciphers.encrypt(writing, TEXT);
        for (String hold : new String[] {"0", "1000", "1001", "100000", "299999", "300000", "1MiB"}) {
            for (int seed = 0; seed < 3; seed++) {
                Random random = new Random(seed);
                Cipher cipher = Ciphers.ours(Ciphers.ENVELOPE, Cipher.DECRYPT_MODE, reading(hold, "300000"));
                int at = 0;
                while (message.length - at > 5000) {
                    int count = 1 + random.nextInt(5000);
                    assertThat(cipher.update(message, at, count)).isNull();
                    at += count;
                }
                assertThat(cipher.doFinal(message, at, message.length - at)).isEqualTo(TEXT);
            }
        }
    }

    @Test
    @DisplayName("every call form, with all of it in one call, or most of it before")
    void callForms() throws Exception {
        byte[] message = Ciphers.encrypt(writing, TEXT);
        KmsSecretKey key = reading("1000", "1MiB");
        assertThat(Ciphers.decrypt(key, message)).isEqualTo(TEXT);
        byte[] out = new byte[SIZE + 106];
        for (int before : new int[] {0, 1, 200_000, message.length}) {
            Cipher cipher = Ciphers.ours(Ciphers.GCM, Cipher.DECRYPT_MODE, key);
            cipher.update(message, 0, before);
            assertThat(cipher.doFinal(message, before, message.length - before, out, 0))
                    .isEqualTo(SIZE);
            assertThat(Arrays.copyOf(out, SIZE)).isEqualTo(TEXT);
            ByteBuffer direct = ByteBuffer.allocateDirect(SIZE + 106);
            cipher.update(message, 0, before);
            ByteBuffer rest = ByteBuffer.wrap(message, before, message.length - before);
            assertThat(cipher.doFinal(rest.asReadOnlyBuffer(), direct)).isEqualTo(SIZE);
            assertThat(direct.flip()).isEqualTo(ByteBuffer.wrap(TEXT));
            cipher.update(message, 0, before);
            assertThat(cipher.doFinal(message, before, message.length - before)).isEqualTo(TEXT);
        }
        try (CipherInputStream stream = new CipherInputStream(
                new ByteArrayInputStream(message), Ciphers.ours(Ciphers.GCM, Cipher.DECRYPT_MODE, key))) {
            assertThat(stream.readAllBytes()).isEqualTo(TEXT);
        }
        assertThat(throughChannels(key, message)).isEqualTo(TEXT);
    }

    private static byte[] throughChannels(KmsSecretKey key, byte[] message) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        EnvelopeChannels.Result result = EnvelopeChannels.of(key).decrypt(new ByteArrayInputStream(message), out);
        assertThat(result.plaintextLength()).isEqualTo(out.size());
        return out.toByteArray();
    }

    @Test
    @DisplayName("a signature that is wrong, or missing: nothing is written")
    void wrongSignature() throws Exception {
        byte[] message = Ciphers.encrypt(writing, TEXT);
        KmsSecretKey key = reading("1000", "1MiB");
        for (byte[] wrong : new byte[][] {
            Ciphers.flipped(message, message.length - 1),
            Arrays.copyOf(message, message.length - 1),
            Arrays.copyOf(message, message.length - 120),
            Arrays.copyOf(message, message.length + 1),
            Ciphers.flipped(message, message.length - 5000)
        }) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            assertThatExceptionOfType(AEADBadTagException.class)
                    .isThrownBy(() -> EnvelopeChannels.of(key).decrypt(new ByteArrayInputStream(wrong), out));
            assertThat(out.size()).isZero();
            assertThatExceptionOfType(AEADBadTagException.class).isThrownBy(() -> Ciphers.decrypt(key, wrong));
        }
    }

    @Test
    @DisplayName("longer than allowed: refused, and the text names the setting")
    void limits() throws Exception {
        byte[] message = Ciphers.encrypt(writing, TEXT);
        for (String spool : new String[] {"0", "299999"}) {
            for (KmsSecretKey key : new KmsSecretKey[] {reading("1000", spool), reading("299999", spool)}) {
                assertThatExceptionOfType(AEADBadTagException.class)
                        .isThrownBy(() -> Ciphers.decrypt(key, message))
                        .withMessageContaining("decrypt.spool");
                assertThatExceptionOfType(AEADBadTagException.class)
                        .isThrownBy(() -> throughChannels(key, message))
                        .withMessageContaining("decrypt.spool");
            }
        }
    }

    @Test
    @DisplayName("a file that cannot be made is a failure of input and output, not of the message")
    void noDirectory() throws Exception {
        KmsSecretKey key = reading("1000", "1MiB", directory.resolve("missing"));
        byte[] message = Ciphers.encrypt(writing, TEXT);
        assertThatThrownBy(() -> throughChannels(key, message))
                .isInstanceOf(IOException.class)
                .hasCauseInstanceOf(NoSuchFileException.class);
        Cipher cipher = Ciphers.ours(Ciphers.GCM, Cipher.DECRYPT_MODE, key);
        assertThatThrownBy(() -> cipher.update(message)).isInstanceOf(ProviderException.class);
        assertThatThrownBy(cipher::doFinal).isInstanceOf(ProviderException.class);
        byte[] unsigned = Ciphers.encrypt(Ciphers.handle(service, "master"), TEXT);
        assertThat(throughChannels(key, unsigned)).isEqualTo(TEXT);
        assertThat(Ciphers.decrypt(key, Ciphers.encrypt(writing, new byte[1000])))
                .hasSize(1000);
    }

    @Test
    @DisplayName("64 MiB are read in the memory of a few frames, and leave in small pieces")
    void constantMemory() throws Exception {
        int piece = 1 << 20;
        byte[] text = Ciphers.random(piece);
        KmsSecretKey fast = Ciphers.handle(service, "master", "esdk.suite", "0578");
        KmsSecretKey key = reading("256KiB", "1GiB");
        Cipher writer = Ciphers.ours(Ciphers.ENVELOPE, Cipher.ENCRYPT_MODE, fast);
        EnvelopeParameterSpec none = EnvelopeParameterSpec.builder().build();
        byte[] message = new byte[2 * piece];
        try (MessageReader reader =
                EnvelopeCodec.of(EnvelopeFormat.ESDK).read(key, none, EncryptionContext.empty(), Release.EACH_FRAME)) {
            for (int i = 0; i < 4; i++) {
                reader.feed(message, 0, writer.update(text, 0, piece, message, 0));
            }
            long allocated = Allocation.of(() -> {
                for (int i = 0; i < 60; i++) {
                    reader.feed(message, 0, writer.update(text, 0, piece, message, 0));
                    assertThat(reader.availableAfter(message, 0, piece, piece)).isZero();
                }
            });
            assertThat(allocated).isLessThan(16L << 20);
            reader.feed(message, 0, writer.doFinal(text, 0, 0, message, 0));
            reader.finish();
            long all = 0;
            for (byte[] next = reader.next(); next.length > 0; next = reader.next()) {
                assertThat(next.length).isLessThanOrEqualTo(512 * 1024);
                for (int i = 0; i < next.length; i += 997) {
                    assertThat(next[i]).isEqualTo(text[(int) ((all + i) % piece)]);
                }
                all += next.length;
            }
            assertThat(all).isEqualTo(64L << 20);
        }
    }
}
