package dev.kmsenvelope.cli.key;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.kmsenvelope.cli.Text;
import dev.kmsenvelope.kms.KeyDescription;
import dev.kmsenvelope.kms.KeyDescription.KeyVersion;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.RotationStatus;
import dev.kmsenvelope.kms.RotationStatus.Cause;
import dev.kmsenvelope.kms.RotationStatus.Rotation;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Keys as text and as JSON. */
final class KeyReport {

    private KeyReport() {}

    static List<String> table(List<KeyDescription> keys) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("KEY", "KIND", "USAGE", "STATE", "CREATED", "VERSION", "ALIASES"));
        for (KeyDescription key : keys) {
            rows.add(List.of(
                    key.id().value(),
                    key.spec().name(),
                    key.usage().name(),
                    key.state().name(),
                    time(key.created()),
                    key.currentVersion().map(KeyVersion::id).orElse("-"),
                    aliases(key)));
        }
        return Text.table(rows);
    }

    static List<String> lines(KeyDescription key, @Nullable RotationStatus rotation) {
        List<String> lines = new ArrayList<>();
        lines.add(line("Key", key.id().value()));
        lines.add(line("Aliases", key.aliases().isEmpty() ? "none" : aliases(key)));
        lines.add(line("Kind", key.spec().name()));
        lines.add(line("Usage", key.usage().name()));
        lines.add(line("State", key.state().name()));
        lines.add(line("Created", time(key.created())));
        Instant deletion = key.deletion();
        if (deletion != null) {
            lines.add(line("Deletion", time(deletion)));
        }
        if (rotation != null) {
            lines.add(line("Rotation", period(rotation)));
        }
        for (KeyVersion version : key.versions()) {
            String uses = version.reservedUses() < 0 ? "" : ", at most " + version.reservedUses() + " uses";
            lines.add(line("Version " + version.id(), time(version.created()) + uses));
        }
        return lines;
    }

    static List<String> lines(RotationStatus rotation) {
        List<String> lines = new ArrayList<>();
        lines.add(line("Rotation", period(rotation)));
        for (Rotation each : rotation.history()) {
            lines.add(line("Rotated", time(each.date()) + ", " + cause(each.cause())));
        }
        return lines;
    }

    private static String period(RotationStatus rotation) {
        if (!rotation.isAutomatic()) {
            return "not by age";
        }
        Instant next = rotation.next();
        return "every " + rotation.periodDays() + " days" + (next == null ? "" : ", due " + time(next));
    }

    private static String cause(Cause cause) {
        return switch (cause) {
            case AGE -> "for its age";
            case ON_DEMAND -> "on demand";
            case USES -> "for the number of its uses";
        };
    }

    private static String line(String label, String value) {
        return String.format("%-11s %s", label, value);
    }

    private static String aliases(KeyDescription key) {
        return key.aliases().stream().map(KeyId::value).map(Text::escape).collect(Collectors.joining(", "));
    }

    private static String time(Instant instant) {
        return instant.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    static JsonObject toJson(RotationStatus rotation) {
        JsonObject object = new JsonObject();
        object.addProperty("periodDays", rotation.periodDays());
        Instant next = rotation.next();
        if (next != null) {
            object.addProperty("next", next.toString());
        }
        JsonArray history = new JsonArray();
        for (Rotation each : rotation.history()) {
            JsonObject entry = new JsonObject();
            entry.addProperty("date", each.date().toString());
            entry.addProperty("cause", each.cause().name());
            history.add(entry);
        }
        object.add("history", history);
        return object;
    }

    static JsonObject toJson(KeyDescription key, @Nullable RotationStatus rotation) {
        JsonObject object = toJson(key);
        if (rotation != null) {
            object.add("rotation", toJson(rotation));
        }
        return object;
    }

    static JsonObject toJson(KeyDescription key) {
        JsonArray aliases = new JsonArray();
        key.aliases().forEach(alias -> aliases.add(alias.value()));
        JsonArray versions = new JsonArray();
        for (KeyVersion version : key.versions()) {
            JsonObject object = new JsonObject();
            object.addProperty("id", version.id());
            object.addProperty("created", version.created().toString());
            if (version.reservedUses() >= 0) {
                object.addProperty("reservedUses", version.reservedUses());
            }
            versions.add(object);
        }
        JsonObject object = new JsonObject();
        object.addProperty("id", key.id().value());
        object.add("aliases", aliases);
        object.addProperty("spec", key.spec().name());
        object.addProperty("usage", key.usage().name());
        object.addProperty("state", key.state().name());
        object.addProperty("created", key.created().toString());
        Instant deletion = key.deletion();
        if (deletion != null) {
            object.addProperty("deletion", deletion.toString());
        }
        object.add("versions", versions);
        return object;
    }
}
