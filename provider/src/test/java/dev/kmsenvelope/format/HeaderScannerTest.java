package dev.kmsenvelope.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmsenvelope.format.InvalidMessageException.Reason;
import dev.kmsenvelope.testing.Allocation;
import dev.kmsenvelope.testing.Grammar;
import dev.kmsenvelope.testing.HandMadeMessage;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class HeaderScannerTest {

    private static final byte[] TAG = HandMadeMessage.ascending(16, 200);

    private static Grammar start() {
        return new Grammar().u8(2).u16(0x0478).bytes(new byte[32]);
    }

    private static Grammar key(Grammar header, int info, int ciphertext) {
        return header.field("p").field(new byte[info]).field(new byte[ciphertext]);
    }

    private static byte[] header(int keys) {
        Grammar header = start().field(
                        new Grammar().u16(1).pairs("name", "value").done())
                .u16(keys);
        for (int i = 0; i < keys; i++) {
            key(header, i % 3, 2 * i);
        }
        return header.u8(2).u32(4096).bytes(new byte[32]).bytes(TAG).done();
    }

    private static byte[] header1(int keys) {
        Grammar header = start1().field(
                        new Grammar().u16(1).pairs("name", "value").done())
                .u16(keys);
        for (int i = 0; i < keys; i++) {
            key(header, i % 3, 2 * i);
        }
        return header.u8(2)
                .u32(0)
                .u8(12)
                .u32(4096)
                .bytes(new byte[12])
                .bytes(TAG)
                .done();
    }

    private static Grammar start1() {
        return new Grammar().hex("01 80 0178").bytes(new byte[16]);
    }

    @ParameterizedTest
    @DisplayName("RULES 8: a suite is read in the version of messages that it belongs to, and in no other")
    @EnumSource(AlgorithmSuite.class)
    void everySuiteHasItsVersion(AlgorithmSuite suite) {
        for (int version : new int[] {1, 2}) {
            byte[] start = new Grammar()
                    .bytes(version == 1 ? new byte[] {1, (byte) 0x80} : new byte[] {2})
                    .u16(suite.id())
                    .done();
            HeaderScanner scanner = new HeaderScanner(HeaderLimits.DEFAULT);
            if (version == suite.messageVersion()) {
                assertThatCode(() -> scanner.feed(start, 0, start.length)).doesNotThrowAnyException();
                assertThat(scanner.suite()).isEqualTo(suite);
                assertThat(scanner.copy().suite()).isEqualTo(suite);
            } else {
                assertThatThrownBy(() -> scanner.feed(start, 0, start.length))
                        .isInstanceOfSatisfying(
                                InvalidMessageException.class,
                                e -> assertThat(e.reason()).isEqualTo(Reason.NOT_ALLOWED));
            }
        }
    }

    @ParameterizedTest
    @MethodSource
    void howTheInputIsCutMakesNoDifference(byte[] header) throws Exception {
        byte[] withRest = Grammar.join(header, new byte[] {7, 7, 7});
        for (int cut = 0; cut <= withRest.length; cut++) {
            HeaderScanner scanner = new HeaderScanner(HeaderLimits.DEFAULT);
            int taken = scanner.feed(withRest, 0, cut);
            assertThat(scanner.isComplete()).isEqualTo(cut >= header.length);
            assertThat(scanner.wanted() == 0).isEqualTo(scanner.isComplete());
            assertThat(scanner.wanted()).isBetween(0, header.length - taken);
            HeaderScanner copy = scanner.copy();

            assertThat(taken + scanner.feed(withRest, cut, withRest.length - cut))
                    .isEqualTo(header.length);
            assertComplete(scanner, header);
            assertThat(copy.size()).isEqualTo(taken);
            copy.feed(withRest, cut, withRest.length - cut);
            assertComplete(copy, header);
        }
        HeaderScanner scanner = new HeaderScanner(HeaderLimits.DEFAULT);
        for (int at = 0; at < header.length; at++) {
            assertThat(scanner.isComplete()).isFalse();
            assertThatThrownBy(scanner::withTag).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(scanner::tag).isInstanceOf(IllegalStateException.class);
            assertThat(scanner.feed(withRest, at, 1)).isEqualTo(1);
        }
        assertComplete(scanner, header);
        assertThat(scanner.feed(withRest, header.length, 3)).isZero();
    }

    static List<byte[]> howTheInputIsCutMakesNoDifference() {
        return List.of(header(1), header(2), header(16), header1(1), header1(2), header1(16));
    }

    private static void assertComplete(HeaderScanner scanner, byte[] header) {
        assertThat(scanner.isComplete()).isTrue();
        assertThat(scanner.size()).isEqualTo(header.length);
        assertThat(scanner.withTag()).isEqualTo(header);
        assertThat(scanner.tag()).isEqualTo(TAG);
    }

    @Test
    void readingByWantedTakesExactlyTheHeader() throws Exception {
        byte[] header = header(5);
        HeaderScanner scanner = new HeaderScanner(HeaderLimits.DEFAULT);
        int at = 0;
        while (!scanner.isComplete()) {
            at += scanner.feed(header, at, scanner.wanted());
        }
        assertThat(at).isEqualTo(header.length);
    }

    static List<Arguments> refused() {
        HeaderLimits small = new HeaderLimits(16, 1000, 4096);
        Grammar oneKey = key(start().u16(0).u16(1), 0, 0);
        return List.of(
                Arguments.of("type 0", HeaderLimits.DEFAULT, new byte[] {1, 0}, Reason.MALFORMED),
                Arguments.of(
                        "suite 0478 in version 1",
                        HeaderLimits.DEFAULT,
                        new Grammar().hex("01 80 0478").done(),
                        Reason.NOT_ALLOWED),
                Arguments.of(
                        "17 keys in version 1",
                        HeaderLimits.DEFAULT,
                        start1().u16(0).u16(17).done(),
                        Reason.NOT_ALLOWED),
                Arguments.of(
                        "a frame length over the limit in version 1",
                        small,
                        new Grammar()
                                .bytes(key(start1().u16(0).u16(1), 0, 0).done())
                                .u8(2)
                                .u32(0)
                                .u8(12)
                                .u32(4097)
                                .bytes(new byte[28])
                                .done(),
                        Reason.NOT_ALLOWED),
                Arguments.of("version 0", HeaderLimits.DEFAULT, new byte[] {0}, Reason.MALFORMED),
                Arguments.of("version 3", HeaderLimits.DEFAULT, new byte[] {3}, Reason.MALFORMED),
                Arguments.of(
                        "suite 0178",
                        HeaderLimits.DEFAULT,
                        new Grammar().hex("02 0178").done(),
                        Reason.NOT_ALLOWED),
                Arguments.of(
                        "suite FFFF",
                        HeaderLimits.DEFAULT,
                        new Grammar().hex("02 FFFF").done(),
                        Reason.NOT_ALLOWED),
                Arguments.of(
                        "no keys", HeaderLimits.DEFAULT, start().u16(0).u16(0).done(), Reason.MALFORMED),
                Arguments.of(
                        "17 keys", HeaderLimits.DEFAULT, start().u16(0).u16(17).done(), Reason.NOT_ALLOWED),
                Arguments.of(
                        "65535 keys",
                        HeaderLimits.DEFAULT,
                        start().u16(0).u16(65535).done(),
                        Reason.NOT_ALLOWED),
                Arguments.of("a long context", small, start().u16(65535).done(), Reason.NOT_ALLOWED),
                Arguments.of(
                        "a long provider id",
                        small,
                        start().u16(0).u16(1).u16(65535).done(),
                        Reason.NOT_ALLOWED),
                Arguments.of(
                        "a long info",
                        small,
                        start().u16(0).u16(1).field("p").u16(65535).done(),
                        Reason.NOT_ALLOWED),
                Arguments.of(
                        "a long ciphertext",
                        small,
                        start().u16(0).u16(1).field("p").u16(0).u16(65535).done(),
                        Reason.NOT_ALLOWED),
                Arguments.of(
                        "a frame length over the limit",
                        small,
                        new Grammar()
                                .bytes(oneKey.done())
                                .u8(2)
                                .u32(4097)
                                .bytes(new byte[48])
                                .done(),
                        Reason.NOT_ALLOWED),
                Arguments.of(
                        "a frame length of 2^32-1",
                        HeaderLimits.DEFAULT,
                        new Grammar()
                                .bytes(oneKey.done())
                                .u8(2)
                                .u32(0xFFFF_FFFFL)
                                .bytes(new byte[48])
                                .done(),
                        Reason.NOT_ALLOWED),
                Arguments.of(
                        "a frame length of 2^31",
                        HeaderLimits.DEFAULT,
                        new Grammar()
                                .bytes(oneKey.done())
                                .u8(2)
                                .u32(0x8000_0000L)
                                .bytes(new byte[48])
                                .done(),
                        Reason.NOT_ALLOWED));
    }

    @ParameterizedTest(name = "{0}")
    @DisplayName("RULES 4: refused with the byte that says so, before room is made for what it announces")
    @MethodSource("refused")
    void limits(String what, HeaderLimits limits, byte[] input, Reason reason) throws Exception {
        HeaderScanner scanner = new HeaderScanner(limits);
        scanner.feed(input, 0, input.length - 1);
        HeaderScanner warmUp = scanner.copy();
        assertRefused(warmUp, input, input.length - 1, 1, reason);

        long allocated = Allocation.of(() -> assertRefused(scanner, input, input.length - 1, 1, reason));

        assertThat(allocated).as(what).isLessThan(32 * 1024);
        assertRefused(scanner, input, 0, 1, reason);
        assertRefused(scanner.copy(), input, 0, 1, reason);
        assertThat(scanner.isComplete()).isFalse();
    }

    private static void assertRefused(HeaderScanner scanner, byte[] in, int offset, int length, Reason reason) {
        try {
            scanner.feed(in, offset, length);
        } catch (InvalidMessageException e) {
            assertThat(e.reason()).isEqualTo(reason);
            return;
        }
        throw new AssertionError("not refused");
    }

    @Test
    @DisplayName("RULES 4: what a length field promises is not allocated before it arrives")
    void promises() throws Exception {
        byte[] input = start().u16(65535).done();
        HeaderScanner scanner = new HeaderScanner(HeaderLimits.DEFAULT);

        assertThat(Allocation.of(() -> scanner.feed(input, 0, input.length))).isLessThan(16 * 1024);
        assertThat(scanner.wanted()).isEqualTo(65535 + 2);
    }

    @Test
    void theHeaderLimitIsExact() throws Exception {
        byte[] header = header(3);
        new HeaderScanner(new HeaderLimits(3, header.length, 4096)).feed(header, 0, header.length);
        for (HeaderLimits limits : List.of(
                new HeaderLimits(2, header.length, 4096),
                new HeaderLimits(3, header.length - 1, 4096),
                new HeaderLimits(3, header.length, 4095))) {
            assertRefused(new HeaderScanner(limits), header, 0, header.length, Reason.NOT_ALLOWED);
        }
    }

    @Test
    void limitsThatArithmeticCannotHoldAreRefused() {
        assertThatThrownBy(() -> new HeaderLimits(16, 1000, Integer.MAX_VALUE))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new HeaderLimits(16, Integer.MAX_VALUE, 4096))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
