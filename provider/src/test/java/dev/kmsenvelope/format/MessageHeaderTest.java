package dev.kmsenvelope.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmsenvelope.format.InvalidMessageException.Reason;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.testing.Grammar;
import dev.kmsenvelope.testing.HandMadeMessage;
import dev.kmsenvelope.testing.Headers;
import java.io.ByteArrayInputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Headers, put together from the grammar of the specification (FORMATS 1). */
class MessageHeaderTest {

    private static final byte[] ID = HandMadeMessage.ascending(32, 1);
    private static final byte[] COMMITMENT = HandMadeMessage.ascending(32, 100);
    private static final byte[] TAG = HandMadeMessage.ascending(16, 200);
    private static final EncryptedDataKey KEY_1 = new EncryptedDataKey("aws-kms", new byte[] {1, 2}, new byte[] {3});
    private static final EncryptedDataKey KEY_2 = new EncryptedDataKey("ä", new byte[0], new byte[0]);

    private static Grammar start(int suite) {
        return new Grammar().u8(2).u16(suite).bytes(ID);
    }

    private static Grammar oneKey(Grammar header) {
        return header.u16(1).field("aws-kms").field((byte) 1, (byte) 2).field((byte) 3);
    }

    private static byte[] end(Grammar header, int contentType, long frameLength) {
        return header.u8(contentType).u32(frameLength).bytes(COMMITMENT).done();
    }

    static List<Arguments> wellFormed() {
        EncryptionContext pairs = EncryptionContext.of(Map.of("b", "2", "a", "1", "ä", "ö"));
        byte[] ser = new Grammar().u16(3).pairs("a", "1", "b", "2", "ä", "ö").done();
        Grammar twoKeys = start(0x0578)
                .field(ser)
                .u16(2)
                .field("aws-kms")
                .field((byte) 1, (byte) 2)
                .field((byte) 3)
                .field("ä")
                .u16(0)
                .u16(0);
        return List.of(
                Arguments.of(
                        AlgorithmSuite.AES_256_GCM_HKDF_SHA512_COMMIT_KEY,
                        EncryptionContext.empty(),
                        List.of(KEY_1),
                        4096,
                        end(oneKey(start(0x0478).u16(0)), 2, 4096)),
                Arguments.of(
                        AlgorithmSuite.AES_256_GCM_HKDF_SHA512_COMMIT_KEY_ECDSA_P384,
                        pairs,
                        List.of(KEY_1, KEY_2),
                        1,
                        end(twoKeys, 2, 1)));
    }

    @ParameterizedTest
    @MethodSource("wellFormed")
    void writtenAndReadAsTheGrammarSays(
            AlgorithmSuite suite,
            EncryptionContext context,
            List<EncryptedDataKey> keys,
            int frameLength,
            byte[] expected)
            throws Exception {
        MessageHeader written = MessageHeader.framed(suite, ID, context, keys, frameLength, COMMITMENT);
        assertThat(written.withoutTag()).isEqualTo(expected);
        assertThat(MessageHeader.length(suite, context, keys)).isEqualTo(expected.length + 16);

        for (MessageHeader read : List.of(
                MessageHeader.parse(expected),
                MessageHeader.parse(written.withoutTag()),
                MessageHeader.read(
                        new ByteArrayInputStream(Grammar.join(expected, TAG, new byte[100])), HeaderLimits.DEFAULT))) {
            assertThat(read.suite()).isEqualTo(suite);
            assertThat(read.messageId()).isEqualTo(ID);
            assertThat(read.context()).isEqualTo(context);
            assertThat(read.encryptedDataKeys()).isEqualTo(keys);
            assertThat(read.isFramed()).isTrue();
            assertThat(read.frameLength()).isEqualTo(frameLength);
            assertThat(Headers.commitment(read)).isEqualTo(COMMITMENT);
            assertThat(read.withoutTag()).isEqualTo(expected);
        }
    }

    @Test
    void readTakesNoByteMoreThanTheHeader() throws Exception {
        byte[] header = Grammar.join(end(oneKey(start(0x0478).u16(0)), 2, 16), TAG);
        ByteArrayInputStream in = new ByteArrayInputStream(Grammar.join(header, new byte[] {42}));

        MessageHeader.read(in, HeaderLimits.DEFAULT);

        assertThat(in.read()).isEqualTo(42);
        for (int length = 0; length < header.length; length++) {
            ByteArrayInputStream cut = new ByteArrayInputStream(header, 0, length);
            assertThatThrownBy(() -> MessageHeader.read(cut, HeaderLimits.DEFAULT))
                    .isInstanceOfSatisfying(
                            InvalidMessageException.class,
                            e -> assertThat(e.reason()).isEqualTo(Reason.TRUNCATED));
        }
    }

    private static Grammar start1(int suite) {
        return new Grammar().u8(1).u8(0x80).u16(suite).bytes(Arrays.copyOf(ID, 16));
    }

    private static byte[] end1(Grammar header, int contentType, long reserved, int ivLength, long frameLength) {
        return header.u8(contentType)
                .u32(reserved)
                .u8(ivLength)
                .u32(frameLength)
                .bytes(Arrays.copyOf(COMMITMENT, 12))
                .done();
    }

    @ParameterizedTest
    @ValueSource(ints = {0x0014, 0x0046, 0x0078, 0x0114, 0x0146, 0x0178, 0x0214, 0x0346, 0x0378})
    void version1IsReadAndWrittenAsTheGrammarSays(int suite) throws Exception {
        byte[] expected = end1(oneKey(start1(suite).u16(0)), 2, 0, 12, 4096);
        MessageHeader read = MessageHeader.parse(expected);

        assertThat(read.suite().id()).isEqualTo(suite);
        assertThat(read.messageId()).isEqualTo(Arrays.copyOf(ID, 16));
        assertThat(read.commitsTo(new byte[0])).isTrue();
        assertThat(read.frameLength()).isEqualTo(4096);
        assertThat(read.sharedIv()).isEqualTo(Arrays.copyOf(COMMITMENT, 12));
        assertThat(read.withoutTag()).isEqualTo(expected);
        assertThat(read.coveredLength()).isEqualTo(expected.length - 12);
        assertThat(read.length()).isEqualTo(expected.length + 16);
        MessageHeader written = MessageHeader.framed(
                read.suite(), read.messageId(), read.context(), read.encryptedDataKeys(), 4096, new byte[0]);
        Arrays.fill(expected, expected.length - 12, expected.length, (byte) 0);
        assertThat(written.withoutTag()).isEqualTo(expected);
        assertThat(MessageHeader.length(read.suite(), read.context(), read.encryptedDataKeys()))
                .isEqualTo(expected.length + 16);
        for (int length = 0; length < expected.length; length++) {
            byte[] cut = Arrays.copyOf(expected, length);
            assertThatThrownBy(() -> MessageHeader.parse(cut)).isInstanceOf(InvalidMessageException.class);
        }
    }

    @Test
    void notFramedIsReadWithTheFrameLengthZero() throws Exception {
        MessageHeader read = MessageHeader.parse(end(oneKey(start(0x0478).u16(0)), 1, 0));

        assertThat(read.isFramed()).isFalse();
        assertThat(read.frameLength()).isZero();
    }

    @Test
    void everyTruncationIsRefused() {
        byte[] whole = end(
                oneKey(start(0x0478).field(new Grammar().u16(1).pairs("a", "1").done())), 2, 16);
        for (int length = 0; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> MessageHeader.parse(cut))
                    .as("cut at %d", length)
                    .isInstanceOf(InvalidMessageException.class);
        }
    }

    static List<Arguments> malformed() {
        return List.of(
                Arguments.of(
                        "version 1",
                        bytes(oneKey(new Grammar().u8(1).u16(0x0478).bytes(ID).u16(0)))),
                Arguments.of(
                        "version 3",
                        bytes(oneKey(new Grammar().u8(3).u16(0x0478).bytes(ID).u16(0)))),
                Arguments.of("a suite of version 1", bytes(oneKey(start(0x0178).u16(0)))),
                Arguments.of("a reserved field", end1(oneKey(start1(0x0178).u16(0)), 2, 1, 12, 16)),
                Arguments.of("a length of IVs of 13", end1(oneKey(start1(0x0178).u16(0)), 2, 0, 13, 16)),
                Arguments.of(
                        "content type 0 in version 1",
                        end1(oneKey(start1(0x0178).u16(0)), 0, 0, 12, 16)),
                Arguments.of(
                        "a suite of version 2 in version 1",
                        end1(oneKey(start1(0x0478).u16(0)), 2, 0, 12, 16)),
                Arguments.of(
                        "another type in version 1",
                        end1(
                                oneKey(new Grammar()
                                        .hex("01 81 0178")
                                        .bytes(Arrays.copyOf(ID, 16))
                                        .u16(0)),
                                2,
                                0,
                                12,
                                16)),
                Arguments.of(
                        "a byte too many in version 1",
                        Grammar.join(end1(oneKey(start1(0x0178).u16(0)), 2, 0, 12, 16), new byte[1])),
                Arguments.of("an unknown suite", bytes(oneKey(start(0x0678).u16(0)))),
                Arguments.of("a context with a count of 0", withContext(new Grammar().u16(0))),
                Arguments.of("a context of one byte", withContext(new Grammar().u8(0))),
                Arguments.of(
                        "fewer pairs than the count",
                        withContext(new Grammar().u16(2).pairs("a", "1"))),
                Arguments.of(
                        "more pairs than the count",
                        withContext(new Grammar().u16(1).pairs("a", "1", "b", "2"))),
                Arguments.of(
                        "two zero bytes after the pairs",
                        withContext(new Grammar().u16(1).pairs("a", "1").u16(0))),
                Arguments.of(
                        "a duplicate name", withContext(new Grammar().u16(2).pairs("a", "1", "a", "2"))),
                Arguments.of(
                        "a duplicate pair", withContext(new Grammar().u16(2).pairs("a", "1", "a", "1"))),
                Arguments.of("an empty name", withContext(new Grammar().u16(1).pairs("", "1"))),
                Arguments.of("an empty value", withContext(new Grammar().u16(1).pairs("a", ""))),
                Arguments.of(
                        "a value beyond the field",
                        withContext(new Grammar().u16(1).field("a").u16(9).u8(1))),
                Arguments.of(
                        "a name in bad UTF-8",
                        withContext(new Grammar().u16(1).field((byte) 0xC0).field("1"))),
                Arguments.of(
                        "an overlong NUL",
                        withContext(new Grammar().u16(1).field("a").u16(2).hex("C080"))),
                Arguments.of(
                        "a UTF-8 surrogate",
                        withContext(new Grammar().u16(1).field("a").u16(3).hex("EDA080"))),
                Arguments.of(
                        "a context beyond the limit of the Java library",
                        withContext(new Grammar().u16(1).field("a").field(new byte[32767]))),
                Arguments.of("no key", bytes(start(0x0478).u16(0).u16(0))),
                Arguments.of(
                        "fewer keys than the count",
                        bytes(start(0x0478).u16(0).u16(2).field("a").u16(0).u16(0))),
                Arguments.of(
                        "more keys than the count",
                        bytes(oneKey(start(0x0478).u16(0)).field("a").u16(0).u16(0))),
                Arguments.of(
                        "a provider in bad UTF-8",
                        bytes(start(0x0478)
                                .u16(0)
                                .u16(1)
                                .field((byte) 0xFF)
                                .u16(0)
                                .u16(0))),
                Arguments.of("content type 0", end(oneKey(start(0x0478).u16(0)), 0, 16)),
                Arguments.of("content type 3", end(oneKey(start(0x0478).u16(0)), 3, 16)),
                Arguments.of("framed without length", end(oneKey(start(0x0478).u16(0)), 2, 0)),
                Arguments.of("not framed with length", end(oneKey(start(0x0478).u16(0)), 1, 16)),
                Arguments.of("a frame length of 2^31", end(oneKey(start(0x0478).u16(0)), 2, 0x8000_0000L)),
                Arguments.of(
                        "a frame length of 2^32-1", end(oneKey(start(0x0478).u16(0)), 2, 0xFFFF_FFFFL)),
                Arguments.of(
                        "a byte too many",
                        Grammar.join(bytes(oneKey(start(0x0478).u16(0))), new byte[1])),
                Arguments.of(
                        "a tag behind it",
                        Grammar.join(bytes(oneKey(start(0x0478).u16(0))), TAG)));
    }

    private static byte[] bytes(Grammar upToKeys) {
        return end(upToKeys, 2, 16);
    }

    private static byte[] withContext(Grammar context) {
        return bytes(oneKey(start(0x0478).field(context.done())));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("malformed")
    void whatBreaksTheGrammarIsRefused(String what, byte[] header) {
        assertThatThrownBy(() -> MessageHeader.parse(header)).as(what).isInstanceOf(InvalidMessageException.class);
    }

    @Test
    @DisplayName(
            "names are read in any order, because published messages have them unsorted, and bytes stay as they are")
    void namesInAnyOrder() throws Exception {
        byte[] header = withContext(new Grammar().u16(3).pairs("\uD83D\uDE00", "1", "b", "2", "\uFB00", "3"));

        MessageHeader read = MessageHeader.parse(header);

        assertThat(read.context())
                .isEqualTo(EncryptionContext.of(Map.of("\uD83D\uDE00", "1", "b", "2", "\uFB00", "3")));
        assertThat(read.withoutTag()).isEqualTo(header);
        byte[] again = withContext(new Grammar().u16(3).pairs("b", "1", "a", "2", "b", "3"));
        assertThatThrownBy(() -> MessageHeader.parse(again)).isInstanceOf(InvalidMessageException.class);
    }

    @Test
    void fieldsAreCopiedOut() throws Exception {
        MessageHeader header = MessageHeader.parse(end(oneKey(start(0x0478).u16(0)), 2, 16));
        header.messageId()[0]++;
        header.withoutTag()[0]++;

        assertThat(header.messageId()).isEqualTo(ID);
        assertThat(header.withoutTag()[0]).isEqualTo((byte) 2);
        assertThatThrownBy(() -> header.encryptedDataKeys().clear()).isInstanceOf(UnsupportedOperationException.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, Integer.MIN_VALUE})
    void headersWithoutFramesAreNotWritten(int frameLength) {
        assertThatThrownBy(() -> MessageHeader.framed(
                        AlgorithmSuite.AES_256_GCM_HKDF_SHA512_COMMIT_KEY,
                        ID,
                        EncryptionContext.empty(),
                        List.of(KEY_1),
                        frameLength,
                        COMMITMENT))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    @DisplayName("an encrypted data key entry alone is exactly one entry")
    void entry() throws Exception {
        byte[] expected = new Grammar().field("ä").field(new byte[65535]).u16(0).done();
        EncryptedDataKey key = new EncryptedDataKey("ä", new byte[65535], new byte[0]);

        assertThat(EncryptedDataKeyEntry.serialize(key)).isEqualTo(expected);
        assertThat(EncryptedDataKeyEntry.length(key)).isEqualTo(expected.length);
        assertThat(EncryptedDataKeyEntry.parse(expected)).isEqualTo(key);
        assertThatThrownBy(() -> EncryptedDataKeyEntry.parse(Grammar.join(expected, new byte[1])))
                .isInstanceOf(InvalidMessageException.class);
        byte[] small = EncryptedDataKeyEntry.serialize(KEY_1);
        for (int length = 0; length < small.length; length++) {
            byte[] cut = Arrays.copyOf(small, length);
            assertThatThrownBy(() -> EncryptedDataKeyEntry.parse(cut)).isInstanceOf(InvalidMessageException.class);
        }
    }
}
