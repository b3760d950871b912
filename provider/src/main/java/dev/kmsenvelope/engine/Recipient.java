package dev.kmsenvelope.engine;

import dev.kmsenvelope.dek.DataKeySource;
import dev.kmsenvelope.format.InvalidMessageException;
import dev.kmsenvelope.format.InvalidMessageException.Reason;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyService;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Who reads: the services and keys whose data keys may be opened, any one of which is enough, and the context that a message
 * must have.
 *
 * @param key the name that the reader goes by: the first key of the first authority
 * @param authorities whose data keys may be opened; at least one
 * @param required pairs that a message must have in its context
 * @param notStored names of those of them that need not stand in the message, and are then bound to it all the same
 */
public record Recipient(KeyId key, List<Authority> authorities, EncryptionContext required, Set<String> notStored) {

    /** Copies the lists. */
    public Recipient {
        authorities = List.copyOf(authorities);
        notStored = Set.copyOf(notStored);
        if (authorities.isEmpty()) {
            throw new IllegalArgumentException("a recipient has at least one authority");
        }
    }

    /**
     * Who reads messages in which all of their context stands.
     *
     * @param key the name that the reader goes by
     * @param authorities whose data keys may be opened; at least one
     * @param required pairs that must stand in a message's context
     */
    public Recipient(KeyId key, List<Authority> authorities, EncryptionContext required) {
        this(key, authorities, required, Set.of());
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

    /**
     * This reader, for messages in which some of the required pairs do not stand.
     *
     * @param names theirs
     * @return the reader
     */
    public Recipient withNotStored(Set<String> names) {
        return names.equals(notStored) ? this : new Recipient(key, authorities, required, names);
    }

    /**
     * Holds a message's context against the required pairs (RULES 3): each stands there with its value, or is one that need
     * not, and no other value stands there.
     *
     * @param stored the context that stands in a message
     * @return the required pairs that do not stand there
     * @throws InvalidMessageException if one is missing or different
     */
    public EncryptionContext notStoredIn(EncryptionContext stored) throws InvalidMessageException {
        if (stored.containsAll(required)) {
            return EncryptionContext.empty();
        }
        Map<String, String> missing = new LinkedHashMap<>();
        for (Map.Entry<String, String> pair : required.asMap().entrySet()) {
            String there = stored.asMap().get(pair.getKey());
            if (there == null && notStored.contains(pair.getKey())) {
                missing.put(pair.getKey(), pair.getValue());
            } else if (!pair.getValue().equals(there)) {
                throw new InvalidMessageException(
                        Reason.WRONG_CONTEXT, "the message does not have the encryption context that is required");
            }
        }
        return EncryptionContext.of(missing);
    }
}
