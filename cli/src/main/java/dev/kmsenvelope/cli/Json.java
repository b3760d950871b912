package dev.kmsenvelope.cli;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;

/** JSON for scripts. */
public final class Json {

    private static final Gson GSON =
            new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create();

    private Json() {}

    /**
     * Writes a document.
     *
     * @param document the document
     * @return its text, without characters that a terminal would act on
     */
    public static String write(JsonElement document) {
        return Text.escapeJson(GSON.toJson(document));
    }
}
