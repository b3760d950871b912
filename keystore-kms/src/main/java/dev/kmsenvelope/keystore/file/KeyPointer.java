package dev.kmsenvelope.keystore.file;

import dev.kmsenvelope.kms.KeyId;
import java.time.Instant;
import java.util.Objects;

/**
 * An alias for a key of the main service. The key stays there.
 *
 * @param alias the name of the entry
 * @param created when the entry was made
 * @param key an alias, key id or ARN of the service
 */
public record KeyPointer(String alias, Instant created, KeyId key) implements StoreEntry {

    static final String KIND = "key";

    /**
     * Checks the fields.
     *
     * @throws IllegalArgumentException if one is not as {@link StoreEntry} says
     */
    public KeyPointer {
        alias = EntryFields.alias(alias);
        created = EntryFields.created(created);
        Objects.requireNonNull(key, "key");
    }

    @Override
    public String kind() {
        return KIND;
    }
}
