package dev.kmsenvelope.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.kmsenvelope.engine.MessageDecryptor.Release;
import dev.kmsenvelope.engine.MessageReader;
import dev.kmsenvelope.engine.SpoolException;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KmsUnavailableException;
import dev.kmsenvelope.kms.SecretBytes;
import dev.kmsenvelope.provider.S3Objects.Stored;
import dev.kmsenvelope.testing.Allocation;
import dev.kmsenvelope.testing.Ciphers;
import dev.kmsenvelope.testing.InMemoryKeyService;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.ProviderException;
import java.security.spec.AlgorithmParameterSpec;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.CipherInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Messages of Tink and S3 objects, which have one tag, that are longer than what may be held in memory. */
class SpooledObjectsTest {

    private static final int SIZE = 300_000;
    private static final byte[] TEXT = Ciphers.random(SIZE);
    private static final int KEY_ID = 77;

    @TempDir
    Path directory;

    private final InMemoryKeyService service = new InMemoryKeyService().withKey("master");

    /** What has one tag, or none. */
    enum Kind {
        TINK,
        TINK_WITH_PREFIX,
        S3_VERSION_2,
        S3_VERSION_3,
        S3_LEGACY;

        boolean isAuthenticated() {
            return this != S3_LEGACY;
        }

        EnvelopeFormat format() {
            return this == TINK || this == TINK_WITH_PREFIX ? EnvelopeFormat.TINK : EnvelopeFormat.S3EC;
        }

        String transformation() {
            return format() == EnvelopeFormat.TINK ? TinkEnvelopeTest.TINK : S3Objects.TRANSFORMATION;
        }
    }

    /** A message and what it takes to read it. */
    private record Sealed(Kind kind, byte[] message, AlgorithmParameterSpec spec) {

        Cipher reader(KmsSecretKey key) throws Exception {
            return Ciphers.ours(kind.transformation(), Cipher.DECRYPT_MODE, key, spec);
        }

        EnvelopeChannels channels(KmsSecretKey key) throws Exception {
            EnvelopeChannels channels = EnvelopeChannels.of(key).format(kind.format());
            return spec instanceof TinkParameterSpec tink
                    ? channels.with(tink)
                    : spec instanceof S3EncryptionMetadata metadata
                            ? channels.with(EnvelopeParameterSpec.builder()
                                    .s3Metadata(metadata)
                                    .build())
                            : channels;
        }

        MessageReader open(KmsSecretKey key) throws Exception {
            EnvelopeParameterSpec.Builder given = EnvelopeParameterSpec.builder();
            EnvelopeCodec codec = EnvelopeCodec.of(kind.format());
            if (spec instanceof S3EncryptionMetadata metadata) {
                given.s3Metadata(metadata);
            } else if (spec != null) {
                codec = codec.with(spec);
            }
            return codec.read(key, given.build(), EncryptionContext.empty(), Release.EACH_FRAME);
        }

        Sealed with(byte[] other) {
            return new Sealed(kind, other, spec);
        }
    }

    private Sealed sealed(Kind kind, byte[] text) throws Exception {
        KmsSecretKey key = Ciphers.handle(
                service,
                "master",
                S3Objects.POLICY,
                S3Objects.policy(kind == Kind.S3_VERSION_2 ? 2 : 3),
                "cache.max-age",
                "0s");
        if (kind.format() == EnvelopeFormat.TINK) {
            TinkParameterSpec spec = kind == Kind.TINK ? null : TinkParameterSpec.ofKeyId(KEY_ID);
            return new Sealed(kind, TinkEnvelopeTest.encrypt(key, spec, text, new byte[0]), spec);
        }
        Stored object = kind == Kind.S3_LEGACY ? S3Objects.legacy(service, text) : S3Objects.encrypt(key, text);
        return new Sealed(kind, object.body(), S3EncryptionMetadata.of(object.metadata()));
    }

    private KmsSecretKey reading(String hold, String spool) {
        return reading(hold, spool, directory);
    }

    private KmsSecretKey reading(String hold, String spool, Path where) {
        return Ciphers.uncachedHandle(
                service,
                "master",
                "decrypt.hold",
                hold,
                "decrypt.spool",
                spool,
                "decrypt.spool-directory",
                where.toString(),
                S3Objects.POLICY,
                S3Objects.READS_ALL,
                "s3.legacy",
                "true");
    }

    @AfterEach
    void nothingIsLeft() throws IOException {
        assertThat(directory).isEmptyDirectory();
        assertThat(openFiles()).isEmpty();
        assertThat(service.handedOut).allMatch(SecretBytes::isDestroyed);
    }

    private List<Path> openFiles() throws IOException {
        Path descriptors = Path.of("/proc/self/fd");
        if (!Files.isDirectory(descriptors)) {
            return List.of();
        }
        try (Stream<Path> open = Files.list(descriptors)) {
            return open.filter(this::wasInTheDirectory).toList();
        }
    }

    private boolean wasInTheDirectory(Path link) {
        try {
            return Files.readSymbolicLink(link).startsWith(directory.toRealPath());
        } catch (IOException e) {
            return false; // it was closed meanwhile
        }
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("RULES 6: nothing leaves before the end, wherever it is held")
    void nothingLeavesEarly(Kind kind) throws Exception {
        Sealed sealed = sealed(kind, TEXT);
        byte[] message = sealed.message();
        for (String hold : new String[] {"0", "1", "65535", "299984", "299999", "300000", "1MiB"}) {
            Random random = new Random(hold.hashCode());
            Cipher cipher = sealed.reader(reading(hold, "300016"));
            for (int i = 0; i < 2; i++) {
                int at = 0;
                while (message.length - at > 5000) {
                    int count = 1 + random.nextInt(at < 500 ? 3 : 20_000);
                    count = Math.min(count, message.length - at);
                    assertThat(cipher.update(message, at, count)).isNull();
                    at += count;
                }
                assertThat(cipher.doFinal(message, at, message.length - at)).isEqualTo(TEXT);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("Every call form, with all of it in one call, or most of it before")
    void callForms(Kind kind) throws Exception {
        Sealed sealed = sealed(kind, TEXT);
        byte[] message = sealed.message();
        KmsSecretKey key = reading("1000", "1MiB");
        int room = SIZE + 16;
        for (int before : new int[] {0, 1, 2000, 200_000, message.length}) {
            Cipher cipher = sealed.reader(key);
            byte[] out = new byte[room];
            cipher.update(message, 0, before);
            assertThat(cipher.doFinal(message, before, message.length - before, out, 0))
                    .isEqualTo(SIZE);
            assertThat(Arrays.copyOf(out, SIZE)).isEqualTo(TEXT);
            cipher.update(message, 0, before);
            ByteBuffer direct = ByteBuffer.allocateDirect(room);
            ByteBuffer rest = ByteBuffer.wrap(message, before, message.length - before);
            assertThat(cipher.doFinal(rest.asReadOnlyBuffer(), direct)).isEqualTo(SIZE);
            assertThat(direct.flip()).isEqualTo(ByteBuffer.wrap(TEXT));
            cipher.update(message, 0, before);
            assertThat(cipher.doFinal(message, before, message.length - before)).isEqualTo(TEXT);
        }
        try (CipherInputStream stream = new CipherInputStream(new ByteArrayInputStream(message), sealed.reader(key))) {
            assertThat(stream.readAllBytes()).isEqualTo(TEXT);
        }
        assertThat(throughChannels(sealed, key)).isEqualTo(TEXT);
    }

    private static byte[] throughChannels(Sealed sealed, KmsSecretKey key) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        EnvelopeChannels.Result result = sealed.channels(key).decrypt(new ByteArrayInputStream(sealed.message()), out);
        assertThat(result.plaintextLength()).isEqualTo(out.size());
        assertThat(result.messageLength()).isEqualTo(sealed.message().length);
        return out.toByteArray();
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("Every bit flip and every truncation of a message that is spooled: refused, and nothing is written")
    void everyChange(Kind kind) throws Exception {
        assumeTrue(kind.isAuthenticated());
        Sealed sealed = sealed(kind, Ciphers.random(40));
        byte[] message = sealed.message();
        KmsSecretKey key = reading("0", "1000");
        assertThat(throughChannels(sealed, key)).hasSize(40);
        for (int at = 0; at < message.length; at++) {
            for (byte[] wrong : new byte[][] {Ciphers.flipped(message, at), Arrays.copyOf(message, at)}) {
                ByteArrayOutputStream out = new ByteArrayOutputStream();
                assertThatExceptionOfType(AEADBadTagException.class)
                        .as("at %d", at)
                        .isThrownBy(() -> sealed.channels(key).decrypt(new ByteArrayInputStream(wrong), out));
                assertThat(out.size()).isZero();
            }
        }
        assertThatExceptionOfType(AEADBadTagException.class)
                .isThrownBy(() -> throughChannels(sealed.with(Arrays.copyOf(message, message.length + 1)), key));
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("A change that only the end tells: nothing is written, and the next message is read")
    void changedLate(Kind kind) throws Exception {
        assumeTrue(kind.isAuthenticated());
        Sealed sealed = sealed(kind, TEXT);
        byte[] wrong = Ciphers.flipped(sealed.message(), SIZE / 2);
        Cipher cipher = sealed.reader(reading("1000", "1MiB"));
        assertThat(cipher.update(wrong, 0, SIZE)).isNull();
        byte[] out = new byte[SIZE + 16];
        assertThatExceptionOfType(AEADBadTagException.class)
                .isThrownBy(() -> cipher.doFinal(wrong, SIZE, wrong.length - SIZE, out, 0));
        assertThat(out).containsOnly(0);
        assertThat(openFiles()).isEmpty();
        assertThat(cipher.doFinal(sealed.message())).isEqualTo(TEXT);
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("Longer than allowed: refused before it is decrypted, and the text names both settings")
    void limits(Kind kind) throws Exception {
        Sealed sealed = sealed(kind, TEXT);
        for (String spool : new String[] {"0", "299999"}) {
            for (String hold : new String[] {"1000", "299983"}) {
                KmsSecretKey key = reading(hold, spool);
                assertThatExceptionOfType(AEADBadTagException.class)
                        .isThrownBy(() -> throughChannels(sealed, key))
                        .withMessageContaining("decrypt.hold")
                        .withMessageContaining("decrypt.spool")
                        .withMessageContaining(" " + Math.max(Long.parseLong(hold), Long.parseLong(spool)) + " bytes");
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("A file that cannot be made is a failure of input and output, not of the message")
    void noDirectory(Kind kind) throws Exception {
        KmsSecretKey key = reading("1000", "1MiB", directory.resolve("missing"));
        Sealed sealed = sealed(kind, TEXT);
        assertThatThrownBy(() -> throughChannels(sealed, key))
                .isInstanceOf(IOException.class)
                .hasCauseInstanceOf(NoSuchFileException.class);
        Cipher cipher = sealed.reader(key);
        assertThatThrownBy(() -> cipher.update(sealed.message(), 0, SIZE)).isInstanceOf(SpoolException.class);
        assertThat(cipher.update(sealed.message(), 0, SIZE)).isNull();
        assertThatThrownBy(cipher::doFinal).isInstanceOf(SpoolException.class);
        assertThat(cipher.doFinal(sealed.message()))
                .as("one call needs no file")
                .isEqualTo(TEXT);
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("A file that takes no more, as on a full disk, here because the thread was interrupted")
    void writeFails(Kind kind) throws Exception {
        Sealed sealed = sealed(kind, TEXT);
        for (int before : new int[] {2000, 100_000, SIZE - 1}) {
            Cipher cipher = sealed.reader(reading("1000", "1MiB"));
            assertThat(cipher.update(sealed.message(), 0, before)).isNull();
            try {
                Thread.currentThread().interrupt();
                assertThatExceptionOfType(SpoolException.class)
                        .isThrownBy(() -> cipher.doFinal(sealed.message(), before, sealed.message().length - before))
                        .isInstanceOf(ProviderException.class)
                        .withCauseInstanceOf(ClosedByInterruptException.class);
            } finally {
                assertThat(Thread.interrupted()).isTrue();
            }
            assertThat(openFiles()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("What was changed in the file, or cut off it, is found, and none of it leaves")
    void damagedFile(Kind kind) throws Exception {
        assumeTrue(Files.isDirectory(Path.of("/proc/self/fd")));
        Sealed sealed = sealed(kind, TEXT);
        KmsSecretKey key = reading("1000", "1MiB");
        for (int at : new int[] {0, 65_536 + 20, -1}) {
            try (MessageReader reader = sealed.open(key)) {
                reader.feed(sealed.message(), 0, sealed.message().length);
                assertThat(reader.available()).isZero();
                Path file = openFiles().get(0);
                try (FileChannel changing = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                    if (at < 0) {
                        changing.truncate(changing.size() - 100);
                    } else {
                        ByteBuffer one = ByteBuffer.allocate(1);
                        changing.read(one, at);
                        changing.write(ByteBuffer.wrap(new byte[] {(byte) (one.get(0) ^ 1)}), at);
                    }
                }
                reader.finish();
                assertThat(reader.available()).isEqualTo(SIZE);
                byte[] out = new byte[SIZE];
                assertThatExceptionOfType(SpoolException.class).isThrownBy(() -> reader.drain(out, 0));
                assertThat(out).containsOnly(0);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("A message that is given up: init, and closing, remove the file")
    void abandoned(Kind kind) throws Exception {
        Sealed sealed = sealed(kind, TEXT);
        KmsSecretKey key = reading("1000", "1MiB");
        Cipher cipher = sealed.reader(key);
        cipher.update(sealed.message(), 0, SIZE);
        assertThat(openFiles()).hasSizeLessThanOrEqualTo(1);
        cipher.init(Cipher.DECRYPT_MODE, key, sealed.spec());
        assertThat(openFiles()).isEmpty();
        MessageReader reader = sealed.open(key);
        reader.feed(sealed.message(), 0, SIZE);
        reader.close();
        assertThat(reader.available()).isZero();
        assertThat(openFiles()).isEmpty();
        MessageReader read = sealed.open(key);
        read.feed(sealed.message(), 0, sealed.message().length);
        read.finish();
        assertThat(read.next()).isNotEmpty();
        read.close();
        assertThat(read.available()).isZero();
    }

    @Test
    @DisplayName("RULES 19: a failing service is thrown when the file begins, and again at the end; it is asked once")
    void failingService() throws Exception {
        Sealed sealed = sealed(Kind.TINK, TEXT);
        int before = service.decrypted.get();
        Cipher cipher = sealed.reader(reading("1000", "1MiB"));
        assertThat(cipher.update(sealed.message(), 0, 1000)).isNull();
        assertThat(service.decrypted).hasValue(before);
        service.failWith(() -> new KmsUnavailableException("away"));
        assertThatThrownBy(() -> cipher.update(sealed.message(), 1000, 2000))
                .isInstanceOf(KmsUnavailableException.class);
        service.failWith(() -> null);
        assertThat(cipher.update(sealed.message(), 3000, 2000)).isNull();
        assertThatThrownBy(cipher::doFinal).isInstanceOf(KmsUnavailableException.class);
        assertThat(cipher.update(sealed.message(), 0, SIZE)).isNull();
        assertThat(cipher.doFinal(sealed.message(), SIZE, sealed.message().length - SIZE))
                .isEqualTo(TEXT);
        assertThat(service.decrypted).hasValue(before + 1);
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("32 MiB are read in little memory, and leave in small pieces")
    void constantMemory(Kind kind) throws Exception {
        byte[] text = Ciphers.random(32 << 20);
        Sealed sealed = sealed(kind, text);
        try (MessageReader reader = sealed.open(reading("256KiB", "1GiB"))) {
            int piece = 1 << 20;
            reader.feed(sealed.message(), 0, piece);
            long allocated = Allocation.of(() -> {
                for (int at = piece; at < sealed.message().length; at += piece) {
                    int length = Math.min(piece, sealed.message().length - at);
                    assertThat(reader.availableAfter(sealed.message(), at, length, length))
                            .isZero();
                    reader.feed(sealed.message(), at, length);
                }
            });
            assertThat(allocated).isLessThan(8L << 20);
            reader.finish();
            int at = 0;
            for (byte[] next = reader.next(); next.length > 0; next = reader.next()) {
                assertThat(next.length).isLessThanOrEqualTo(64 * 1024);
                assertThat(Arrays.equals(next, 0, next.length, text, at, at + next.length))
                        .isTrue();
                at += next.length;
            }
            assertThat(at).isEqualTo(text.length);
        }
    }
}
