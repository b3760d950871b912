package dev.kmsenvelope.engine;

import dev.kmsenvelope.dek.DataKeySource;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyService;
import java.util.List;
import java.util.function.Predicate;

/**
 * A key service that may decrypt the data keys of a message, and with which of its keys.
 *
 * @param service knows which encrypted data keys are its own
 * @param source decrypts data keys by asking that service
 * @param keys the keys, or aliases, that messages may be for; the names most likely to be right come first
 * @param discovery allows further keys, by the id that a message names; the rule is to allow none (RULES 14)
 */
public record Authority(KeyService service, DataKeySource source, List<KeyId> keys, Predicate<KeyId> discovery) {

    /** Copies the list. */
    public Authority {
        keys = List.copyOf(keys);
    }

    /**
     * Without discovery.
     *
     * @param service knows which encrypted data keys are its own
     * @param source decrypts data keys by asking that service
     * @param keys the keys, or aliases, that messages may be for
     */
    public Authority(KeyService service, DataKeySource source, List<KeyId> keys) {
        this(service, source, keys, key -> false);
    }
}
