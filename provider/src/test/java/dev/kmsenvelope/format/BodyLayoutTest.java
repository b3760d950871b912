package dev.kmsenvelope.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmsenvelope.format.BodyLayout.Kind;
import dev.kmsenvelope.format.BodyLayout.Part;
import dev.kmsenvelope.format.InvalidMessageException.Reason;
import dev.kmsenvelope.testing.Grammar;
import dev.kmsenvelope.testing.HandMadeMessage;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BodyLayoutTest {

    private static final byte[] ID = HandMadeMessage.ascending(32, 5);

    private static BodyLayout layout(long frameLength, int maxBlock) throws InvalidMessageException {
        byte[] header = new Grammar()
                .u8(2)
                .u16(0x0478)
                .bytes(ID)
                .u16(0)
                .u16(1)
                .field("p")
                .u16(0)
                .u16(0)
                .u8(frameLength == 0 ? 1 : 2)
                .u32(frameLength)
                .bytes(new byte[32])
                .done();
        return new BodyLayout(MessageHeader.parse(header), maxBlock);
    }

    /** Regular frames of 4+12+n+16 bytes while more than a frame is left; a final one of 4+4+12+4+rest+16. */
    private static long[] bruteForce(int frameLength, int plaintextLength) {
        long frames = 0;
        long length = 0;
        int left = plaintextLength;
        while (left > frameLength) {
            frames++;
            length += 4 + 12 + frameLength + 16;
            left -= frameLength;
        }
        return new long[] {frames, length + 4 + 4 + 12 + 4 + left + 16};
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7, 8, 15, 16, 17, 31, 32, 33, 39, 40, 41, 100, 4096})
    void sizesAgreeWithBruteForce(int frameLength) throws Exception {
        BodyLayout layout = layout(frameLength, 0);
        for (int plaintext = 0; plaintext <= 4 * frameLength + 3; plaintext++) {
            long[] expected = bruteForce(frameLength, plaintext);
            assertThat(BodyLayout.regularFrames(frameLength, plaintext)).isEqualTo(expected[0]);
            assertThat(BodyLayout.bodyLength(frameLength, plaintext)).isEqualTo(expected[1]);
            assertThat(layout.plaintextLength(expected[1])).isEqualTo(plaintext);
        }
    }

    @Test
    void framesAtTheStartOfAnInputAreCounted() throws Exception {
        int frameLength = 8;
        int stride = 4 + 12 + frameLength + 16;
        BodyLayout layout = layout(frameLength, 0);
        byte[] in = new byte[2 + 4 * stride];
        java.util.Arrays.fill(in, 2 + 3 * stride, 2 + 3 * stride + 4, (byte) 0xFF);
        for (int length = 0; length <= 4 * stride; length++) {
            int complete = Math.min(3, length / stride);
            int begun = Math.min(3, (length + stride - 4) / stride);
            assertThat(layout.regularFrames(in, 2, length, 9, true)).isEqualTo(complete);
            assertThat(layout.regularFrames(in, 2, length, 9, false)).isEqualTo(begun);
            assertThat(layout.regularFrames(in, 2, length, 1, false)).isEqualTo(Math.min(1, begun));
        }
        assertThat(layout(0, 100).regularFrames(in, 2, in.length - 2, 9, false)).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 8, 9, 16, 40})
    void whatAPrefixCanYieldIsBoundedFromAbove(int frameLength) throws Exception {
        BodyLayout layout = layout(frameLength, 0);
        int stride = 4 + 12 + frameLength + 16;
        long before = 0;
        for (int length = 0; length < 5 * stride; length++) {
            long bound = layout.mostPlaintext(length);
            long onlyRegular = (long) (length / stride) * frameLength;
            long ended = layout.plaintextLength(length);
            assertThat(bound).isGreaterThanOrEqualTo(before).isEqualTo(Math.max(onlyRegular, ended));
            before = bound;
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "1, 4294967295", "65536, 1125899906842624", "1073741824, 4611686018427387904"})
    void sizesDoNotOverflow(int frameLength, long plaintext) throws Exception {
        java.math.BigInteger frames =
                java.math.BigInteger.valueOf(plaintext - 1).divide(java.math.BigInteger.valueOf(frameLength));
        long expected = frames.multiply(java.math.BigInteger.valueOf(32))
                .add(java.math.BigInteger.valueOf(40 + plaintext))
                .longValueExact();

        assertThat(BodyLayout.bodyLength(frameLength, plaintext)).isEqualTo(expected);
        assertThat(layout(frameLength, 0).plaintextLength(expected)).isEqualTo(plaintext);
    }

    @ParameterizedTest
    @CsvSource({
        "REGULAR, 1, 16, 00000001 0000000000000000 00000001",
        "REGULAR, 4294967294, 16, FFFFFFFE 0000000000000000 FFFFFFFE",
        "FINAL, 3, 7, FFFFFFFF 00000003 0000000000000000 00000003 00000007",
        "FINAL, 4294967295, 0, FFFFFFFF FFFFFFFF 0000000000000000 FFFFFFFF 00000000"
    })
    void prefixesAreWrittenAsTheGrammarSays(Kind kind, long sequence, int length, String expected) {
        byte[] bytes = new Grammar().hex(expected).done();
        byte[] out = new byte[bytes.length + 2];
        assertThat(BodyLayout.writePrefix(kind, sequence, length, out, 1)).isEqualTo(bytes.length);
        assertThat(out).isEqualTo(Grammar.join(new byte[1], bytes, new byte[1]));
    }

    @ParameterizedTest
    @CsvSource({
        "REGULAR, AWSKMSEncryptionClient Frame",
        "FINAL, AWSKMSEncryptionClient Final Frame",
        "SINGLE_BLOCK, AWSKMSEncryptionClient Single Block"
    })
    void associatedDataIsAsTheGrammarSays(Kind kind, String label) throws Exception {
        assertThat(layout(16, 0).associatedData(kind, 0xFFFF_FFFEL, 0xF_0000_0001L))
                .isEqualTo(new Grammar()
                        .bytes(ID)
                        .text(label)
                        .u32(0xFFFF_FFFEL)
                        .u64(0xF_0000_0001L)
                        .done());
    }

    @Test
    void framesAreFoundStepByStep() throws Exception {
        BodyLayout layout = layout(10, 0);
        byte[] iv = HandMadeMessage.ascending(12, 50);
        byte[] regular =
                new Grammar().u8(0).u32(5).bytes(iv).bytes(new byte[26]).done();
        for (int available = 0; available < 45; available++) {
            int enough = Math.min(available, regular.length - 1);
            assertThat(layout.wanted(regular, 1, enough)).isEqualTo(available < 4 ? 4 : 42);
        }
        Part part = layout.parse(regular, 1, 42, 5);
        assertPart(part, Kind.REGULAR, 5, iv, 16, 10);

        byte[] last = new Grammar()
                .u8(0)
                .u32(0xFFFFFFFFL)
                .u32(6)
                .bytes(iv)
                .u32(3)
                .bytes(new byte[19])
                .done();
        for (int available = 0; available < last.length; available++) {
            int expected = available < 4 ? 4 : available < 24 ? 24 : 43;
            assertThat(layout.wanted(last, 1, available)).isEqualTo(expected);
        }
        assertPart(layout.parse(last, 1, 43, 6), Kind.FINAL, 6, iv, 24, 3);
    }

    private static void assertPart(Part part, Kind kind, long sequence, byte[] iv, int offset, int length) {
        assertThat(part.kind()).isEqualTo(kind);
        assertThat(part.sequence()).isEqualTo(sequence);
        assertThat(part.iv()).isEqualTo(iv);
        assertThat(part.ciphertextOffset()).isEqualTo(offset);
        assertThat(part.ciphertextLength()).isEqualTo(length);
    }

    @Test
    void aSingleBlockIsFound() throws Exception {
        BodyLayout layout = layout(0, 100);
        byte[] iv = HandMadeMessage.ascending(12, 50);
        byte[] block = new Grammar().bytes(iv).u64(100).bytes(new byte[116]).done();

        assertThat(layout.wanted(block, 0, 0)).isEqualTo(20);
        assertThat(layout.wanted(block, 0, 19)).isEqualTo(20);
        assertThat(layout.wanted(block, 0, 20)).isEqualTo(136);
        assertPart(layout.parse(block, 0, 136, 1), Kind.SINGLE_BLOCK, 1, iv, 20, 100);
        assertThat(layout.plaintextLength(136)).isEqualTo(100);
        assertThat(layout.plaintextLength(35)).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "65",
                "7FFFFFFF",
                "80000000",
                "FFFFFFFF",
                "7FFFFFFFFFFFFFFF",
                "8000000000000000",
                "FFFFFFFFFFFFFFFF"
            })
    void absurdBlocksAreRefused(String hexLength) throws Exception {
        byte[] block = new Grammar()
                .bytes(new byte[12])
                .u64(HexFormat.fromHexDigitsToLong(hexLength))
                .done();
        assertThatThrownBy(() -> layout(0, 100).wanted(block, 0, 20))
                .isInstanceOfSatisfying(
                        InvalidMessageException.class,
                        e -> assertThat(e.reason()).isEqualTo(Reason.NOT_ALLOWED));
    }

    @ParameterizedTest
    @ValueSource(longs = {11, 0x7FFF_FFFFL, 0x8000_0000L, 0xFFFF_FFFFL})
    void finalFramesLongerThanAFrameAreRefused(long length) throws Exception {
        byte[] last = new Grammar()
                .u32(0xFFFFFFFFL)
                .u32(1)
                .bytes(new byte[12])
                .u32(length)
                .done();
        assertThatThrownBy(() -> layout(10, 0).wanted(last, 0, 24))
                .isInstanceOfSatisfying(
                        InvalidMessageException.class,
                        e -> assertThat(e.reason()).isEqualTo(Reason.MALFORMED));
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 3, 0xFFFF_FFFEL})
    void anotherSequenceNumberIsRefused(long sequence) throws Exception {
        byte[] regular = new Grammar().u32(sequence).bytes(new byte[38]).done();
        byte[] last =
                new Grammar().u32(0xFFFFFFFFL).u32(sequence).bytes(new byte[32]).done();
        for (byte[] part : Arrays.asList(regular, last)) {
            assertThatThrownBy(() -> layout(10, 0).parse(part, 0, part.length, 2))
                    .isInstanceOf(InvalidMessageException.class);
        }
    }

    @Test
    void theLargestFramesThatLimitsAllowAreAddressable() throws Exception {
        int largest = HeaderLimits.MAX_FRAME_LENGTH;
        assertThat(layout(largest, 0).wanted(new byte[4], 0, 4)).isEqualTo(largest + 32);
        byte[] last = new Grammar()
                .u32(0xFFFFFFFFL)
                .u32(1)
                .bytes(new byte[12])
                .u32(largest)
                .done();
        assertThat(layout(largest, 0).wanted(last, 0, 24)).isEqualTo(largest + 40);
    }
}
