package dev.kmsenvelope.benchmarks.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class CommandsTest {

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(CommandLine command, String... args) {
        return command.setOut(new PrintWriter(out)).setErr(new PrintWriter(err)).execute(args);
    }

    private JsonObject json() {
        return JsonParser.parseString(out.toString()).getAsJsonObject();
    }

    @Test
    void predicts() {
        assertThat(run(FleetModel.commandLine(), "--processes=10", "--contexts=5"))
                .isZero();
        assertThat(out.toString()).contains("10 processes", "requests/s in all", "a key is disabled");
    }

    @Test
    void predictsAsJson() {
        assertThat(run(FleetModel.commandLine(), "--json", "--max-age=0s", "--reads-per-write=0", "--processes=2"))
                .isZero();
        JsonObject prediction = json().getAsJsonObject("prediction");
        assertThat(prediction.getAsJsonObject("requests").get("generate").getAsDouble())
                .isBetween(199.99, 200.01);
        assertThat(json().getAsJsonObject("fleet")
                        .getAsJsonObject("reading")
                        .get("maxAge")
                        .getAsDouble())
                .isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0.00 %",
        "-0.0, 0.00 %",
        "-1e-17, 0.00 %",
        "1e-9, 0.00 %",
        "0.0001, 0.01 %",
        "-0.01, -1.00 %",
        "0.5, 50.00 %",
        "0.999999, 99.9999 %",
        "1, 100.00 %"
    })
    void writesSharesWithoutTheSignOfNothing(double share, String text) {
        assertThat(FleetReport.percent(share)).isEqualTo(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"--messages=0", "--contexts=0", "--threads=0", "--latency=x", "--size=-1"})
    void refusesWhatMakesNoRun(String option) {
        assertThat(run(MillionMessages.commandLine(), option)).isEqualTo(2);
    }

    @Test
    void writesTheTableOfTypicalFleets() {
        assertThat(run(FleetModel.commandLine(), "table")).isZero();
        assertThat(out.toString().lines()).hasSize(2 + TypicalFleets.all().size());
    }

    @Test
    void simulates() {
        assertThat(run(
                        FleetModel.commandLine(),
                        "simulate",
                        "--processes=3",
                        "--messages=20",
                        "--max-age=2s",
                        "--contexts=3",
                        "--json"))
                .isZero();
        assertThat(json().getAsJsonObject("result").get("generate").getAsLong()).isPositive();
    }

    @Test
    void refusesWhatCannotBe() {
        assertThat(run(FleetModel.commandLine(), "--processes=0")).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(err.toString()).contains("at least one process");
        assertThat(run(FleetModel.commandLine(), "--max-age=soon")).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(run(FleetModel.commandLine(), "simulate", "--processes=100000"))
                .isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(run(FleetModel.commandLine(), "measure", "--latency=fast")).isEqualTo(CommandLine.ExitCode.USAGE);
    }

    @Test
    void countsTheRequestsOfManyMessages() {
        assertThat(run(
                        MillionMessages.commandLine(),
                        "--messages=2500",
                        "--contexts=10",
                        "--latency=1ms",
                        "--threads=1,2"))
                .as(out + " " + err)
                .isZero();
        assertThat(out.toString().lines()).hasSize(3);
    }

    @Test
    void moreRequestsThanContextsMissTheTarget() {
        assertThat(new MillionMessages.Run(1, 1000, 10, 10, 10, 1, 1).isWithinTarget())
                .isTrue();
        assertThat(new MillionMessages.Run(1, 1000, 10, 11, 10, 1, 1).isWithinTarget())
                .isFalse();
        assertThat(new MillionMessages.Run(1, 1000, 10, 10, 11, 1, 1).isWithinTarget())
                .isFalse();
    }
}
