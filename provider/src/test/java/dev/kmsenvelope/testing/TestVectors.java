package dev.kmsenvelope.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/**
 * Published test vectors, which stand beside the repository in {@code shared/vectors} and not in it. Tests that need them are
 * skipped, with a text that says so, where that directory does not exist.
 */
public final class TestVectors {

    private TestVectors() {}

    /** A file of vectors; skips the calling test when there is none. */
    public static JsonObject read(String file) {
        return parse(file).getAsJsonObject();
    }

    /** The objects of a file that is an array of vectors; skips the calling test when there is none. */
    public static List<JsonObject> readArray(String file) {
        return parse(file).getAsJsonArray().asList().stream()
                .map(JsonElement::getAsJsonObject)
                .toList();
    }

    private static JsonElement parse(String file) {
        Path path = find(file);
        assumeTrue(path != null, () -> "skipped: the test vectors shared/vectors/" + file + " are not there");
        try {
            return JsonParser.parseString(Files.readString(path));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** All tests of a Wycheproof file. */
    public static List<JsonObject> wycheproof(String file) {
        JsonObject all = read("wycheproof/" + file);
        List<JsonObject> tests = objects(all, "testGroups")
                .flatMap(group -> objects(group, "tests"))
                .toList();
        assertThat(tests).hasSize(all.get("numberOfTests").getAsInt());
        return tests;
    }

    public static Stream<JsonObject> objects(JsonObject parent, String array) {
        return parent.getAsJsonArray(array).asList().stream().map(JsonElement::getAsJsonObject);
    }

    public static byte[] hex(JsonObject test, String name) {
        return HexFormat.of().parseHex(test.get(name).getAsString());
    }

    public static byte[] base64(JsonObject test, String name) {
        return Base64.getDecoder().decode(test.get(name).getAsString());
    }

    private static Path find(String file) {
        for (Path at = Path.of(System.getProperty("user.dir")).toAbsolutePath(); at != null; at = at.getParent()) {
            Path candidate = at.resolveSibling("shared").resolve("vectors").resolve(file);
            if (Files.isRegularFile(candidate)) {
                return candidate;
            }
        }
        return null;
    }
}
