package dev.kmsenvelope.cli.keystore;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.kmsenvelope.cli.Text;
import dev.kmsenvelope.keystore.file.DataKeyEntry;
import dev.kmsenvelope.keystore.file.KeyPointer;
import dev.kmsenvelope.keystore.file.PrivateKeyEntry;
import dev.kmsenvelope.keystore.file.StoreContent;
import dev.kmsenvelope.keystore.file.StoreEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Entries as text and as JSON; neither has what is wrapped in them, nor values of their contexts. */
final class EntryReport {

    private EntryReport() {}

    static List<String> table(List<StoreEntry> entries) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("ALIAS", "KIND", "USE", "KEY", "CREATED"));
        for (StoreEntry entry : entries) {
            rows.add(List.of(
                    Text.escape(entry.alias()),
                    entry.kind(),
                    Text.escape(use(entry)),
                    Text.escape(key(entry).orElse("-")),
                    entry.created().toString()));
        }
        return Text.table(rows);
    }

    private static String use(StoreEntry entry) {
        if (entry instanceof DataKeyEntry dataKey) {
            return dataKey.usage().transformation() + ", " + dataKey.length() * Byte.SIZE + " bits, version "
                    + dataKey.newest().number() + (dataKey.extractable() ? ", extractable" : "");
        }
        return entry instanceof PrivateKeyEntry privateKey ? privateKey.algorithm() : "-";
    }

    private static Optional<String> key(StoreEntry entry) {
        if (entry instanceof DataKeyEntry dataKey) {
            return Optional.of(dataKey.key().value());
        }
        if (entry instanceof PrivateKeyEntry privateKey) {
            return Optional.of(privateKey.key().value());
        }
        return entry instanceof KeyPointer pointer ? Optional.of(pointer.key().value()) : Optional.empty();
    }

    static JsonObject toJson(StoreContent content) {
        JsonArray entries = new JsonArray();
        content.entries().forEach(entry -> entries.add(toJson(entry)));
        JsonObject object = new JsonObject();
        object.addProperty("id", content.id());
        object.addProperty("generation", content.generation());
        object.add("entries", entries);
        return object;
    }

    private static JsonObject toJson(StoreEntry entry) {
        JsonObject object = new JsonObject();
        object.addProperty("alias", entry.alias());
        object.addProperty("kind", entry.kind());
        object.addProperty("created", entry.created().toString());
        key(entry).ifPresent(key -> object.addProperty("key", key));
        if (entry instanceof DataKeyEntry dataKey) {
            object.addProperty("usage", dataKey.usage().transformation());
            object.addProperty("bits", dataKey.length() * Byte.SIZE);
            object.addProperty("extractable", dataKey.extractable());
            JsonArray versions = new JsonArray();
            for (DataKeyEntry.Version version : dataKey.versions()) {
                JsonObject each = new JsonObject();
                each.addProperty("version", version.number());
                each.addProperty("created", version.created().toString());
                versions.add(each);
            }
            object.add("versions", versions);
        } else if (entry instanceof PrivateKeyEntry privateKey) {
            object.addProperty("algorithm", privateKey.algorithm());
            object.addProperty("certificates", privateKey.chain().size());
        }
        return object;
    }
}
