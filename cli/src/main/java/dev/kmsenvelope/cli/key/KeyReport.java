package dev.kmsenvelope.cli.key;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.kmsenvelope.cli.Text;
import dev.kmsenvelope.kms.KeyDescription;
import dev.kmsenvelope.kms.KeyDescription.KeyVersion;
import dev.kmsenvelope.kms.KeyId;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Keys as text and as JSON. */
final class KeyReport {

    private static final String ROW = "%-36s  %-16s  %-20s  %7s  %s";

    private KeyReport() {}

    static List<String> table(List<KeyDescription> keys) {
        List<String> lines = new ArrayList<>();
        lines.add(String.format(ROW, "KEY", "STATE", "CREATED", "VERSION", "ALIASES"));
        for (KeyDescription key : keys) {
            lines.add(String.format(
                            ROW,
                            key.id(),
                            key.state(),
                            time(key.created()),
                            key.currentVersion().map(version -> version.id()).orElse("-"),
                            aliases(key))
                    .stripTrailing());
        }
        return lines;
    }

    static List<String> lines(KeyDescription key) {
        List<String> lines = new ArrayList<>();
        lines.add(line("Key", key.id().value()));
        lines.add(line("Aliases", key.aliases().isEmpty() ? "none" : aliases(key)));
        lines.add(line("Kind", key.spec().name()));
        lines.add(line("State", key.state().name()));
        lines.add(line("Created", time(key.created())));
        Instant deletion = key.deletion();
        if (deletion != null) {
            lines.add(line("Deletion", time(deletion)));
        }
        for (KeyVersion version : key.versions()) {
            String uses = version.reservedUses() < 0 ? "" : ", at most " + version.reservedUses() + " uses";
            lines.add(line("Version " + version.id(), time(version.created()) + uses));
        }
        return lines;
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
