package dev.kmsenvelope.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.streamingaead.AesGcmHkdfStreamingParameters.HashType;
import com.google.crypto.tink.streamingaead.PredefinedStreamingAeadParameters;
import dev.kmsenvelope.format.InvalidMessageException;
import dev.kmsenvelope.format.InvalidMessageException.Reason;
import dev.kmsenvelope.kms.InvalidCiphertextException;
import dev.kmsenvelope.kms.KmsUnavailableException;
import dev.kmsenvelope.testing.AeadKeyService;
import dev.kmsenvelope.testing.Ciphers;
import dev.kmsenvelope.testing.CountedChannel;
import dev.kmsenvelope.testing.KeyServices;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Random;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Parts of a stream of Tink: read by themselves, verified by themselves, in a stream whose length is proven. */
class TinkRangesTest extends TinkStreams {

    private static final int FULL = SEGMENT - TAG;
    private static final int FIRST = FULL - HEADER;

    private SeekableByteChannel open(TinkParameterSpec spec, CountedChannel stream)
            throws IOException, GeneralSecurityException {
        return EnvelopeChannels.of(handle).with(spec).withAad(AAD).open(stream);
    }

    private SeekableByteChannel open(TinkParameterSpec spec, byte[] stream)
            throws IOException, GeneralSecurityException {
        return open(spec, new CountedChannel(stream));
    }

    private static byte[] part(SeekableByteChannel plaintext, int from, int length) throws IOException {
        ByteBuffer out = ByteBuffer.allocate(length);
        int last = 0;
        plaintext.position(from);
        while (out.hasRemaining() && last >= 0) {
            last = plaintext.read(out);
        }
        return Arrays.copyOf(out.array(), out.position());
    }

    private static byte[] all(SeekableByteChannel plaintext) throws IOException {
        return part(plaintext, 0, (int) plaintext.size() + 1);
    }

    private void assertDoesNotOpen(TinkParameterSpec spec, byte[] stream, String what) {
        assertThatExceptionOfType(AEADBadTagException.class).as(what).isThrownBy(() -> open(spec, stream));
    }

    @Test
    @DisplayName("Every range of small streams, ours and Tink's, is that part of the plaintext")
    void everyRange() throws Exception {
        KeysetHandle keyset = keyset(small(HashType.SHA256));
        TinkParameterSpec spec = spec(keyset);
        for (int size : new int[] {0, 1, FIRST - 1, FIRST, FIRST + 1, FIRST + FULL, FIRST + FULL + 1, 2 * FULL + 9}) {
            byte[] text = Ciphers.random(size);
            for (byte[] stream : new byte[][] {ours(spec, text), theirs(keyset, text, AAD)}) {
                try (SeekableByteChannel plaintext = open(spec, new CountedChannel(stream, 7))) {
                    assertThat(plaintext.size()).isEqualTo(size);
                    for (int from = 0; from <= size; from++) {
                        for (int to = from; to <= size; to++) {
                            assertThat(part(plaintext, from, to - from)).isEqualTo(Arrays.copyOfRange(text, from, to));
                        }
                    }
                    assertThat(plaintext.position(size).read(ByteBuffer.allocate(1)))
                            .isEqualTo(-1);
                }
            }
        }
    }

    @Test
    @DisplayName("Random ranges of long streams are what Tink's own seekable channel gives")
    void asTink() throws Exception {
        for (TinkStreamingTemplate template : TinkStreamingTemplate.values()) {
            KeysetHandle keyset = keyset(
                    switch (template) {
                        case AES128_GCM_HKDF_4KB -> PredefinedStreamingAeadParameters.AES128_GCM_HKDF_4KB;
                        case AES128_GCM_HKDF_1MB -> PredefinedStreamingAeadParameters.AES128_GCM_HKDF_1MB;
                        case AES256_GCM_HKDF_4KB -> PredefinedStreamingAeadParameters.AES256_GCM_HKDF_4KB;
                        case AES256_GCM_HKDF_1MB -> PredefinedStreamingAeadParameters.AES256_GCM_HKDF_1MB;
                    });
            TinkParameterSpec spec = spec(keyset);
            byte[] stream = ours(spec, Ciphers.random(3_000_000));
            Random random = new Random(1);
            try (SeekableByteChannel plaintext = open(spec, stream);
                    SeekableByteChannel theirs =
                            streaming(keyset).newSeekableDecryptingChannel(new CountedChannel(stream), AAD)) {
                assertThat(plaintext.size()).isEqualTo(3_000_000);
                for (int i = 0; i < 20; i++) {
                    int from = random.nextInt(3_000_000);
                    int length = random.nextInt(100_000);
                    assertThat(part(plaintext, from, length)).isEqualTo(part(theirs, from, length));
                }
                assertThat(theirs.size()).isEqualTo(3_000_000);
            }
        }
    }

    @Test
    @DisplayName(
            "Only the header, the last segment and the segments that are asked for are read, and one KMS call is made")
    void readsLittle() throws Exception {
        TinkParameterSpec spec = spec(keyset(small(HashType.SHA256)));
        byte[] stream = ours(spec, Ciphers.random(1_000 * FULL - HEADER + 1));
        KmsSecretKey fresh = Ciphers.handle(service, AeadKeyService.KEY);
        int before = service.decrypted.get();
        CountedChannel channel = new CountedChannel(stream);
        try (SeekableByteChannel plaintext =
                EnvelopeChannels.of(fresh).with(spec).withAad(AAD).open(channel)) {
            assertThat(channel.seen()).isBetween(HEADER + TAG + 1, 40 + TAG + 1);
            channel.forget();
            part(plaintext, 500 * FULL, 1);
            assertThat(channel.seen()).isEqualTo(SEGMENT);
            part(plaintext, 500 * FULL + 3, FULL - HEADER - 3);
            assertThat(channel.seen()).isEqualTo(SEGMENT);
            part(plaintext, 501 * FULL - HEADER - 1, 2);
            assertThat(channel.seen()).isEqualTo(2 * SEGMENT);
            part(plaintext, 0, 1);
            assertThat(channel.seen()).isEqualTo(2 * SEGMENT + SEGMENT - HEADER);
        }
        assertThat(service.decrypted).hasValue(before + 1);
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    @DisplayName("A stream that was cut or grew anywhere does not open: its length is proven by the last segment")
    void lengthIsProven() throws Exception {
        TinkParameterSpec spec = spec(keyset(small(HashType.SHA256)));
        byte[] stream = ours(spec, Ciphers.random(3 * FULL - HEADER + 5));
        for (int length = 0; length < stream.length; length++) {
            assertDoesNotOpen(spec, Arrays.copyOf(stream, length), length + " bytes");
        }
        byte[] longer = ours(spec, Ciphers.random(5 * FULL));
        for (int more = 1; more <= 2 * SEGMENT; more++) {
            byte[] grown = Arrays.copyOf(stream, stream.length + more);
            assertDoesNotOpen(spec, grown, more + " zero bytes more");
            System.arraycopy(longer, stream.length, grown, stream.length, more);
            assertDoesNotOpen(spec, grown, more + " bytes of another stream more");
        }
    }

    @Test
    @DisplayName("Every flipped bit is found, at opening or where it stands, and the segments beside it are read")
    void flippedBits() throws Exception {
        TinkParameterSpec spec = spec(keyset(small(HashType.SHA256)));
        byte[] text = Ciphers.random(2 * FULL - HEADER + 5);
        byte[] stream = ours(spec, text);
        for (int bit = 0; bit < 8 * stream.length; bit++) {
            byte[] changed = stream.clone();
            changed[bit / 8] ^= (byte) (1 << bit % 8);
            int segment = bit / 8 / SEGMENT;
            if (bit / 8 < HEADER || segment == 2) {
                assertDoesNotOpen(spec, changed, "bit " + bit);
                continue;
            }
            int start = segment == 0 ? 0 : FIRST;
            int end = segment == 0 ? FIRST : FIRST + FULL;
            try (SeekableByteChannel plaintext = open(spec, changed)) {
                ByteBuffer out = ByteBuffer.allocate(text.length);
                if (start > 0) {
                    assertThat(plaintext.read(out)).isEqualTo(start);
                }
                assertThatExceptionOfType(IOException.class)
                        .isThrownBy(() -> plaintext.read(out))
                        .withCauseInstanceOf(AEADBadTagException.class);
                assertThat(out.position()).isEqualTo(start);
                assertThat(part(plaintext, end, text.length)).isEqualTo(Arrays.copyOfRange(text, end, text.length));
            }
        }
    }

    @Test
    @DisplayName("Segments that were swapped, repeated, or come from another stream are refused where they stand")
    void movedSegments() throws Exception {
        TinkParameterSpec spec = spec(keyset(small(HashType.SHA256)));
        byte[] text = Ciphers.random(4 * FULL - HEADER + 5);
        byte[] stream = ours(spec, text);
        byte[] other = ours(spec, text);
        byte[] swapped = stream.clone();
        System.arraycopy(stream, SEGMENT, swapped, 2 * SEGMENT, SEGMENT);
        System.arraycopy(stream, 2 * SEGMENT, swapped, SEGMENT, SEGMENT);
        byte[] repeated = stream.clone();
        System.arraycopy(stream, SEGMENT, repeated, 2 * SEGMENT, SEGMENT);
        byte[] foreign = stream.clone();
        System.arraycopy(other, 2 * SEGMENT, foreign, 2 * SEGMENT, SEGMENT);
        for (byte[] changed : new byte[][] {swapped, repeated, foreign}) {
            try (SeekableByteChannel plaintext = open(spec, changed)) {
                plaintext.position(2 * FULL - HEADER);
                assertThatExceptionOfType(IOException.class)
                        .isThrownBy(() -> plaintext.read(ByteBuffer.allocate(1)))
                        .withCauseInstanceOf(AEADBadTagException.class);
                assertThat(part(plaintext, 3 * FULL, 9)).isEqualTo(Arrays.copyOfRange(text, 3 * FULL, 3 * FULL + 9));
            }
        }
        ByteArrayOutputStream dropped = new ByteArrayOutputStream();
        dropped.write(stream, 0, SEGMENT);
        dropped.write(stream, 2 * SEGMENT, stream.length - 2 * SEGMENT);
        assertDoesNotOpen(spec, dropped.toByteArray(), "a segment less");
        byte[] foreignEnd = stream.clone();
        System.arraycopy(other, 4 * SEGMENT, foreignEnd, 4 * SEGMENT, stream.length - 4 * SEGMENT);
        assertDoesNotOpen(spec, foreignEnd, "another stream's end");
        byte[] foreignHeader = stream.clone();
        System.arraycopy(other, 0, foreignHeader, 0, HEADER);
        assertDoesNotOpen(spec, foreignHeader, "another stream's header");
        byte[] longer = ours(spec, Ciphers.random(9 * FULL));
        assertDoesNotOpen(spec, Arrays.copyOf(longer, 5 * SEGMENT), "cut behind a segment, which is not the last");
    }

    @Test
    @DisplayName("Of several keys the one is taken that opens the first segment, whatever their segments' length")
    void severalKeys() throws Exception {
        KeysetHandle keyset = keyset(
                small(HashType.SHA512), PredefinedStreamingAeadParameters.AES128_GCM_HKDF_4KB, small(HashType.SHA1));
        TinkParameterSpec spec = spec(keyset);
        for (int index = 0; index < keyset.size(); index++) {
            KeysetHandle.Builder builder = KeysetHandle.newBuilder(keyset);
            builder.getAt(index).makePrimary();
            KeysetHandle primary = builder.build();
            for (int size : new int[] {0, FIRST, 3 * FULL, 10_000}) {
                byte[] text = Ciphers.random(size);
                byte[] stream = theirs(primary, text, AAD);
                try (SeekableByteChannel plaintext = open(spec, stream)) {
                    assertThat(all(plaintext)).isEqualTo(text);
                }
                assertDoesNotOpen(spec, Arrays.copyOf(stream, stream.length - 1), "cut");
            }
        }
    }

    @Test
    @DisplayName("Keyset, associated data and IV must fit, and an envelope message has no parts")
    void mustFit() throws Exception {
        KeysetHandle keyset = keyset(small(HashType.SHA256));
        TinkParameterSpec spec = spec(keyset);
        Cipher encryptor = Ciphers.ours(TINK, Cipher.ENCRYPT_MODE, handle, spec);
        encryptor.updateAAD(AAD);
        byte[] stream = encryptor.doFinal(new byte[100]);
        EnvelopeChannels right = EnvelopeChannels.of(handle).with(spec).withAad(AAD);
        assertThat(all(right.with(EnvelopeParameterSpec.builder()
                                .iv(encryptor.getIV())
                                .build())
                        .open(new CountedChannel(stream))))
                .isEqualTo(new byte[100]);
        for (EnvelopeChannels wrong : new EnvelopeChannels[] {
            right.withAad(NONE),
            right.with(EnvelopeParameterSpec.builder().iv(new byte[12]).build()),
            right.with(spec(keyset(small(HashType.SHA256)))),
            right.with(spec(keyset(PredefinedStreamingAeadParameters.AES256_GCM_HKDF_4KB)))
        }) {
            assertThatExceptionOfType(AEADBadTagException.class)
                    .isThrownBy(() -> wrong.open(new CountedChannel(stream)));
        }
        assertThatExceptionOfType(InvalidCiphertextException.class)
                .isThrownBy(() -> EnvelopeChannels.of(Ciphers.handle(AeadKeyService.create(), AeadKeyService.KEY))
                        .with(spec)
                        .withAad(AAD)
                        .open(new CountedChannel(stream)));
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> right.with(Ciphers.context("a", "b")).open(new CountedChannel(stream)));
        byte[] envelope = TinkEnvelopeTest.encrypt(handle, null, new byte[9], AAD);
        assertThatExceptionOfType(AEADBadTagException.class)
                .isThrownBy(() -> EnvelopeChannels.of(handle)
                        .format(EnvelopeFormat.TINK)
                        .withAad(AAD)
                        .open(new CountedChannel(envelope)))
                .havingCause()
                .isInstanceOfSatisfying(
                        InvalidMessageException.class,
                        e -> assertThat(e.reason()).isEqualTo(Reason.NOT_ALLOWED));
    }

    @Test
    @DisplayName("What fails to be read is an I/O failure, and what fails in the service is the service's")
    void failures() throws Exception {
        TinkParameterSpec spec = spec(keyset(small(HashType.SHA256)));
        byte[] text = Ciphers.random(3 * FULL);
        byte[] stream = ours(spec, text);
        CountedChannel channel = new CountedChannel(stream);
        try (SeekableByteChannel plaintext = open(spec, channel)) {
            IOException fault = new IOException("bad disk");
            channel.failWith(fault);
            assertThatExceptionOfType(IOException.class)
                    .isThrownBy(() -> plaintext.read(ByteBuffer.allocate(1)))
                    .isSameAs(fault);
            channel.failWith(null);
            channel.replace(Arrays.copyOf(stream, SEGMENT - 1));
            assertThatExceptionOfType(IOException.class)
                    .isThrownBy(() -> plaintext.read(ByteBuffer.allocate(1)))
                    .withCauseInstanceOf(AEADBadTagException.class);
            channel.replace(stream);
            assertThat(all(plaintext)).isEqualTo(text);
        }
        KmsUnavailableException failure = new KmsUnavailableException("away");
        KmsSecretKey failing =
                Ciphers.uncachedHandle(KeyServices.failingAt("decrypt", service, () -> failure), AeadKeyService.KEY);
        CountedChannel unread = new CountedChannel(stream);
        assertThatExceptionOfType(KmsUnavailableException.class)
                .isThrownBy(() -> EnvelopeChannels.of(failing).with(spec).open(unread))
                .isSameAs(failure);
        assertThat(unread.isOpen()).isTrue();
    }
}
