package dev.kmsenvelope.benchmarks.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.kmsenvelope.benchmarks.contenders.ContenderName;
import dev.kmsenvelope.benchmarks.contenders.StreamContenderName;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import picocli.CommandLine;

/** Tables and charts out of made-up results. */
class ComparisonTest {

    @TempDir
    private Path directory;

    @BeforeAll
    static void withoutADisplay() {
        System.setProperty("java.awt.headless", "true");
    }

    private static String jmhJson() throws IOException {
        try (InputStream in = Objects.requireNonNull(ComparisonTest.class.getResourceAsStream("jmh.json"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static Machine machine(String jdk) {
        return new Machine(
                "Some CPU",
                List.of("aes", "vaes"),
                2,
                24,
                "Linux 6.1 amd64",
                jdk,
                "Some VM",
                "2026-01-01 00:00 UTC",
                "0123456789ab",
                "quick",
                new OpenSsl("OpenSSL 3.5.7", Map.of(1024 * 1024, 14.0)),
                Map.of("Tink", "1.24.0"),
                Map.of("accp", "its native library does not load on this platform"));
    }

    private String page() throws IOException {
        ResultFiles files = new ResultFiles(directory);
        files.write(machine("25.0.3"), JmhJson.withoutPaths(jmhJson()));
        files.report();
        return Files.readString(directory.resolve("RESULTS.md"));
    }

    @Test
    void theTableSaysWhatWasReachedAndWhatWasNot() throws IOException {
        List<String> lines = page().lines().toList();

        assertThat(row(lines, "64 B encrypt", "caching"))
                .contains("| 25 | at least 7.00x | 8.00x | met |")
                .contains("SmallMessageBenchmark.encrypt -p contender=envelope,esdk -p size=64`");
        assertThat(row(lines, "64 B decrypt", "caching")).contains("| at least 5.50x | 5.00x | **missed** |");
        assertThat(row(lines, "64 B encrypt", "its keyring")).contains("| at least 12.0x | 15.3x | met |");
        assertThat(row(lines, "1 KiB encrypt, garbage", "-")).contains("| at most 4096 B | 3838 B | met |");
        assertThat(row(lines, "1 KiB decrypt, garbage", "-")).contains("| 4097 B | **missed** |");
        assertThat(row(lines, "1 KiB encrypt, 2 threads", "caching")).contains("20.0x | met");
        assertThat(row(lines, "1 KiB encrypt, 2 threads", "our own")).contains("1.94x | met");
        assertThat(row(lines, "1 MiB encrypt", "raw SunJCE")).contains("0.80x | **missed**");
        assertThat(row(lines, "1 MiB encrypt", "openssl")).contains("0.75x | met");
        assertThat(row(lines, "64 MiB stream, encrypt, 1 thread", "AWS")).contains("4.00x | met");
        assertThat(row(lines, "64 MiB stream, encrypt, 1 thread", "Tink")).contains("0.90x | **missed**");
        assertThat(row(lines, "64 MiB stream, encrypt, 2 cores", "our own")).contains("2.00x | met");
        assertThat(row(lines, "cache hit: lease", "-")).contains("80.0 ns | met");
        assertThat(row(lines, "cache hit, 2 threads", "our own")).contains("1.50x | **missed**");
        assertThat(row(lines, "64 MiB stream, decrypt, 1 thread", "AWS")).contains("not measured");
    }

    private static String row(List<String> lines, String work, String against) {
        List<String> found = lines.stream()
                .filter(line -> line.startsWith("| " + work))
                .filter(line -> line.split("\\|", -1)[2].contains(against))
                .toList();
        assertThat(found).as("%s against %s", work, against).hasSize(1);
        return found.get(0);
    }

    @Test
    void thePageShowsTheMachineAndWhereOthersAreFaster() throws IOException {
        String page = page();

        assertThat(page)
                .contains(
                        "Some CPU",
                        "aes, vaes",
                        "2 cores",
                        "OpenSSL 3.5.7, 1 MiB 14.0 GB/s",
                        "Tink 1.24.0",
                        "0123456789ab")
                .contains("Left out: accp: its native library does not load")
                .contains("| 64 B encrypt | 25 | SunJCE, raw key | 10.0x |")
                .contains("| 64 MiB encrypt | 25 | Tink streaming, 1 MiB | 1.11x |")
                .doesNotContain("| 25 | AWS Encryption SDK, cached |")
                .contains("| KmsEnvelope, Envelope | 3.00 / 2.00 | 3.00 / 2.00 |  | 5.00 / 5.00 |");
    }

    @Test
    void theMedianOfAllForksCounts() {
        String json = """
                [{"benchmark": "a.Some.run", "threads": 1, "primaryMetric": {"score": 40, "scoreError": 3,
                "scoreUnit": "us/op", "rawData": [[9, 100], [2, 7]]}}]""";
        assertThat(JmhJson.parse(json).get(0).nanoseconds()).isEqualTo(8000);
        assertThat(JmhJson.parse(json.replace("[2, 7]", "[2]")).get(0).nanoseconds())
                .isEqualTo(9000);
    }

    @Test
    void chartsAreDrawnForWhatWasMeasured() throws IOException {
        String page = page();

        for (String chart : List.of(
                "small-encrypt-jdk25.png",
                "small-decrypt-jdk25.png",
                "threads-jdk25.png",
                "garbage-jdk25.png",
                "stream-jdk25.png",
                "mebibyte-jdk25.png")) {
            assertThat(page).contains("](" + chart + ")");
            assertThat(ImageIO.read(directory.resolve(chart).toFile()).getWidth())
                    .as(chart)
                    .isGreaterThan(500);
        }
    }

    @Test
    void nothingTellsWhereOnTheMachineItWas() throws IOException {
        page();

        assertThat(Files.readString(directory.resolve("jmh-jdk25.json")))
                .contains("-Xmx2g")
                .doesNotContain("some-directory", "somebody");
        assertThat(JmhJson.parse(Files.readString(directory.resolve("jmh-jdk25.json"))))
                .as("all else is still there")
                .isEqualTo(JmhJson.parse(jmhJson()));
        Machine here = MachineProbe.probe("17.0.1", "a VM", "quick", OpenSsl.ABSENT, Map.of());
        assertThat(here.toString())
                .doesNotContain(System.getProperty("user.dir"), System.getProperty("user.name") + "@");
        assertThat(here.peers())
                .containsKeys("Tink", "ACCP")
                .allSatisfy((name, version) -> assertThat(version).matches("[0-9.]+"));
        assertThat(here.release()).isEqualTo(17);
    }

    @Test
    void severalJdksStandInOnePage() throws IOException {
        ResultFiles files = new ResultFiles(directory);
        files.write(machine("25.0.3"), jmhJson());
        files.write(machine("17.0.15"), jmhJson());
        files.report();

        assertThat(files.read()).extracting(run -> run.machine().release()).containsExactly(17, 25);
        assertThat(Files.readString(directory.resolve("RESULTS.md")))
                .contains("| 17 | at least 5.50x |", "| 25 | at least 6.00x |", "small-encrypt-jdk17.png");
    }

    @Test
    void aResultThatIsNoTimeIsRefused() throws IOException {
        String throughput = jmhJson().replace("\"ms/op\"", "\"ops/s\"");
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> JmhJson.parse(throughput))
                .withMessageContaining("ops/s");
    }

    @Test
    void brokenResultsAreNamed() throws IOException {
        ResultFiles files = new ResultFiles(directory);
        files.write(machine("25.0.3"), "{}");
        assertThatExceptionOfType(IOException.class).isThrownBy(files::report).withMessageContaining("jmh-jdk25.json");
    }

    @Test
    void openSslsFigureIsTheLastField() {
        String output = """
                +DT:AES-256-GCM:1:1048576
                +R:13000:AES-256-GCM:1.000000
                +H:1048576
                +F:22:AES-256-GCM:14631438745.60
                """;
        assertThat(OpenSsl.figure(output)).isEqualTo(Optional.of(14.6314387456));
        assertThat(OpenSsl.figure("speed: unknown option")).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void everyEffortMeasuresOursBesideEachPeer(Effort effort) {
        List<Selection> plan = Plan.of(effort);
        for (Target target : Targets.all()) {
            String benchmark = target.command().split(" ", -1)[3].split("\\.", -1)[0];
            assertThat(plan)
                    .as(target.work())
                    .anyMatch(selection -> selection.benchmark().startsWith(benchmark));
        }
        for (Selection selection : plan) {
            assertThat(selection.contenders()).allSatisfy(id -> {
                if (selection.benchmark().startsWith("Stream")) {
                    assertThat(StreamContenderName.of(id).id()).isEqualTo(id);
                } else {
                    assertThat(ContenderName.of(id).id()).isEqualTo(id);
                }
            });
            assertThat(selection.without(List.of("sunjce")).contenders()).doesNotContain("sunjce");
        }
    }

    @Test
    void wrongOptionsAreRefusedBeforeAnythingRuns() {
        assertThat(execute("--quick", "--full")).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(execute("--jdk-home", directory.toString())).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(execute("--report-only", "-o", directory.resolve("nothing").toString()))
                .isEqualTo(CommandLine.ExitCode.SOFTWARE);
    }

    private static int execute(String... args) {
        CommandLine line = CompareCommand.commandLine();
        line.setErr(new java.io.PrintWriter(java.io.Writer.nullWriter()));
        return line.execute(args);
    }
}
