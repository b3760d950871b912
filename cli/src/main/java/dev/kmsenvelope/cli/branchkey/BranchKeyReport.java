package dev.kmsenvelope.cli.branchkey;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.kmsenvelope.cli.Text;
import dev.kmsenvelope.hierarchy.BranchKeyDescription;
import dev.kmsenvelope.hierarchy.BranchKeyDescription.Version;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

/** Branch keys as text and as JSON. What a store tells of them may have been written by anybody who can write there. */
final class BranchKeyReport {

    private BranchKeyReport() {}

    static List<String> table(List<BranchKeyDescription> keys) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("BRANCH KEY", "ACTIVE VERSION", "CREATED", "KMS KEY"));
        for (BranchKeyDescription key : keys) {
            Version active = key.active();
            rows.add(List.of(Text.escape(key.id()), active.id(), time(active.created()), Text.escape(key.kmsKey())));
        }
        return Text.table(rows);
    }

    static List<String> lines(BranchKeyDescription key) {
        List<String> lines = new ArrayList<>();
        lines.add(line("Branch key", Text.escape(key.id())));
        lines.add(line("KMS key", Text.escape(key.kmsKey())));
        key.context()
                .asMap()
                .forEach((name, value) -> lines.add(line("Context", Text.escape(name) + "=" + Text.escape(value))));
        for (Version version : key.versions()) {
            lines.add(line(
                    "Version",
                    version.id() + ", " + time(version.created()) + (version.equals(key.active()) ? ", active" : "")));
        }
        return lines;
    }

    private static String line(String label, String value) {
        return String.format("%-11s %s", label, value);
    }

    private static String time(Instant instant) {
        return instant.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    static JsonObject toJson(BranchKeyDescription key) {
        JsonObject context = new JsonObject();
        key.context().asMap().forEach(context::addProperty);
        JsonArray versions = new JsonArray();
        for (Version version : key.versions()) {
            JsonObject object = new JsonObject();
            object.addProperty("id", version.id());
            object.addProperty("created", version.created().toString());
            versions.add(object);
        }
        JsonObject object = new JsonObject();
        object.addProperty("id", key.id());
        object.addProperty("kmsKey", key.kmsKey());
        object.add("context", context);
        object.addProperty("activeVersion", key.active().id());
        object.add("versions", versions);
        return object;
    }
}
