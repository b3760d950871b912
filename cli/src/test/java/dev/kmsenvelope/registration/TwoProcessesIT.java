package dev.kmsenvelope.registration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmsenvelope.kms.KeyAdministration;
import dev.kmsenvelope.kms.KeyDisabledException;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyNotFoundException;
import dev.kmsenvelope.local.KeyFileException;
import dev.kmsenvelope.registration.programs.Conversation;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import javax.crypto.AEADBadTagException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A program keeps a handle while another process, this one, administers its key or breaks its key store. */
class TwoProcessesIT {

    private static final KeyId DEMO = KeyId.of("alias/demo");

    @TempDir
    private Path directory;

    private Path home;
    private KeyAdministration keys;
    private Process program;
    private Writer questions;
    private BufferedReader answers;

    @BeforeEach
    void startTheProgram() throws Exception {
        home = LocalKeys.create(directory.resolve("home"), DEMO.value());
        keys = LocalKeys.administration(home);
        Path settings = Files.writeString(directory.resolve("uncached.properties"), "cache.max-age = 0s\n");
        program = ChildJvm.java()
                .properties(SecurityProperties.last(directory.resolve("file.security"), "KmsEnvelope " + settings))
                .home(home)
                .start(Conversation.class.getName(), DEMO.value());
        questions = program.outputWriter(StandardCharsets.UTF_8);
        answers = new BufferedReader(new InputStreamReader(program.getInputStream(), StandardCharsets.UTF_8));
    }

    @AfterEach
    void endIt() throws Exception {
        keys.close();
        questions.close();
        boolean ended = program.waitFor(1, TimeUnit.MINUTES);
        program.destroyForcibly();
        assertThat(ended).isTrue();
    }

    private String ask(String verb, String argument) throws IOException {
        questions.write(verb + " " + argument + "\n");
        questions.flush();
        return answers.readLine();
    }

    private String seal(String text) throws IOException {
        return ask("seal", text);
    }

    private String open(String sealed) throws IOException {
        return ask("open", sealed);
    }

    private void assertBothFail(String sealed, Class<?> type) throws IOException {
        assertThat(seal("more")).isEqualTo(type.getName());
        assertThat(open(sealed)).isEqualTo(type.getName());
    }

    @Test
    void rotatingAndPointingElsewhereKeepsOldMessagesReadable() throws Exception {
        String first = seal("before");
        keys.rotate(DEMO);
        String second = seal("rotated");
        keys.updateAlias(DEMO, LocalKeys.create(keys, "alias/other").id());
        String third = seal("pointed elsewhere");

        assertThat(open(first)).isEqualTo("before");
        assertThat(open(second)).isEqualTo("rotated");
        assertThat(open(third)).isEqualTo("pointed elsewhere");
        assertThat(open(third.substring(0, third.length() - 8))).isEqualTo(AEADBadTagException.class.getName());
    }

    @Test
    void disablingStopsItAndEnablingLetsItGoOn() throws Exception {
        String sealed = seal("before");

        keys.disable(DEMO);
        assertBothFail(sealed, KeyDisabledException.class);
        keys.enable(DEMO);

        assertThat(open(sealed)).isEqualTo("before");
        assertThat(open(seal("after"))).isEqualTo("after");
    }

    @Test
    void aBrokenKeyStoreStopsItAndARestoredOneLetsItGoOn() throws Exception {
        String sealed = seal("before");
        Path file = home.resolve("keys.p7m");
        byte[] good = Files.readAllBytes(file);

        Files.writeString(file, "not a key file");
        assertBothFail(sealed, KeyFileException.class);
        Files.delete(file);
        assertBothFail(sealed, KeyNotFoundException.class);
        Files.write(file, good);

        assertThat(open(sealed)).isEqualTo("before");
        assertThat(open(seal("after"))).isEqualTo("after");
    }
}
