package dev.kmsenvelope.keystore.file;

import com.google.gson.FormattingStyle;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonWriter;
import dev.kmsenvelope.keystore.file.DataKeyEntry.Version;
import java.io.IOException;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;

/** Writes what {@link StoreReader} reads: one field a line, so that reviews see what changed. */
final class StoreWriter {

    private final StringWriter text = new StringWriter();
    private final JsonWriter json = new JsonWriter(text);

    private StoreWriter() {
        json.setStrictness(Strictness.STRICT);
        json.setFormattingStyle(FormattingStyle.PRETTY);
        json.setHtmlSafe(false);
    }

    static String write(SealHead head, List<StoreEntry> entries) {
        try {
            StoreWriter writer = new StoreWriter();
            writer.file(head, entries);
            return escapeInvisible(writer.text.toString());
        } catch (IOException e) {
            throw new IllegalStateException("writing to memory failed", e);
        }
    }

    private void file(SealHead head, List<StoreEntry> entries) throws IOException {
        json.beginObject();
        json.name("id").value(head.id());
        json.name("generation").value(head.generation());
        json.name("seal").beginObject();
        json.name("key").value(head.key().value());
        json.name("encrypted-key").value(Base64Text.encode(head.blob()));
        json.endObject();
        json.name("entries").beginArray();
        for (StoreEntry entry : entries) {
            entry(entry);
        }
        json.endArray();
        json.endObject();
        json.flush();
    }

    private void entry(StoreEntry entry) throws IOException {
        json.beginObject();
        json.name("alias").value(entry.alias());
        json.name("kind").value(entry.kind());
        json.name("created").value(entry.created().toString());
        if (entry instanceof KeyPointer pointer) {
            json.name("key").value(pointer.key().value());
        } else if (entry instanceof DataKeyEntry dataKey) {
            dataKey(dataKey);
        } else if (entry instanceof PrivateKeyEntry privateKey) {
            privateKey(privateKey);
        } else if (entry instanceof CertificateEntry trusted) {
            json.name("certificate").value(Base64Text.encode(trusted.certificate()));
        }
        json.endObject();
    }

    private void dataKey(DataKeyEntry entry) throws IOException {
        json.name("key").value(entry.key().value());
        context(entry.context());
        json.name("usage").value(entry.usage().name());
        json.name("length").value(entry.length());
        json.name("extractable").value(entry.extractable());
        json.name("max-messages").value(entry.maxMessages());
        json.name("versions").beginArray();
        for (Version version : entry.versions()) {
            json.beginObject();
            json.name("version").value(version.number());
            json.name("created").value(version.created().toString());
            json.name("encrypted-key").value(Base64Text.encode(version.blob()));
            json.endObject();
        }
        json.endArray();
    }

    private void privateKey(PrivateKeyEntry entry) throws IOException {
        json.name("key").value(entry.key().value());
        context(entry.context());
        json.name("algorithm").value(entry.algorithm());
        json.name("message").value(Base64Text.encode(entry.message()));
        json.name("certificates").beginArray();
        for (byte[] certificate : entry.chain()) {
            json.value(Base64Text.encode(certificate));
        }
        json.endArray();
    }

    private void context(Map<String, String> pairs) throws IOException {
        json.name("context").beginObject();
        for (Map.Entry<String, String> pair : pairs.entrySet()) {
            json.name(pair.getKey()).value(pair.getValue());
        }
        json.endObject();
    }

    /**
     * Who reviews a file must see what stands there: characters that show nothing or turn the direction of writing round are
     * written as escapes. Outside of strings there are none, so that this is still the same JSON.
     */
    private static String escapeInvisible(String json) {
        StringBuilder escaped = new StringBuilder(json.length());
        json.codePoints().forEach(c -> {
            if (c != '\n' && isInvisible(c)) {
                for (char unit : Character.toChars(c)) {
                    escaped.append(String.format("\\u%04x", (int) unit));
                }
            } else {
                escaped.appendCodePoint(c);
            }
        });
        return escaped.toString();
    }

    private static boolean isInvisible(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.PRIVATE_USE,
                    Character.SURROGATE,
                    Character.UNASSIGNED -> true;
            case Character.SPACE_SEPARATOR -> c != ' ';
            default -> false;
        };
    }
}
