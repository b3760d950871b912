package dev.kmsenvelope.registration;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.kmsenvelope.registration.ChildJvm.Result;
import dev.kmsenvelope.registration.programs.Conversation;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A program keeps a handle and a cache while the commands look at it and have it flush, from outside. */
class CacheIT {

    private static final int TRIES = 60;
    private static final int PAUSE_MILLIS = 500;

    @TempDir
    private Path directory;

    private Path settings;
    private Process program;
    private Writer questions;
    private BufferedReader answers;

    @BeforeEach
    void startTheProgram() throws Exception {
        Path home = LocalKeys.create(directory.resolve("home"), "alias/demo");
        settings = Files.writeString(
                directory.resolve("settings.properties"),
                ("local.directory = " + home + "\ncache.flush-file = " + directory.resolve("flush") + "\n")
                        .replace("\\", "\\\\"));
        program = ChildJvm.java()
                .properties(SecurityProperties.last(directory.resolve("file.security"), "KmsEnvelope"))
                .with("-Dkmsenvelope.config=" + settings)
                .start(Conversation.class.getName(), "alias/demo");
        questions = program.outputWriter(StandardCharsets.UTF_8);
        answers = new BufferedReader(new InputStreamReader(program.getInputStream(), StandardCharsets.UTF_8));
    }

    @AfterEach
    void endIt() throws Exception {
        questions.close();
        boolean ended = program.waitFor(1, TimeUnit.MINUTES);
        program.destroyForcibly();
        assertThat(ended).isTrue();
    }

    private void seal() throws IOException {
        questions.write("seal text-4711\n");
        questions.flush();
        assertThat(answers.readLine()).hasSizeGreaterThan(100);
    }

    private static Result command(String... arguments) throws Exception {
        return ChildJvm.bare().with("-jar", ChildJvm.JAR.toString()).run(arguments);
    }

    private Result stats(String... options) throws Exception {
        return ChildJvm.bare()
                .with("-jar", ChildJvm.JAR.toString(), "cache", "stats", "--pid", Long.toString(program.pid()))
                .run(options);
    }

    /** The bean appears a moment after the first use. */
    private JsonObject figures() throws Exception {
        Result result = stats("--json");
        for (int i = 0; i < TRIES && result.exit() != 0; i++) {
            Thread.sleep(PAUSE_MILLIS);
            result = stats("--json");
        }
        return JsonParser.parseString(result.succeeded().out())
                .getAsJsonArray()
                .get(0)
                .getAsJsonObject();
    }

    @Test
    void itsFiguresAreShownAndAFlushIsSeen() throws Exception {
        for (int i = 0; i < 5; i++) {
            seal();
        }
        JsonObject figures = figures();
        assertThat(figures.get("loader").getAsString()).isEqualTo("app");
        assertThat(figures.get("hits").getAsLong()).isEqualTo(4);
        assertThat(figures.get("misses").getAsLong()).isEqualTo(1);
        assertThat(figures.get("entries").getAsLong()).isEqualTo(1);
        assertThat(figures.getAsJsonObject("kmsCallsByKind")
                        .get("local/GENERATE_DATA_KEY")
                        .getAsLong())
                .isEqualTo(1);
        assertThat(figures.get("kmsMaxMillis").getAsDouble()).isPositive();
        String text = stats().succeeded().out();
        assertThat(text).startsWith("app:").containsPattern("hits +4\\R").containsPattern("GENERATE_DATA_KEY +1\\R");
        assertThat(text).doesNotContain("4711");

        Result flush =
                command("cache", "flush", "--config", settings.toString()).succeeded();
        assertThat(flush.err()).contains("changed " + directory.resolve("flush"));
        for (int i = 0; i < TRIES && figures().get("entries").getAsLong() > 0; i++) {
            Thread.sleep(PAUSE_MILLIS);
        }
        JsonObject after = figures();
        assertThat(after.get("entries").getAsLong()).isZero();
        assertThat(after.getAsJsonObject("evictionsByCause").get("FLUSHED").getAsLong())
                .isEqualTo(1);
        seal();
        assertThat(figures().get("misses").getAsLong()).isEqualTo(2);
    }
}
