package dev.kmsenvelope.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;

/** Recordings of Java Flight Recorder. */
public final class Recordings {

    private Recordings() {}

    /** Starts one of some kinds of events, of however short a duration. */
    public static Recording start(String... events) {
        Recording recording = new Recording();
        for (String event : events) {
            recording.enable(event).withoutThreshold().withStackTrace();
        }
        recording.start();
        return recording;
    }

    /** Stops it, and reads the events of this library. */
    public static List<RecordedEvent> stop(Recording recording, Path directory) throws Exception {
        recording.stop();
        recording.dump(file(directory));
        return RecordingFile.readAllEvents(file(directory)).stream()
                .filter(event -> event.getEventType().getName().startsWith("dev.kmsenvelope."))
                .toList();
    }

    private static Path file(Path directory) {
        return directory.resolve("recording.jfr");
    }

    /** Fails if the events have one of the texts, or one of the byte sequences in hexadecimal or base 64. */
    public static void requireAbsent(List<RecordedEvent> events, List<byte[]> bytes, String... texts) {
        String all = events.toString();
        assertThat(all).isNotEmpty();
        for (byte[] each : bytes) {
            assertThat(all)
                    .doesNotContainIgnoringCase(HexFormat.of().formatHex(each))
                    .doesNotContain(Base64.getEncoder().encodeToString(each))
                    .doesNotContain(Base64.getUrlEncoder().encodeToString(each));
        }
        assertThat(all).doesNotContain(texts);
    }

    /** Fails if the file has one of the byte sequences, or one of the texts in UTF-8 or UTF-16. */
    public static void requireFileWithout(Path directory, List<byte[]> bytes, String... texts) throws Exception {
        String file = Files.readString(file(directory), StandardCharsets.ISO_8859_1);
        for (byte[] each : bytes) {
            assertThat(file.contains(new String(each, StandardCharsets.ISO_8859_1)))
                    .isFalse();
        }
        for (String text : texts) {
            assertThat(file.contains(text)).isFalse();
            assertThat(file.contains(new String(text.getBytes(StandardCharsets.UTF_16LE), StandardCharsets.ISO_8859_1)))
                    .isFalse();
        }
    }
}
