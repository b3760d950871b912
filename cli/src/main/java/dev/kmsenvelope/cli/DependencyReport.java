package dev.kmsenvelope.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.kmsenvelope.cli.Dependencies.Dependency;
import dev.kmsenvelope.cli.Dependencies.Usage;
import dev.kmsenvelope.cli.KeyLookup.Found;
import dev.kmsenvelope.cli.KeyLookup.Place;
import dev.kmsenvelope.kms.KeyDescription;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyState;
import dev.kmsenvelope.kms.KmsException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The dependencies of files as a table and as JSON, with the state of each key of the service, which is looked up once. */
final class DependencyReport {

    private static final List<String> COLUMNS = List.of(
            "SERVICE", "KEY", "VERSION", "STATE", "    ONLY", "  SHARED", "         BYTES", "OLDEST", "ALIASES");
    private static final String UNKNOWN = "unknown";
    private static final String MISSING = "MISSING";

    private final KeyLookup keys;
    private final List<Row> rows = new ArrayList<>();

    private record Row(
            Dependency dependency, Usage usage, @Nullable Found found) {

        @Nullable
        KeyDescription key() {
            return found == null ? null : found.description();
        }

        boolean isMissing() {
            return found != null && found.isMissing();
        }

        String state() {
            KeyDescription key = key();
            if (key != null) {
                return key.state().name();
            }
            return found == null ? "other service" : found.isMissing() ? MISSING : UNKNOWN;
        }

        String version() {
            return dependency.version().isEmpty() ? UNKNOWN : dependency.version();
        }

        /** Empty where it is not known. */
        Optional<Boolean> isNewest() {
            return dependency.version().isEmpty()
                    ? Optional.empty()
                    : Optional.ofNullable(key())
                            .flatMap(KeyDescription::currentVersion)
                            .map(newest -> newest.id().equals(dependency.version()));
        }

        /** Whether the key certainly opens nothing at present. */
        boolean isUnusable() {
            KeyDescription key = key();
            return key == null ? isMissing() : key.state() != KeyState.ENABLED;
        }

        List<String> aliases() {
            KeyDescription key = key();
            return key == null
                    ? List.of()
                    : key.aliases().stream().map(KeyId::value).toList();
        }
    }

    DependencyReport(KeyLookup keys, Dependencies dependencies) {
        this.keys = keys;
        dependencies
                .usages()
                .forEach((dependency, usage) -> rows.add(new Row(
                        dependency,
                        usage,
                        dependency.owner().isKnown()
                                ? keys.at(new Place(
                                        dependency.owner().provider(),
                                        KeyId.of(dependency.owner().key())))
                                : null)));
    }

    List<String> toLines() {
        if (rows.isEmpty()) {
            return List.of();
        }
        List<List<String>> table = new ArrayList<>();
        table.add(COLUMNS);
        for (Row row : rows) {
            String newest = row.isNewest().map(is -> is ? " newest" : " old").orElse("");
            table.add(List.of(
                    Text.escape(row.dependency().owner().provider()),
                    Text.escape(row.dependency().owner().key()),
                    Text.escape(row.version()) + newest,
                    row.state(),
                    String.format("%8d", row.usage().only()),
                    String.format("%8d", row.usage().oneOfSeveral()),
                    String.format("%14d", row.usage().bytes()),
                    time(row.usage().oldest()),
                    row.aliases().stream().map(Text::escape).collect(Collectors.joining(", "))));
        }
        return Text.table(table);
    }

    /** What has to be known although nobody asked. */
    List<String> warnings() {
        List<String> warnings = new ArrayList<>();
        for (Row row : rows) {
            if (row.isUnusable() && row.usage().only() > 0) {
                warnings.add("warning: " + row.usage().only() + " files depend on the key "
                        + Text.oneLine(row.dependency().owner().key()) + " alone, which "
                        + (row.isMissing() ? "does not exist" : "is " + row.state()));
            }
        }
        keys.all().forEach((place, found) -> {
            KmsException failure = found.failure();
            if (failure != null) {
                warnings.add("the state of the key " + Text.oneLine(place.key().value()) + " is unknown: "
                        + Failures.text(failure));
            }
        });
        return warnings;
    }

    private static String time(Instant instant) {
        return instant.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    JsonArray toJson() {
        JsonArray array = new JsonArray();
        for (Row row : rows) {
            JsonArray aliases = new JsonArray();
            row.aliases().forEach(aliases::add);
            JsonObject object = new JsonObject();
            object.addProperty("service", row.dependency().owner().provider());
            object.addProperty("known", row.dependency().owner().isKnown());
            object.addProperty("key", row.dependency().owner().key());
            object.add("aliases", aliases);
            object.addProperty("version", row.version());
            row.isNewest().ifPresent(newest -> object.addProperty("newest", newest));
            object.addProperty("state", row.state());
            object.addProperty("usable", !row.isUnusable());
            object.addProperty("onlyKeyOf", row.usage().only());
            object.addProperty("oneOfSeveralKeysOf", row.usage().oneOfSeveral());
            object.addProperty("bytes", row.usage().bytes());
            object.addProperty("oldest", row.usage().oldest().toString());
            array.add(object);
        }
        return array;
    }
}
