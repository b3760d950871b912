package dev.kmsenvelope.local;

import dev.kmsenvelope.kms.RotationStatus.Cause;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;

/**
 * The encryptions that this process may do before it must reserve more, per key. They were accounted to the key version
 * in the key file before the first of them happens, so a crash loses some uses and never counts too few.
 *
 * <p>The blocks double from 64 to 2^20, so that a process that encrypts once wastes little and one that encrypts a lot
 * rarely writes. Not thread-safe: the store's {@code memory} lock guards it, through {@link LocalStore#read} and {@link
 * LocalStore#update}.
 */
final class UseCounter {

    /** The first block. */
    static final long FIRST_BLOCK = 64;

    /** The largest block. */
    static final long LARGEST_BLOCK = 1 << 20;

    private final long maxUses;
    private final Map<String, Block> blocks = new HashMap<>();
    private UUID lineage = new UUID(0, 0);
    private long generation;

    UseCounter(long maxUses) {
        this.maxUses = maxUses;
    }

    /**
     * Uses to be had.
     *
     * @param key with the uses accounted to its current version
     * @param uses how many
     */
    record Reservation(StoredKey key, long uses) {}

    private static final class Block {
        private int version;
        private long left;
        private long nextSize = FIRST_BLOCK;
    }

    /** Takes one use of the current version of a key; false if there is none left. */
    boolean take(StoreState state, StoredKey key) {
        forgetOtherHistory(state);
        Block block = blocks.get(key.id());
        if (block == null || block.version != key.current().number() || block.left == 0) {
            return false;
        }
        block.left--;
        return true;
    }

    /**
     * Accounts a block of uses to the current version of a key, or to a new one if the current one has none left or is too
     * old. They may be taken once that is written and {@link #credit} was told.
     */
    Reservation reserve(StoredKey key, Instant now, Function<Cause, StoredKey.Version> fresh) {
        StoredKey usable = key;
        if (key.isRotationDueAt(now)) {
            usable = key.withVersion(fresh.apply(Cause.AGE));
        } else if (key.current().reservedUses() >= maxUses) {
            usable = key.withVersion(fresh.apply(Cause.USES));
        }
        Block block = blocks.get(key.id());
        long uses = Math.min(
                block == null ? FIRST_BLOCK : block.nextSize,
                maxUses - usable.current().reservedUses());
        return new Reservation(usable.withReserved(uses), uses);
    }

    /**
     * Adds uses that were reserved.
     *
     * @param now the newest state
     * @param written the state that the reservation was written with
     * @param reservation what was reserved
     */
    void credit(StoreState now, StoreState written, Reservation reservation) {
        forgetOtherHistory(now);
        if (!now.lineage().equals(written.lineage()) || now.generation() < written.generation()) {
            return; // The file that says so was replaced by another one.
        }
        int version = reservation.key().current().number();
        Block block = blocks.computeIfAbsent(reservation.key().id(), id -> new Block());
        if (block.version != version) {
            block.version = version;
            block.left = 0;
        }
        block.left += reservation.uses();
        block.nextSize = Math.min(2 * block.nextSize, LARGEST_BLOCK);
    }

    /** After a restore, or when an old file was put in place, what was reserved before is not accounted for any more. */
    private void forgetOtherHistory(StoreState state) {
        if (!state.lineage().equals(lineage) || state.generation() < generation) {
            blocks.clear();
        }
        lineage = state.lineage();
        generation = state.generation();
    }
}
