package dev.kmsenvelope.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files with two layers. */
class DualTest {

    private static final String OUTER = "alias/outer";
    private static final byte[] TEXT = "quarterly figures".getBytes(StandardCharsets.UTF_8);

    @TempDir
    private Path directory;

    private Cli cli;

    @BeforeEach
    void makeKeys() throws IOException {
        cli = new Cli(directory).withKey();
        cli.run("key", "create", OUTER).ok();
    }

    private Path message(byte[] text, String... options) throws IOException {
        String[] all = Arrays.copyOf(options, options.length + 3);
        all[options.length] = "--dual";
        all[options.length + 1] = "--outer-key";
        all[options.length + 2] = OUTER;
        return cli.message("data.enc", text, all);
    }

    private byte[] open(Path message, String... options) {
        String[] all = Arrays.copyOf(options, options.length + 4);
        System.arraycopy(new String[] {"decrypt", "-o", "-", message.toString()}, 0, all, 0, 4);
        System.arraycopy(options, 0, all, 4, options.length);
        return cli.run(all).ok().out();
    }

    @Test
    @DisplayName("By options, and by the setting; with context and associated data")
    void roundTrip() throws IOException {
        byte[] text = new byte[300_000];
        Path message = message(text, "--context", "tenant=a", "--aad", "x");
        assertThat(open(message, "--dual", "-k", Cli.KEY, "--outer-key", OUTER, "--context", "tenant=a", "--aad", "x"))
                .isEqualTo(text);
        cli.configure("key." + Cli.KEY + ".outer-key = " + OUTER);
        assertThat(open(message, "--dual", "-k", Cli.KEY, "--aad", "x")).isEqualTo(text);
        Path bySetting = cli.message("set.enc", TEXT, "--dual");
        assertThat(open(bySetting, "--dual", "-k", Cli.KEY)).isEqualTo(TEXT);
        cli.run("decrypt", "--dual", "-k", Cli.KEY, "-o", "-", message.toString())
                .failed(3, "outer layer");
    }

    @Test
    @DisplayName("Without --dual, a message of two layers is refused with a hint, whatever key is named, or none")
    void withoutTheOption() throws IOException {
        String message = message(TEXT).toString();
        cli.run("decrypt", "-o", "-", message).failed(3, "--dual");
        for (String key : new String[] {Cli.KEY, OUTER}) {
            cli.run("decrypt", "-o", "-", "-k", key, message).failed(3, "--dual");
        }
        cli.run("decrypt", "--dual", "-o", "-", message).failed(2, "--key");
        cli.run("decrypt", "-k", Cli.KEY, "--outer-key", OUTER, "-o", "-", message)
                .failed(2, "--dual");
        cli.run("decrypt", "--dual", "-k", Cli.KEY, "-o", "-", message)
                .failed(2, "key." + Cli.KEY + ".outer-key", "--outer-key");
        cli.run("encrypt", "--dual", "-k", Cli.KEY, "-o", "-", message).failed(2, "outer-key");
        cli.run("decrypt", "--dual", "-k", OUTER, "--outer-key", Cli.KEY, "-o", "-", message)
                .failed(3, "not for the key");
        cli.run("encrypt", "--dual", "-k", Cli.KEY, "--outer-key", "outer", "-o", "-", message)
                .failed(4, "did you mean " + OUTER);
        cli.run("reencrypt", "-q", "--from", OUTER, "--key", Cli.KEY, message).failedOf(3, "--dual");
        assertThat(open(Path.of(message), "--dual", "-k", Cli.KEY, "--outer-key", OUTER))
                .isEqualTo(TEXT);
    }

    @Test
    @DisplayName("With --dual, a message of one layer is refused, even one that somebody put into another")
    void oneLayer() throws IOException {
        String plain = cli.message("plain.enc", TEXT).toString();
        cli.run("decrypt", "--dual", "-k", Cli.KEY, "--outer-key", Cli.KEY, "-o", "-", plain)
                .failed(3, "not a layer");
        String nested = cli.message("nested.enc", cli.read("plain.enc")).toString();
        cli.run("decrypt", "--dual", "-k", Cli.KEY, "--outer-key", Cli.KEY, "-o", "-", nested)
                .failed(3, "not a layer");
        cli.run("encrypt", "-k", Cli.KEY, "--context", "kms-envelope-layer=outer", "-o", "-", plain)
                .failed(2, "reserved");
    }

    @Test
    @DisplayName("inspect: the outer layer without a key, the inner one's header with the outer key")
    void inspect() throws Exception {
        String message = message(new byte[200_000], "--context", "tenant=a").toString();
        String config = cli.settings().toString();
        Cli.Result without = cli.run("inspect", message).ok();
        assertThat(without.text()).contains("kms-envelope-layer = outer", "Layers", "--outer-key");
        assertThat(without.text()).doesNotContain("Inner layer");
        String with = cli.run("inspect", "--outer-key", OUTER, "--config", config, message)
                .ok()
                .text();
        assertThat(with).contains("kms-envelope-layer = outer", "Inner layer", "kms-envelope-layer = inner");

        JsonObject report = JsonParser.parseString(
                        cli.run("inspect", "--json", "--outer-key", OUTER, "--config", config, message)
                                .ok()
                                .text())
                .getAsJsonObject();
        assertThat(report.get("dualLayer").getAsBoolean()).isTrue();
        JsonObject inner = report.getAsJsonObject("innerLayer");
        assertThat(inner.getAsJsonObject("encryptionContext").get("tenant").getAsString())
                .isEqualTo("a");
        assertThat(inner.get("messageId").getAsString().substring(32))
                .isEqualTo(report.get("messageId").getAsString().substring(32));
        assertThat(inner.get("messageId")).isNotEqualTo(report.get("messageId"));

        cli.configure("key." + Cli.KEY + ".outer-key = " + OUTER);
        cli.run("key", "disable", Cli.KEY).ok();
        assertThat(cli.run("inspect", "-k", Cli.KEY, "--config", config, message)
                        .ok()
                        .text())
                .as("without the inner key")
                .contains("Inner layer");
        cli.run("inspect", "--outer-key", Cli.KEY, "--config", config, message).failed(3, "not for the key");
        byte[] cut = Arrays.copyOf(cli.read("data.enc"), 1200);
        Path short1 = Files.write(directory.resolve("cut.enc"), cut);
        cli.run("inspect", "--outer-key", OUTER, "--config", config, short1.toString())
                .failed(3);
        Path plain = cli.file("plain.enc");
        cli.run(TEXT, "encrypt", "-k", OUTER, "-o", plain.toString(), "-").ok();
        cli.run("inspect", "--outer-key", OUTER, "--config", config, plain.toString())
                .failed(3, "not a layer");
    }
}
