package dev.kmsenvelope.keystore;

import dev.kmsenvelope.provider.DataKeyUsage;
import dev.kmsenvelope.text.Quoted;
import java.security.KeyStore.Entry;
import java.security.KeyStoreException;
import java.util.Optional;
import java.util.Set;

/**
 * What somebody says with attributes of the data key that he puts in. Of a key that is one already less can be asked for, and
 * never more or anything else (RULES 9, 10).
 *
 * @param usage the one thing that it is for
 * @param extractable whether it may be given out in the clear
 * @param maxMessages how many messages one process may encrypt with random IVs
 */
record DataKeyWishes(Optional<DataKeyUsage> usage, Optional<Boolean> extractable, Optional<Long> maxMessages) {

    static DataKeyWishes of(Set<Entry.Attribute> attributes) throws KeyStoreException {
        return new DataKeyWishes(
                EntryAttributes.usage(attributes),
                EntryAttributes.extractable(attributes),
                EntryAttributes.maxMessages(attributes));
    }

    /** Refuses to put a data key in for something else, or for more, than what it is for where it comes from. */
    void requireNoMore(String name, DataKeyUsage isFor, boolean isExtractable, long mostMessages)
            throws KeyStoreException {
        if (usage.isPresent() && usage.get() != isFor) {
            throw new KeyStoreException("the data key " + Quoted.of(name) + " is for " + isFor.transformation()
                    + ", and one key has one use: it cannot be put in for "
                    + usage.get().transformation());
        }
        if (extractable.orElse(false) && !isExtractable) {
            throw new KeyStoreException(
                    "the data key " + Quoted.of(name) + " is not extractable, and does not become so");
        }
        if (maxMessages.orElse(0L) > mostMessages) {
            throw new KeyStoreException("the data key " + Quoted.of(name) + " may encrypt " + mostMessages
                    + " messages in a process, and they do not become more");
        }
    }
}
