package dev.kmsenvelope.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.kmsenvelope.cli.Program.Ending;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.Security;
import java.util.List;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** {@code keystore import} asks for the password of its source on a terminal, which util-linux's {@code script} plays. */
@DisabledOnOs(OS.WINDOWS)
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class KeyStorePromptIT {

    private static final String PROMPT = "Password of the source: ";

    @TempDir
    private Path directory;

    private Program program;
    private Path file;
    private Path source;

    @BeforeEach
    void makeFiles() throws Exception {
        program = new Program(directory.resolve("keys"));
        file = directory.resolve("app.kms");
        Ending made = program.run("keystore", "create", file.toString());
        assertThat(made.code()).as(made.err()).isZero();
        KeyStore keys = Stores.empty("PKCS12", Security.getProvider("SUN"));
        Stores.put(keys, "tokens", new SecretKeySpec(new byte[32], "AES"));
        source = Files.write(directory.resolve("old.p12"), Stores.bytes(keys));
    }

    private String[] command() {
        return new String[] {"keystore", "import", file.toString(), source.toString()};
    }

    private record Talk(int code, String shown) {}

    /** Answers when it is asked, and not before: the terminal shows what is typed earlier. */
    private Talk talk(String answer) throws Exception {
        Path out = directory.resolve("exit-code");
        String quoted = String.join(
                " ",
                program.command(command()).stream()
                        .map(each -> "'" + each + "'")
                        .toList());
        Process process;
        try {
            process = program.start(
                    List.of("script", "-q", "-e", "-c", quoted + "; echo $? > '" + out + "'", "/dev/null"));
        } catch (IOException e) {
            assumeTrue(false, "there is no script of util-linux here");
            throw e;
        }
        ByteArrayOutputStream shown = new ByteArrayOutputStream();
        InputStream terminal = process.getInputStream();
        boolean answered = false;
        for (int each = terminal.read(); each >= 0; each = terminal.read()) {
            shown.write(each);
            if (!answered && shown.toString(StandardCharsets.UTF_8).endsWith(PROMPT)) {
                Program.feed(process, (answer + "\n").getBytes(StandardCharsets.UTF_8));
                answered = true;
            }
        }
        process.waitFor();
        assumeTrue(Files.exists(out), "this script does not know -c");
        return new Talk(Integer.parseInt(Files.readString(out).strip()), shown.toString(StandardCharsets.UTF_8));
    }

    @Test
    void thePasswordIsAskedForAndNotShown() throws Exception {
        Talk talk = talk(Stores.PASSWORD);

        assertThat(talk.code()).as(talk.shown()).isZero();
        assertThat(talk.shown()).contains(PROMPT, "took 'tokens' over").doesNotContain(Stores.PASSWORD);
        assertThat(program.run("keystore", "list", file.toString()).text()).contains("tokens");
    }

    @Test
    void aWrongPasswordIsOneLineAndChangesNothing() throws Exception {
        byte[] before = Files.readAllBytes(file);

        Talk talk = talk("not the password");

        assertThat(talk.code()).isEqualTo(ExitCode.MESSAGE);
        assertThat(talk.shown()).contains("does not open as PKCS12").doesNotContain("not the password");
        assertThat(Files.readAllBytes(file)).isEqualTo(before);
    }

    @Test
    void withoutATerminalItSaysWhereThePasswordCouldComeFrom() throws Exception {
        Ending ending = program.run(command());

        assertThat(ending.code()).isEqualTo(ExitCode.USAGE);
        assertThat(ending.err()).contains("no terminal", "--source-password-file", "KMS_ENVELOPE_SOURCE_PASSWORD");
    }
}
