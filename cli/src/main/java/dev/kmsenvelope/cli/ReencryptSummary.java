package dev.kmsenvelope.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Counts what became of the files. Failures are kept up to a number, so that memory is bounded. */
final class ReencryptSummary {

    /** What became of a file. */
    enum Outcome {
        MOVED("moved"),
        CURRENT("already current"),
        UNKNOWN_VERSION("of unknown key version, not moved"),
        OTHER_KEY("for other keys"),
        NO_MESSAGE("no messages"),
        SPECIAL("links or special files"),
        TEMPORARY("temporary files of others"),
        FAILED("failed");

        private final String text;

        Outcome(String text) {
            this.text = text;
        }
    }

    private static final int MAX_FAILURES = 1000;

    private final boolean dryRun;
    private final Map<Outcome, Long> counts = new EnumMap<>(Outcome.class);
    private final List<Failure> failures = new ArrayList<>();
    private long bytes;
    private long signaturesLost;
    private long recipientsLost;
    private long removed;
    private int code = ExitCode.OK;

    private record Failure(Path file, String text, int code) {}

    ReencryptSummary(boolean dryRun) {
        this.dryRun = dryRun;
    }

    void count(Outcome outcome) {
        counts.merge(outcome, 1L, Long::sum);
    }

    void moved(long size, boolean signatureLost, boolean anyRecipientLost) {
        count(Outcome.MOVED);
        bytes += size;
        signaturesLost += signatureLost ? 1 : 0;
        recipientsLost += anyRecipientLost ? 1 : 0;
    }

    void removedTemporary() {
        removed++;
    }

    /** The first failure decides the exit code. */
    void failed(Path file, String text, int failureCode) {
        count(Outcome.FAILED);
        code = code == ExitCode.OK ? failureCode : code;
        if (failures.size() < MAX_FAILURES) {
            failures.add(new Failure(file, text, failureCode));
        }
    }

    int code() {
        return code;
    }

    long files() {
        return counts.values().stream().mapToLong(Long::longValue).sum();
    }

    private long count(Outcome outcome, long fallback) {
        return counts.getOrDefault(outcome, fallback);
    }

    List<String> toLines() {
        List<String> parts = new ArrayList<>();
        for (Outcome outcome : Outcome.values()) {
            boolean always = outcome == Outcome.MOVED || outcome == Outcome.CURRENT || outcome == Outcome.FAILED;
            long count = count(outcome, 0);
            if (outcome == Outcome.MOVED) {
                parts.add((dryRun ? "would move " : "moved ") + count + " (" + bytes + " bytes)");
            } else if (always || count > 0) {
                parts.add(count + " " + outcome.text);
            }
        }
        List<String> lines = new ArrayList<>(List.of(String.join(", ", parts)));
        if (count(Outcome.UNKNOWN_VERSION, 0) > 0) {
            lines.add("the key service does not tell the key version of " + count(Outcome.UNKNOWN_VERSION, 0)
                    + " messages; --before DATE or --all moves them");
        }
        if (signaturesLost > 0) {
            lines.add(signaturesLost + " of the moved messages were signed and are not any more");
        }
        if (recipientsLost > 0) {
            lines.add(recipientsLost + " of the moved messages are for fewer keys than before");
        }
        if (removed > 0) {
            lines.add("removed " + removed + " temporary files of a run that was killed");
        }
        return lines;
    }

    JsonObject toJson() {
        JsonObject json = new JsonObject();
        json.addProperty("dryRun", dryRun);
        for (Outcome outcome : Outcome.values()) {
            json.addProperty(camelCase(outcome.name()), count(outcome, 0));
        }
        json.addProperty("movedBytes", bytes);
        json.addProperty("signaturesLost", signaturesLost);
        json.addProperty("recipientsLost", recipientsLost);
        json.addProperty("temporaryFilesRemoved", removed);
        JsonArray list = new JsonArray();
        for (Failure failure : failures) {
            JsonObject object = new JsonObject();
            object.addProperty("file", failure.file().toString());
            object.addProperty("error", failure.text());
            object.addProperty("code", failure.code());
            list.add(object);
        }
        json.add("failures", list);
        return json;
    }

    private static String camelCase(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        int at = lower.indexOf('_');
        return at < 0 ? lower : lower.substring(0, at) + name.charAt(at + 1) + lower.substring(at + 2);
    }
}
