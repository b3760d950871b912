package dev.kmsenvelope.keystore.file;

import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import dev.kmsenvelope.keystore.StoreFileException;
import dev.kmsenvelope.keystore.StoreFileException.Reason;
import dev.kmsenvelope.keystore.file.DataKeyEntry.Version;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.provider.DataKeyUsage;
import dev.kmsenvelope.text.Quoted;
import java.io.IOException;
import java.io.StringReader;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads the JSON of a keystore file, RFC 8259 to the letter. Every field stands there, once, in this order, and no other:
 *
 * <pre>
 * file         { id, generation, seal: { key, encrypted-key }, entries: [ entry* ] }
 * entry        { alias, kind: "key",         created, key }
 *              { alias, kind: "data-key",    created, key, context: { name: value, ... }, usage, length, extractable,
 *                                            max-messages, versions: [ { version, created, encrypted-key }+ ] }
 *              { alias, kind: "private-key", created, key, context: { name: value, ... }, algorithm, message,
 *                                            certificates: [ base64+ ] }
 *              { alias, kind: "certificate", created, certificate }
 * </pre>
 *
 * {@code generation}, {@code length}, {@code max-messages} and {@code version} are integers without exponent or fraction,
 * {@code extractable} is a boolean, all else are strings; {@code encrypted-key}, {@code message} and the certificates are
 * canonical base64, {@code created} is {@code YYYY-MM-DDThh:mm:ssZ}.
 *
 * <p>The head is read first, and the entries only after the code over the whole file was verified: so what somebody without
 * the key can feed to this is little more than the head. Not thread-safe.
 */
final class StoreReader {

    private static final Pattern INTEGER = Pattern.compile("0|[1-9][0-9]{0,18}");
    private static final Pattern TIME = Pattern.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z");

    /** The file, an entry, a version; the list of each. */
    private static final int NESTING = 8;

    private final JsonReader json;

    StoreReader(String text) {
        json = new JsonReader(new StringReader(text));
        json.setStrictness(Strictness.STRICT);
        json.setNestingLimit(NESTING);
    }

    private interface Part<T> {
        T read() throws IOException;
    }

    /** The first thing to read. */
    SealHead head() throws StoreFileException {
        return reading(() -> {
            json.beginObject();
            String id = string("id");
            long generation = integer("generation");
            name("seal");
            json.beginObject();
            KeyId key = KeyId.of(string("key"));
            byte[] blob = base64("encrypted-key", StoreLimits.BLOB);
            end();
            return new SealHead(id, generation, key, blob);
        });
    }

    /** What follows the head, to the end. */
    StoreContent content(SealHead head) throws StoreFileException {
        return reading(() -> {
            List<StoreEntry> entries = list("entries", StoreLimits.ENTRIES, this::entry);
            end();
            if (json.peek() != JsonToken.END_DOCUMENT) {
                throw malformed("there is something after the end");
            }
            return new StoreContent(head.id(), head.generation(), entries);
        });
    }

    private StoreEntry entry() throws IOException {
        json.beginObject();
        String alias = string("alias");
        String kind = string("kind");
        Instant created = time("created");
        StoreEntry entry = switch (kind) {
            case KeyPointer.KIND -> new KeyPointer(alias, created, KeyId.of(string("key")));
            case DataKeyEntry.KIND -> dataKey(alias, created);
            case PrivateKeyEntry.KIND ->
                new PrivateKeyEntry(
                        alias,
                        created,
                        KeyId.of(string("key")),
                        context(),
                        string("algorithm"),
                        base64("message", StoreLimits.MESSAGE),
                        list("certificates", StoreLimits.CHAIN, this::certificate));
            case CertificateEntry.KIND ->
                new CertificateEntry(alias, created, base64("certificate", StoreLimits.CERTIFICATE));
            default -> throw malformed("there is no kind of entry " + Quoted.of(kind));
        };
        end();
        return entry;
    }

    private DataKeyEntry dataKey(String alias, Instant created) throws IOException {
        return new DataKeyEntry(
                alias,
                created,
                KeyId.of(string("key")),
                context(),
                usage(),
                Math.toIntExact(integer("length")),
                bool("extractable"),
                integer("max-messages"),
                list("versions", StoreLimits.VERSIONS, this::version));
    }

    private DataKeyUsage usage() throws IOException {
        String usage = string("usage");
        for (DataKeyUsage known : DataKeyUsage.values()) {
            if (known.name().equals(usage)) {
                return known;
            }
        }
        throw malformed("there is no usage " + Quoted.of(usage));
    }

    private Version version() throws IOException {
        json.beginObject();
        Version version = new Version(
                Math.toIntExact(integer("version")), time("created"), base64("encrypted-key", StoreLimits.BLOB));
        end();
        return version;
    }

    private byte[] certificate() throws IOException {
        return Base64Text.decode(stringValue(), StoreLimits.CERTIFICATE);
    }

    private Map<String, String> context() throws IOException {
        name("context");
        json.beginObject();
        Map<String, String> pairs = new LinkedHashMap<>();
        while (json.peek() == JsonToken.NAME) {
            String name = json.nextName();
            if (pairs.size() == StoreLimits.CONTEXT_PAIRS) {
                throw malformed("more than " + StoreLimits.CONTEXT_PAIRS + " pairs in an encryption context");
            }
            if (pairs.put(name, stringValue()) != null) {
                throw malformed("the name " + Quoted.of(name) + " stands twice in an encryption context");
            }
        }
        json.endObject();
        return pairs;
    }

    private <T> List<T> list(String name, int max, Part<T> element) throws IOException {
        name(name);
        json.beginArray();
        List<T> all = new ArrayList<>();
        while (json.peek() != JsonToken.END_ARRAY) {
            if (all.size() == max) {
                throw malformed("more than " + max + " in a list of " + name);
            }
            all.add(element.read());
        }
        json.endArray();
        return all;
    }

    private void name(String expected) throws IOException {
        if (json.peek() != JsonToken.NAME) {
            throw malformed("the field '" + expected + "' is missing");
        }
        String found = json.nextName();
        if (!found.equals(expected)) {
            throw malformed("a field " + Quoted.of(found) + " where '" + expected
                    + "' belongs: version 1 has no other fields, and in no other order");
        }
    }

    private void end() throws IOException {
        if (json.peek() == JsonToken.NAME) {
            throw malformed("a field " + Quoted.of(json.nextName()) + " that version 1 does not have here");
        }
        json.endObject();
    }

    private String string(String name) throws IOException {
        name(name);
        return stringValue();
    }

    private String stringValue() throws IOException {
        requireType(JsonToken.STRING, "a string");
        return json.nextString();
    }

    private long integer(String name) throws IOException {
        name(name);
        requireType(JsonToken.NUMBER, "an integer");
        String digits = json.nextString();
        if (!INTEGER.matcher(digits).matches()) {
            throw malformed("the field '" + name + "' is not an integer from 0 to 2^63 - 1");
        }
        return Long.parseLong(digits);
    }

    private boolean bool(String name) throws IOException {
        name(name);
        requireType(JsonToken.BOOLEAN, "true or false");
        return json.nextBoolean();
    }

    private Instant time(String name) throws IOException {
        String text = string(name);
        if (!TIME.matcher(text).matches()) {
            throw malformed("the field '" + name + "' is not a time as 2026-01-31T23:59:59Z");
        }
        return Instant.parse(text);
    }

    private byte[] base64(String name, int max) throws IOException {
        return Base64Text.decode(string(name), max);
    }

    private void requireType(JsonToken type, String wording) throws IOException {
        if (json.peek() != type) {
            throw malformed("no " + wording.replaceFirst("^an? ", "") + " where one belongs");
        }
    }

    /** Whatever breaks the grammar, the parser's or the values', is one kind of failure, with the place where it is. */
    private <T> T reading(Part<T> part) throws StoreFileException {
        try {
            return part.read();
        } catch (StoreFileException e) {
            throw e;
        } catch (IOException | IllegalStateException | DateTimeException e) {
            throw malformed("this is not JSON, or not of that form", e);
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw malformed(Quoted.sentence(String.valueOf(e.getMessage())), e);
        }
    }

    private StoreFileException malformed(String what) {
        return malformed(what, null);
    }

    private StoreFileException malformed(String what, @Nullable Exception cause) {
        return new StoreFileException(
                Reason.MALFORMED,
                "the keystore file is malformed at " + Quoted.of(json.getPath()) + ": " + what,
                cause);
    }
}
