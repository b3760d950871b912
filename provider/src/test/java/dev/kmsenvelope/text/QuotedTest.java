package dev.kmsenvelope.text;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class QuotedTest {

    @Test
    void whatIsPrintableStaysAsItIs() {
        assertThat(Quoted.of("alias/a b~")).isEqualTo("'alias/a b~'");
        assertThat(Quoted.key("alias/a")).isEqualTo("'alias/a'");
        assertThat(Quoted.sentence("")).isEmpty();
    }

    @Test
    void whatIsNotPrintableIsEscaped() {
        assertThat(Quoted.of("a\r\n\u001b[2J\u007f\u0085\u202e\ud83d\ude00"))
                .isEqualTo("'a\\u000d\\u000a\\u001b[2J\\u007f\\u0085\\u202e\\ud83d\\ude00'");
    }

    @Test
    void whatIsLongIsCut() {
        assertThat(Quoted.of("x".repeat(60))).isEqualTo("'" + "x".repeat(60) + "'");
        assertThat(Quoted.of("x".repeat(61))).isEqualTo("'" + "x".repeat(60) + "...'");
        assertThat(Quoted.key("x".repeat(201))).isEqualTo("'" + "x".repeat(200) + "...'");
        assertThat(Quoted.sentence("\n".repeat(1_000_000))).hasSize(6 * 200 + 3);
    }
}
