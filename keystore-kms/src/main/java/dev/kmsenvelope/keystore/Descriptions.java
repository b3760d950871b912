package dev.kmsenvelope.keystore;

import dev.kmsenvelope.kms.KeyDescription;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyNotFoundException;
import dev.kmsenvelope.kms.KeyService;
import java.time.Duration;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What the service told of its keys, remembered for a short time: a key manager of the JDK walks over the whole keystore for
 * each TLS handshake, and each step of it would be a request. A key that is not remembered is asked for; that there is none is
 * never remembered. Thread-safe: nobody waits for the request of another one, so two may ask the same.
 */
final class Descriptions {

    private final KeyService service;
    private final long lifetimeNanos;
    private final LongSupplier nanoTime;

    private volatile @Nullable Listing listing;
    private final Map<KeyId, Answer> answers = new ConcurrentHashMap<>();

    private record Listing(Map<String, KeyDescription> aliases, long read) {}

    private record Answer(KeyDescription key, long read) {}

    /**
     * Remembers nothing yet.
     *
     * @param service who is asked
     * @param lifetime how long an answer is good for; zero for not at all
     * @param nanoTime the clock
     */
    Descriptions(KeyService service, Duration lifetime, LongSupplier nanoTime) {
        this.service = service;
        this.lifetimeNanos = lifetime.toNanos();
        this.nanoTime = nanoTime;
    }

    private boolean fresh(long read) {
        return nanoTime.getAsLong() - read < lifetimeNanos;
    }

    /** All aliases, sorted, each with its key. */
    Map<String, KeyDescription> aliases() {
        Listing known = listing;
        if (known == null || !fresh(known.read())) {
            long now = nanoTime.getAsLong();
            Map<String, KeyDescription> read = new TreeMap<>();
            for (KeyDescription key : service.list()) {
                key.aliases().forEach(alias -> read.put(alias.value(), key));
            }
            known = new Listing(Collections.unmodifiableMap(read), now);
            listing = known;
            answers.values().removeIf(answer -> !fresh(answer.read()));
        }
        return known.aliases();
    }

    /**
     * A key by its alias, id or ARN.
     *
     * @return empty if there is none
     * @throws dev.kmsenvelope.kms.KmsException if the service fails
     */
    Optional<KeyDescription> find(KeyId id) {
        Listing known = listing;
        KeyDescription listed =
                known != null && fresh(known.read()) ? known.aliases().get(id.value()) : null;
        if (listed != null) {
            return Optional.of(listed);
        }
        Answer answer = answers.get(id);
        if (answer != null && fresh(answer.read())) {
            return Optional.of(answer.key());
        }
        long now = nanoTime.getAsLong();
        try {
            KeyDescription key = service.describe(id);
            answers.put(id, new Answer(key, now));
            return Optional.of(key);
        } catch (KeyNotFoundException e) {
            answers.remove(id);
            return Optional.empty();
        }
    }
}
