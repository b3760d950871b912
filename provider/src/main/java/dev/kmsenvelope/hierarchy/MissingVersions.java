package dev.kmsenvelope.hierarchy;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import dev.kmsenvelope.kms.KeyNotFoundException;
import java.time.Duration;

/**
 * Versions of branch keys that a store was found not to have a moment ago: a storm of messages that name one of them does not
 * become a storm of requests. Versions only, which a message names: the active version of a branch key may be looked for,
 * missed, and created by the same program within a second. Apart from the branch keys, of which it pushes none out (RULES 13).
 * Thread-safe.
 */
final class MissingVersions {

    /** For how long. */
    static final Duration MAX_AGE = Duration.ofSeconds(1);

    /** How many at most. */
    static final int MAX_ENTRIES = 500;

    private final Cache<BranchKeyCache.Name, String> texts;

    MissingVersions(Ticker ticker) {
        this.texts = Caffeine.newBuilder()
                .maximumSize(MAX_ENTRIES)
                .expireAfterWrite(MAX_AGE)
                .ticker(ticker)
                .executor(Runnable::run)
                .build();
    }

    void remember(BranchKeyCache.Name name, KeyNotFoundException failure) {
        String text = failure.getMessage();
        if (name.version() != null && text != null) {
            texts.put(name, text);
        }
    }

    /**
     * Fails rather than to have the store asked again.
     *
     * @throws KeyNotFoundException with the text of the one that is remembered
     */
    void throwIfKnown(BranchKeyCache.Name name) {
        String text = texts.getIfPresent(name);
        if (text != null) {
            throw new KeyNotFoundException(text);
        }
    }

    void clear() {
        texts.invalidateAll();
    }

    /** How many there are. */
    long size() {
        texts.cleanUp();
        return texts.estimatedSize();
    }
}
