package dev.kmsenvelope.benchmarks.fleet;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonPrimitive;
import com.google.gson.JsonSerializer;
import java.time.Duration;

/** Writes records as JSON; durations in seconds. */
final class Json {

    private static final Gson GSON = new GsonBuilder()
            .setPrettyPrinting()
            .registerTypeAdapter(Duration.class, (JsonSerializer<Duration>)
                    (duration, type, context) -> new JsonPrimitive(duration.toNanos() / 1e9))
            .create();

    private Json() {}

    static String write(Object record) {
        return GSON.toJson(record);
    }
}
