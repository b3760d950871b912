package dev.kmsenvelope.benchmarks.process;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class FreshJvmTest {

    @TempDir
    private Path directory;

    @Test
    void comparesProcesses() throws Exception {
        Path json = directory.resolve("result.json");
        StringWriter out = new StringWriter();
        int code = FreshJvm.commandLine()
                .setOut(new PrintWriter(out))
                .execute(
                        "--contenders=sunjce",
                        "--runs=1",
                        "--mib=1",
                        "--long-mib=1",
                        "--stream-mib=0",
                        "--json=" + json);
        assertThat(code).as(out.toString()).isZero();
        JsonObject report = JsonParser.parseString(Files.readString(json)).getAsJsonObject();
        assertThat(report.getAsJsonArray("rows"))
                .hasSize(4)
                .allSatisfy(
                        row -> assertThat(row.getAsJsonObject().get("process").getAsDouble())
                                .isGreaterThanOrEqualTo(
                                        row.getAsJsonObject().get("work").getAsDouble()));
    }

    @Test
    void saysWhatIsWrongWithTheCommandLine() {
        assertThat(quiet().execute("--contenders=none")).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(quiet().execute("--jdk-home=" + directory)).isEqualTo(CommandLine.ExitCode.SOFTWARE);
    }

    private static CommandLine quiet() {
        return FreshJvm.commandLine()
                .setErr(new PrintWriter(new StringWriter()))
                .setOut(new PrintWriter(new StringWriter()));
    }

    @Test
    void allContendersReadWhatTheyWrote() throws Exception {
        Task.makeKeys(directory);
        byte[] key = new byte[32];
        long length = 3 * Work.PIECE / 2;
        byte[] text = Streams.text(length).readAllBytes();
        assertThat(text).hasSize((int) length);
        try (Work ours = new EnvelopeWork(directory);
                Work tink = new TinkWork(key);
                Work sdk = new EncryptionSdkWork(new SecretKeySpec(key, "AES"))) {
            for (Work work : new Work[] {ours, tink, sdk}) {
                ByteArrayOutputStream message = new ByteArrayOutputStream();
                work.encrypt(Streams.text(length), message);
                ByteArrayOutputStream back = new ByteArrayOutputStream();
                work.decrypt(new ByteArrayInputStream(message.toByteArray()), back);
                assertThat(message.size()).isGreaterThan(text.length);
                assertThat(back.toByteArray()).isEqualTo(text);
            }
        }
    }
}
