package dev.kmsenvelope.engine;

import dev.kmsenvelope.dek.DataKeySource;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyService;
import java.util.List;
import java.util.stream.Stream;

/**
 * Who reads: the services and keys whose data keys may be opened, any one of which is enough, and the context that a message
 * must have.
 *
 * @param key the name that the reader goes by: the first key of the first authority
 * @param authorities whose data keys may be opened; at least one
 * @param required pairs that must stand in a message's context
 */
public record Recipient(KeyId key, List<Authority> authorities, EncryptionContext required) {

    /** Copies the list. */
    public Recipient {
        authorities = List.copyOf(authorities);
        if (authorities.isEmpty()) {
            throw new IllegalArgumentException("a recipient has at least one authority");
        }
    }

    /**
     * Who reads with keys of one service.
     *
     * @param service knows which encrypted data keys are its own
     * @param source decrypts data keys
     * @param key the key, or an alias, that messages must be for
     * @param moreKeys further keys of the service that messages may be for
     * @param required pairs that must stand in a message's context
     */
    public Recipient(
            KeyService service, DataKeySource source, KeyId key, List<KeyId> moreKeys, EncryptionContext required) {
        this(
                key,
                List.of(new Authority(
                        service,
                        source,
                        Stream.concat(Stream.of(key), moreKeys.stream()).toList())),
                required);
    }
}
