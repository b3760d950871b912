package dev.kmsenvelope.engine;

import dev.kmsenvelope.format.AlgorithmSuite;
import dev.kmsenvelope.kms.EncryptionContext;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * What a message that is written is like.
 *
 * @param suite its algorithm suite
 * @param context bound to it and to its data key
 * @param notStored names of pairs of the context that do not stand in the message: who reads it has to know them
 */
public record MessageOptions(AlgorithmSuite suite, EncryptionContext context, Set<String> notStored) {

    /** Copies the names, and checks that each has a value. */
    public MessageOptions {
        notStored = Set.copyOf(notStored);
        if (!notStored.isEmpty() && !context.asMap().keySet().containsAll(notStored)) {
            throw new IllegalArgumentException("a required name has no value in the encryption context");
        }
    }

    /** Suite 0478, and all of the context in the message. */
    static MessageOptions of(EncryptionContext context) {
        return new MessageOptions(AlgorithmSuite.AES_256_GCM_HKDF_SHA512_COMMIT_KEY, context, Set.of());
    }

    /** The part of the context that stands in the message, or the other part. */
    static EncryptionContext part(EncryptionContext context, Set<String> notStored, boolean stored) {
        if (notStored.isEmpty()) {
            return stored ? context : EncryptionContext.empty();
        }
        Map<String, String> pairs = new LinkedHashMap<>(context.asMap());
        pairs.keySet().removeIf(name -> notStored.contains(name) == stored);
        return EncryptionContext.ofMessage(pairs);
    }
}
