package dev.kmsenvelope.provider;

import dev.kmsenvelope.dek.KeyIdentity;
import java.security.InvalidKeyException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts, for each stored data key, the messages that this process began with an IV that was drawn at random (RULES 10). Two
 * random IVs of 96 bits that are the same give AES-GCM away, and become likely beyond 2^32 of them, all processes together.
 * Thread-safe; counting under a key that was counted before takes no lock.
 *
 * <p>A count is that of the bytes of a data key, whatever entries, handles and KeyStores there are or were for it. It is never
 * lower than the truth. As soon as there are twice as many as are kept, the lowest ones are dropped, and from then on a key
 * without a count starts from the highest that was dropped, which may have been its own. That start, times the number of
 * counts that are kept, is never more than all messages that were counted, so that with 2^16 kept it is below 2^26 until
 * the process encrypted 2^42 messages.
 *
 * <p>Why the start is never more than that. Call what a count has beyond the start its surplus. A message adds at most one to
 * the sum of surpluses. When the start rises, more counts than are kept had at least the new start, so the sum falls by more
 * than the number that is kept times the rise, and it never falls below zero.
 */
final class MessageCounts {

    /** Those of this process: about 2^17 counts at most, which take some 16 MB. */
    static final MessageCounts OF_PROCESS = new MessageCounts(1 << 16);

    private static final long DROPPED = -1;

    private final int kept;
    private final Map<KeyIdentity, AtomicLong> counts = new ConcurrentHashMap<>();

    /** What a key without a count may have had; only rises. */
    private final AtomicLong start = new AtomicLong();

    /**
     * Starts without counts.
     *
     * @param kept how many counts are left at most when some are dropped; from 1
     */
    MessageCounts(int kept) {
        this.kept = kept;
    }

    /**
     * Counts one message. It is refused as what is wrong with the key, which {@code init} may throw: another key, the next
     * version, would do. An IllegalStateException would say that the Cipher object is in the wrong state, which no call could
     * mend.
     *
     * @param identity tells the data key from all others
     * @param key what its entry says
     * @throws InvalidKeyException if there were as many as the process may encrypt
     */
    void add(KeyIdentity identity, StoredDataKey key) throws InvalidKeyException {
        if (before(identity, key.maxMessages()) >= key.maxMessages()) {
            throw new InvalidKeyException("the data key '" + key.name() + "' (version " + key.version()
                    + ") has encrypted as many messages with random IVs as one process may, " + key.maxMessages()
                    + "; it still decrypts: encrypt with a new version of it");
        }
    }

    /** How many there are. */
    int size() {
        return counts.size();
    }

    /** How many there were before this one, which is counted unless there were {@code most}. */
    private long before(KeyIdentity identity, long most) {
        while (true) {
            AtomicLong count = counts.get(identity);
            if (count == null) {
                dropLowest();
                count = counts.computeIfAbsent(identity, absent -> new AtomicLong(start.get()));
            }
            long before = count.getAndUpdate(known -> known != DROPPED && known < most ? known + 1 : known);
            if (before != DROPPED) {
                return before;
            }
            counts.remove(identity, count); // the start was raised before it was dropped
        }
    }

    private void dropLowest() {
        if (counts.size() >= 2 * kept) {
            synchronized (this) {
                if (counts.size() >= 2 * kept) {
                    long[] sorted = counts.values().stream()
                            .mapToLong(AtomicLong::get)
                            .sorted()
                            .toArray();
                    dropUpTo(sorted[sorted.length - kept - 1]);
                }
            }
        }
    }

    private void dropUpTo(long highest) {
        start.accumulateAndGet(highest, Math::max);
        counts.forEach((identity, count) -> {
            long known = count.get();
            while (known <= highest && !count.compareAndSet(known, DROPPED)) {
                known = count.get();
            }
            if (known <= highest) {
                counts.remove(identity, count);
            }
        });
    }
}
