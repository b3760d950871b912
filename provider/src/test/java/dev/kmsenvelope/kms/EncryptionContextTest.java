package dev.kmsenvelope.kms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmsenvelope.testing.Grammar;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class EncryptionContextTest {

    private static final String EMOJI = "\uD83D\uDE00";
    private static final String LIGATURE = "\uFB00";

    @Test
    @DisplayName(
            "pairs are in the order of UTF-8 bytes, where supplementary characters come last, other than in UTF-16")
    void order() {
        assertThat(EMOJI.compareTo(LIGATURE)).as("the order of UTF-16").isNegative();
        Map<String, String> pairs = new LinkedHashMap<>();
        pairs.put(EMOJI, "1");
        pairs.put("b", "2");
        pairs.put(LIGATURE, "3");
        pairs.put("a", "4");
        pairs.put("ab", "5");
        pairs.put("Z", "6");
        EncryptionContext context = EncryptionContext.of(pairs);
        byte[] expected = new Grammar()
                .u16(6)
                .pairs("Z", "6", "a", "4", "ab", "5", "b", "2", LIGATURE, "3", EMOJI, "1")
                .done();

        assertThat(context.serialize()).isEqualTo(expected);
        assertThat(context.serializedLength()).isEqualTo(expected.length);
        assertThat(context.asMap().keySet()).containsExactly("Z", "a", "ab", "b", LIGATURE, EMOJI);
        assertThat(context.asMap()).isEqualTo(pairs);
    }

    @Test
    void theEmptyContextHasNoBytes() {
        assertThat(EncryptionContext.of(Map.of())).isSameAs(EncryptionContext.empty());
        assertThat(EncryptionContext.empty().serialize()).isEmpty();
        assertThat(EncryptionContext.empty().serializedLength()).isZero();
        assertThat(EncryptionContext.empty().isEmpty()).isTrue();
    }

    static List<Map<String, String>> refused() {
        return List.of(
                Map.of("", "a"),
                Map.of("a", ""),
                Map.of("\uD83D", "a"),
                Map.of("a", "x\uDE00"),
                Map.of("a".repeat(32768), "a"),
                Map.of("a", "a".repeat(32767 - 2 - 4)),
                Map.of("a", "ä".repeat(16384)),
                Map.of("a", "a".repeat(16380), "b", "b".repeat(16380)),
                Map.of("aws-crypto-public-key", "a"),
                Map.of("a", "b", "aws-crypto-", "a"));
    }

    @ParameterizedTest
    @MethodSource("refused")
    void whatDoesNotFitTheFormatIsRefused(Map<String, String> pairs) {
        assertThatThrownBy(() -> EncryptionContext.of(pairs)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theLimitIsExact() {
        EncryptionContext context = EncryptionContext.of(Map.of("a", "a".repeat(32767 - 2 - 4 - 1)));

        assertThat(context.serializedLength()).isEqualTo(32767);
    }

    @Test
    void reservedNamesAreAllowedInMessagesOnly() {
        Map<String, String> pairs = Map.of("aws-crypto-public-key", "a");
        assertThat(EncryptionContext.ofMessage(pairs).asMap()).isEqualTo(pairs);
        assertThat(EncryptionContext.of(Map.of("Aws-crypto-x", "a", "aws-crypto", "b"))
                        .asMap())
                .hasSize(2);
    }

    @Test
    void plusIsTheUnion() {
        EncryptionContext a = EncryptionContext.of(Map.of("a", "1"));
        EncryptionContext b = EncryptionContext.of(Map.of("b", "2"));
        EncryptionContext both = EncryptionContext.of(Map.of("a", "1", "b", "2"));

        assertThat(a.plus(b)).isEqualTo(both).hasSameHashCodeAs(both);
        assertThat(b.plus(a).serialize()).isEqualTo(both.serialize());
        assertThat(both.plus(a)).isEqualTo(both);
        assertThat(a.plus(EncryptionContext.empty())).isSameAs(a);
        assertThat(EncryptionContext.empty().plus(a)).isEqualTo(a);
        assertThatThrownBy(() -> a.plus(EncryptionContext.of(Map.of("a", "secret"))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'a'")
                .hasMessageNotContaining("secret");
        EncryptionContext large = EncryptionContext.of(Map.of("c", "c".repeat(32000)));
        EncryptionContext larger = EncryptionContext.of(Map.of("d", "d".repeat(1000)));
        assertThatThrownBy(() -> large.plus(larger)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void containsAllComparesNamesAndValues() {
        EncryptionContext both = EncryptionContext.of(Map.of("a", "1", "b", "2"));

        assertThat(both.containsAll(EncryptionContext.empty())).isTrue();
        assertThat(both.containsAll(both)).isTrue();
        assertThat(both.containsAll(EncryptionContext.of(Map.of("b", "2")))).isTrue();
        assertThat(both.containsAll(EncryptionContext.of(Map.of("b", "1")))).isFalse();
        assertThat(both.containsAll(EncryptionContext.of(Map.of("c", "1")))).isFalse();
        assertThat(EncryptionContext.empty().containsAll(both)).isFalse();
    }

    @Test
    void itCannotBeChanged() {
        Map<String, String> pairs = new LinkedHashMap<>(Map.of("a", "1"));
        EncryptionContext context = EncryptionContext.of(pairs);
        pairs.put("b", "2");
        context.serialize()[0] = 9;

        assertThat(context.asMap()).hasSize(1);
        assertThat(context.serialize()[0]).isZero();
        assertThatThrownBy(() -> context.asMap().put("c", "3")).isInstanceOf(UnsupportedOperationException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"topsecret"})
    @DisplayName("RULES 20: toString tells no values")
    void toStringTellsNoValues(String value) {
        assertThat(EncryptionContext.of(Map.of("name", value)).toString())
                .contains("name")
                .doesNotContain(value);
    }
}
