package dev.kmsenvelope.testing.kms;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.function.Function;

/**
 * Cuts a list into pages. A marker names the operation and the last item of its page, so that it is good for the next page
 * only of the same list, whatever is added or removed in between.
 */
final class Pages {

    private static final int MAX_MARKER = 1024;

    private Pages() {}

    static <T> JsonObject page(
            Call call,
            String member,
            List<T> items,
            Function<T, String> name,
            Function<T, JsonElement> json,
            int[] limits) {
        int limit = call.integer("Limit", 1, limits[1]).orElse(limits[0]);
        List<T> rest = call.optionalText("Marker", 1, MAX_MARKER)
                .map(marker -> after(items, last(call, marker), name))
                .orElse(items);
        JsonArray page = new JsonArray();
        rest.stream().limit(limit).map(json).forEach(page::add);
        JsonObject answer = new JsonObject();
        answer.add(member, page);
        boolean truncated = rest.size() > limit;
        answer.addProperty("Truncated", truncated);
        if (truncated) {
            String marker = call.operation() + " " + name.apply(rest.get(limit - 1));
            answer.addProperty(
                    "NextMarker", Base64.getUrlEncoder().encodeToString(marker.getBytes(StandardCharsets.UTF_8)));
        }
        return answer;
    }

    private static String last(Call call, String marker) {
        try {
            String text = new String(Base64.getUrlDecoder().decode(marker), StandardCharsets.UTF_8);
            if (text.startsWith(call.operation() + " ")) {
                return text.substring(call.operation().length() + 1);
            }
        } catch (IllegalArgumentException e) {
            // reported below, together with markers of other lists
        }
        throw KmsError.of("InvalidMarkerException", "The marker is not one of this list.");
    }

    private static <T> List<T> after(List<T> items, String last, Function<T, String> name) {
        return items.stream()
                .filter(item -> name.apply(item).compareTo(last) > 0)
                .toList();
    }
}
