package dev.kmsenvelope.testing.kms;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * One request: who asks for which operation, when, with which members. A member that is not as the service's model says is a
 * ValidationException.
 */
record Call(String operation, Caller caller, Instant now, JsonObject members) {

    private static final int MAX_KEY_ID = 2048;
    private static final int MAX_GRANT_TOKENS = 10;

    boolean has(String name) {
        return members.has(name) && !members.get(name).isJsonNull();
    }

    private <T> Optional<T> optional(String name, Function<JsonElement, T> conversion) {
        if (!has(name)) {
            return Optional.empty();
        }
        try {
            return Optional.of(conversion.apply(members.get(name)));
        } catch (IllegalArgumentException | UnsupportedOperationException | IllegalStateException e) {
            throw KmsError.of("SerializationException", "The member " + name + " has another type.");
        }
    }

    private static KmsError missing(String name) {
        return KmsError.validation("1 validation error detected: Value null at '" + lowerCase(name)
                + "' failed to satisfy constraint: Member must not be null");
    }

    private static String lowerCase(String name) {
        return Character.toLowerCase(name.charAt(0)) + name.substring(1);
    }

    private static KmsError constraint(String name, String constraint) {
        return KmsError.validation("1 validation error detected: Value at '" + lowerCase(name)
                + "' failed to satisfy constraint: Member must " + constraint);
    }

    private static void checkRange(String name, String what, long value, long min, long max) {
        if (value < min) {
            throw constraint(name, "have " + what + " greater than or equal to " + min);
        }
        if (value > max) {
            throw constraint(name, "have " + what + " less than or equal to " + max);
        }
    }

    Optional<String> optionalText(String name, int min, int max) {
        Optional<String> text = optional(name, JsonElement::getAsString);
        text.ifPresent(value -> checkRange(name, "length", value.length(), min, max));
        return text;
    }

    String text(String name, int min, int max) {
        return optionalText(name, min, max).orElseThrow(() -> missing(name));
    }

    String text(String name, int max, Pattern pattern) {
        String text = text(name, 1, max);
        if (!pattern.matcher(text).matches()) {
            throw constraint(name, "satisfy regular expression pattern: " + pattern);
        }
        return text;
    }

    String keyId(String name) {
        return text(name, 1, MAX_KEY_ID);
    }

    Optional<String> optionalKeyId(String name) {
        return optionalText(name, 1, MAX_KEY_ID);
    }

    byte[] bytes(String name, int max) {
        byte[] bytes = optional(name, element -> Base64.getDecoder().decode(element.getAsString()))
                .orElseThrow(() -> missing(name));
        checkRange(name, "length", bytes.length, 1, max);
        return bytes;
    }

    Optional<Integer> integer(String name, int min, int max) {
        Optional<Integer> number = optional(name, JsonElement::getAsInt);
        number.ifPresent(value -> checkRange(name, "value", value, min, max));
        return number;
    }

    boolean flag(String name) {
        return optional(name, JsonElement::getAsBoolean).orElse(false);
    }

    <E extends Enum<E>> Optional<E> optionalChoice(String name, Class<E> type) {
        return optional(name, JsonElement::getAsString)
                .map(text -> Arrays.stream(type.getEnumConstants())
                        .filter(constant -> constant.name().equals(text) && !text.equals("OTHER"))
                        .findFirst()
                        .orElseThrow(() -> constraint(
                                name, "satisfy enum value set: " + Arrays.toString(type.getEnumConstants()))));
    }

    <E extends Enum<E>> E choice(String name, Class<E> type) {
        return optionalChoice(name, type).orElseThrow(() -> missing(name));
    }

    List<String> texts(String name) {
        return optional(name, element -> {
                    List<String> texts = new ArrayList<>();
                    element.getAsJsonArray().forEach(item -> texts.add(item.getAsString()));
                    return texts;
                })
                .orElse(List.of());
    }

    List<String> grantTokens() {
        List<String> tokens = texts("GrantTokens");
        checkRange("GrantTokens", "length", tokens.size(), 0, MAX_GRANT_TOKENS);
        return tokens;
    }

    /** Names and values of an encryption context, sorted by name. */
    Map<String, String> context(String name) {
        return optional(name, element -> {
                    Map<String, String> pairs = new TreeMap<>();
                    element.getAsJsonObject().asMap().forEach((key, value) -> pairs.put(key, value.getAsString()));
                    return pairs;
                })
                .orElseGet(TreeMap::new);
    }

    /** Ends what would have succeeded, if the caller only wanted to know whether it would. */
    void endDryRun() {
        if (flag("DryRun")) {
            throw KmsError.of(
                    "DryRunOperationException", "The request would have succeeded, but the DryRun option is set.");
        }
    }

    boolean ignoresCiphertext() {
        List<String> modifiers = texts("DryRunModifiers");
        if (!modifiers.isEmpty() && (!flag("DryRun") || !modifiers.equals(List.of("IGNORE_CIPHERTEXT")))) {
            throw constraint("DryRunModifiers", "satisfy enum value set: [IGNORE_CIPHERTEXT], together with DryRun");
        }
        return !modifiers.isEmpty();
    }
}
