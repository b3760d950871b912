package dev.kmsenvelope.keystore;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** What is wrong with entries, logged once for each text: key managers ask for each handshake. Thread-safe. */
final class Warnings {

    /** So that texts that differ each time do not fill the memory. */
    private static final int MOST = 10_000;

    private final System.Logger log;
    private final Set<String> texts = ConcurrentHashMap.newKeySet();

    Warnings(Class<?> source) {
        log = System.getLogger(source.getName());
    }

    void warn(String text) {
        if (texts.size() < MOST && texts.add(text)) {
            log.log(System.Logger.Level.WARNING, text);
        }
    }
}
