package dev.kmsenvelope.kms;

import java.util.List;

/**
 * Which keys there are: what both those who use keys and those who administer them may ask.
 *
 * <p>Implementations are thread-safe. Every method may throw a {@link KmsException}.
 */
public interface KeyDirectory extends AutoCloseable {

    /**
     * Names this service for people: in error texts and reports.
     *
     * @return for example {@code local}
     */
    String name();

    /**
     * Looks a key up.
     *
     * @param key an alias, key id or ARN
     * @return its description
     * @throws KeyNotFoundException if there is no such key
     */
    KeyDescription describe(KeyId key);

    /**
     * Lists the keys, in the order of their creation.
     *
     * @return all keys that this identity may see
     */
    List<KeyDescription> list();

    /** Wipes what key material is held in memory and releases connections; idempotent. Later calls fail. */
    @Override
    void close();
}
