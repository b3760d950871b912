package dev.kmsenvelope.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.Gson;
import dev.kmsenvelope.format.InvalidMessageException;
import dev.kmsenvelope.format.InvalidMessageException.Reason;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FlatJsonTest {

    @Test
    void whatIsWrittenIsReadHereAndByOthersAndIsAscii() throws Exception {
        Random random = new Random(1);
        for (int i = 0; i < 300; i++) {
            Map<String, String> pairs = new LinkedHashMap<>();
            for (int j = random.nextInt(5); j > 0; j--) {
                pairs.put(text(random), text(random));
            }
            String json = FlatJson.write(pairs);
            assertThat(StandardCharsets.US_ASCII.newEncoder().canEncode(json)).isTrue();
            assertThat(FlatJson.read(json)).isEqualTo(pairs);
            assertThat((Object) new Gson().fromJson(json, Map.class)).isEqualTo(pairs);
            assertThat(FlatJson.read(new Gson().toJson(pairs))).isEqualTo(pairs);
        }
    }

    private static String text(Random random) {
        return random.ints(random.nextInt(6), 0, 0x120)
                .map(c -> c > 0x110 ? 0x1F600 + c : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    @Test
    void whitespaceAndEscapesOfOthersAreRead() throws Exception {
        assertThat(FlatJson.read(" { \"a\" :\t\"\\/\\b\\f\\n\\r\\t\\u00E4\\\"\\\\\" ,\r\n\"b\":\"\"} "))
                .isEqualTo(Map.of("a", "/\b\f\n\r\t\u00e4\"\\", "b", ""));
        assertThat(FlatJson.read("{}")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "{",
                "}",
                "[]",
                "null",
                "\"a\"",
                "{}{}",
                "{} x",
                "{,}",
                "{\"a\"}",
                "{\"a\":}",
                "{\"a\":1}",
                "{\"a\":null}",
                "{\"a\":true}",
                "{\"a\":{}}",
                "{\"a\":[\"b\"]}",
                "{\"a\":\"b\",}",
                "{\"a\":\"b\" \"c\":\"d\"}",
                "{\"a\":\"b\",\"a\":\"c\"}",
                "{\"a\":\"b\",\"\\u0061\":\"b\"}",
                "{a:\"b\"}",
                "{'a':'b'}",
                "{\"a\":\"b",
                "{\"a\":\"\\",
                "{\"a\":\"\\x\"}",
                "{\"a\":\"\\u12\"}",
                "{\"a\":\"\\u12g4\"}",
                "{\"a\":\"\\u\uff11\uff12\uff13\uff14\"}",
                "{\"a\":\"\n\"}",
                "\ufeff{}",
                "=?UTF-8?Q?{}?="
            })
    void anythingElseIsRefused(String json) {
        assertThatThrownBy(() -> FlatJson.read(json))
                .isInstanceOfSatisfying(
                        InvalidMessageException.class,
                        e -> assertThat(e.reason()).isEqualTo(Reason.MALFORMED));
    }
}
