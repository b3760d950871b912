package dev.kmsenvelope.tink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.kmsenvelope.crypto.GcmProvider;
import dev.kmsenvelope.crypto.Hkdf;
import dev.kmsenvelope.engine.HeldPlaintext;
import dev.kmsenvelope.format.InvalidMessageException;
import dev.kmsenvelope.testing.TestVectors;
import java.security.Provider;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The streams that Tink's own tests have, with their keys, and the layout's arithmetic. */
class StreamVectorsTest {

    private static final Provider GCM = GcmProvider.find(GcmProvider.AUTO);

    private static StreamingKey key(JsonObject vector) {
        return new StreamingKey(
                TestVectors.hex(vector, "ikm"),
                Hkdf.valueOf(vector.get("hash").getAsString()),
                StreamLayout.of(
                        vector.get("segment").getAsInt(), vector.get("derived").getAsInt()));
    }

    private static byte[] open(StreamingKey key, byte[] stream, byte[] aad, int piece) throws InvalidMessageException {
        HeldPlaintext plaintext = new HeldPlaintext();
        int header = key.layout().headerLength();
        StreamOpening.Opened opened = new StreamOpening(GCM, List.of(key), aad).open(stream, stream.length);
        try (SegmentsOpener body = new SegmentsOpener(opened, plaintext, 1)) {
            for (int at = header; at < stream.length; at += piece) {
                int end = Math.min(stream.length, at + piece);
                for (int from = at; from < end; ) {
                    from += body.feed(stream, from, end - from);
                }
            }
            body.finish();
        }
        return plaintext.takeAll();
    }

    @Test
    @DisplayName("8 of 8 open, in pieces of any size, and segment by segment in any order")
    void vectors() throws Exception {
        int count = 0;
        for (JsonElement element :
                TestVectors.read("tink/aes_gcm_hkdf_streaming.json").getAsJsonArray("vectors")) {
            JsonObject vector = element.getAsJsonObject();
            StreamingKey key = key(vector);
            byte[] stream = TestVectors.hex(vector, "ct");
            byte[] aad = TestVectors.hex(vector, "aad");
            byte[] plaintext = TestVectors.hex(vector, "pt");
            for (int piece : new int[] {1, 7, 63, 64, 65, 1000}) {
                assertThat(open(key, stream, aad, piece)).isEqualTo(plaintext);
            }
            StreamLayout layout = key.layout();
            assertThat(layout.plaintextLength(stream.length)).isEqualTo(plaintext.length);
            assertThat(layout.streamLength(plaintext.length)).isEqualTo(stream.length);
            byte[] alone = new byte[plaintext.length];
            try (SegmentCipher segments =
                    SegmentCipher.derive(GCM, key, Arrays.copyOf(stream, layout.headerLength()), aad)) {
                long last = layout.segments(stream.length) - 1;
                for (long number = last; number >= 0; number--) {
                    int start = (int) layout.segmentOffset(number);
                    int length = Math.min(layout.segmentLength(number), stream.length - start);
                    int at = (int) Math.max(0, number * layout.plaintextSegmentLength() - layout.headerLength());
                    segments.open(number, number == last, stream, start, length, alone, number == 0 ? 0 : at);
                    long wrong = number;
                    assertThatThrownBy(
                                    () -> segments.open(wrong, wrong != last, stream, start, length, new byte[100], 0))
                            .isInstanceOf(InvalidMessageException.class);
                    assertThatThrownBy(() ->
                                    segments.open(wrong + 1, wrong == last, stream, start, length, new byte[100], 0))
                            .isInstanceOf(InvalidMessageException.class);
                }
            }
            assertThat(alone).isEqualTo(plaintext);
            count++;
        }
        assertThat(count).isEqualTo(8);
    }

    @Test
    void arithmetic() {
        StreamLayout layout = StreamLayout.of(64, 16);
        for (int plaintext = 0; plaintext < 500; plaintext++) {
            long stream = layout.streamLength(plaintext);
            assertThat(layout.plaintextLength(stream)).isEqualTo(plaintext);
            assertThat(layout.segments(stream)).isEqualTo(layout.segmentsBeforeLast(plaintext) + 1);
            assertThat(layout.plaintextBeforeLast(stream)).isLessThanOrEqualTo(plaintext);
        }
        for (int segment : new int[] {-1, 0, 40}) {
            assertThatThrownBy(() -> StreamLayout.of(segment, 16)).isInstanceOf(IllegalArgumentException.class);
        }
        for (int derived : new int[] {0, 15, 24, -1}) {
            assertThatThrownBy(() -> StreamLayout.of(4096, derived)).isInstanceOf(IllegalArgumentException.class);
        }
        assertThat(StreamLayout.of(41, 16).plaintextSegmentLength()).isEqualTo(25);
    }

    @Test
    @DisplayName("The number of a segment is 32 bits wide and no more")
    void numbers() throws Exception {
        StreamingKey key = new StreamingKey(new byte[16], Hkdf.SHA256, StreamLayout.of(64, 16));
        byte[] header = new byte[24];
        byte[] sealed = new byte[20];
        byte[] out = new byte[4];
        try (SegmentCipher segments = SegmentCipher.derive(GCM, key, header, header)) {
            segments.seal(segments.cipher(), 0xFFFF_FFFFL, true, new byte[4], 0, 4, sealed, 0);
            assertThat(segments.open(0xFFFF_FFFFL, true, sealed, 0, 20, out, 0)).isEqualTo(4);
            segments.seal(segments.cipher(), 0, true, new byte[4], 0, 4, sealed, 0);
            assertThatThrownBy(() -> segments.open(1L << 32, true, sealed, 0, 20, out, 0))
                    .isInstanceOf(InvalidMessageException.class)
                    .hasMessageContaining("2^32");
            assertThatThrownBy(() -> segments.open(0, true, sealed, 0, 15, out, 0))
                    .isInstanceOf(InvalidMessageException.class);
        }
    }
}
