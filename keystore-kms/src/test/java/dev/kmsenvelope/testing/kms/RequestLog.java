package dev.kmsenvelope.testing.kms;

import com.sun.net.httpserver.Headers;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The requests that came, also those that were refused. It holds no body and no signature. Thread-safe. */
public final class RequestLog {

    private final List<Request> requests = new ArrayList<>();

    /**
     * One request.
     *
     * @param operation what was asked for
     * @param key the member KeyId, where it has one
     * @param headers its headers without the signature, names in lower case
     * @param requestId what the answer names it
     */
    public record Request(String operation, Optional<String> key, Map<String, String> headers, String requestId) {}

    RequestLog() {}

    synchronized void add(String operation, Optional<String> key, Headers headers, String requestId) {
        Map<String, String> kept = new TreeMap<>();
        headers.forEach((name, values) -> {
            if (!name.equalsIgnoreCase("Authorization") && !name.equalsIgnoreCase("X-Amz-Security-Token")) {
                kept.put(name.toLowerCase(java.util.Locale.ROOT), String.join(", ", values));
            }
        });
        requests.add(new Request(operation, key, Map.copyOf(kept), requestId));
    }

    /** All requests since the server started or the log was cleared, oldest first. */
    public synchronized List<Request> all() {
        return List.copyOf(requests);
    }

    /** How many requests there were. */
    public synchronized int count() {
        return requests.size();
    }

    /** How many requests there were for an operation, for example {@code Decrypt}. */
    public synchronized int count(String operation) {
        return (int) requests.stream()
                .filter(request -> request.operation().equals(operation))
                .count();
    }

    /** Forgets all requests. */
    public synchronized void clear() {
        requests.clear();
    }
}
