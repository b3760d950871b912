package dev.kmsenvelope.provider;

import java.nio.ByteBuffer;
import java.security.InvalidKeyException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts, for each stored data key, the messages that this process began with an IV that was drawn at random (RULES 10). Two
 * random IVs of 96 bits that are the same give AES-GCM away, and become likely beyond 2^32 of them, all processes together.
 * Thread-safe.
 *
 * <p>A count is that of an encrypted key, whatever handles and KeyStores there are or were for it, and is kept until the
 * process ends: some 400 bytes for each key that encrypted something.
 */
final class MessageCounts {

    private static final Map<ByteBuffer, AtomicLong> COUNTS = new ConcurrentHashMap<>();

    private MessageCounts() {}

    /**
     * Counts one message. It is refused as what is wrong with the key, which {@code init} may throw: another key, the next
     * version, would do. An IllegalStateException would say that the Cipher object is in the wrong state, which no call could
     * mend.
     *
     * @throws InvalidKeyException if there were as many as the process may encrypt
     */
    static void add(StoredDataKey key) throws InvalidKeyException {
        long before = COUNTS.computeIfAbsent(key.identity(), absent -> new AtomicLong())
                .getAndUpdate(count -> count < key.maxMessages() ? count + 1 : count);
        if (before >= key.maxMessages()) {
            throw new InvalidKeyException("the data key '" + key.name() + "' (version " + key.version()
                    + ") has encrypted as many messages with random IVs as one process may, " + key.maxMessages()
                    + "; it still decrypts: encrypt with a new version of it");
        }
    }
}
