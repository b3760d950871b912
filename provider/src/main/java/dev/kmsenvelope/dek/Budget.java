package dev.kmsenvelope.dek;

import java.util.concurrent.atomic.AtomicLong;

/**
 * An amount that is used up by many threads. Each takes a block of what is left at a time and then spends of that alone, so
 * that busy threads do not share a counter. What is left at the end is found wherever it is: exactly the amount is given
 * out by {@link #take}, never more.
 *
 * <p>What is left and in no block, and what is left in blocks, add up to the limit less what was spent. Blocks are at most
 * {@code 1/64} of what is in no block, so they become smaller towards the end, and the last units are taken one by one.
 */
final class Budget {

    private static final int PARTS_SHIFT = 6;

    private final long limit;
    private final long fifth;
    private final long largestBlock;
    private final AtomicLong unassigned;
    private final Stripes blocks = new Stripes();

    /**
     * Starts with all of it.
     *
     * @param limit the amount, at least 1
     * @param largestBlock what a thread takes at a time at most
     */
    Budget(long limit, long largestBlock) {
        this.limit = limit;
        this.fifth = limit / 5;
        this.largestBlock = largestBlock;
        this.unassigned = new AtomicLong(limit);
    }

    /** Takes one unit if one is left. */
    boolean take() {
        Stripes.Cell block = blocks.mine();
        long value = block.get();
        if (value > 0) {
            if (block.compareAndSet(value, value - 1)) {
                return true;
            }
            blocks.widen();
            block = blocks.mine();
            for (value = block.get(); value > 0; value = block.get()) {
                if (block.compareAndSet(value, value - 1)) {
                    return true;
                }
            }
        }
        long reserved = reserve(1);
        if (reserved > 0) {
            if (reserved > 1) {
                block.getAndAdd(reserved - 1);
            }
            return true;
        }
        return blocks.takeAnywhere();
    }

    /** Takes at least so many units and up to a block out of what is in no block; 0 if there are none. */
    private long reserve(long least) {
        long left = unassigned.get();
        while (left > 0) {
            long block = Math.min(left, Math.max(least, blockOf(left)));
            if (unassigned.compareAndSet(left, left - block)) {
                return block;
            }
            left = unassigned.get();
        }
        return 0;
    }

    private long blockOf(long left) {
        return Math.min(largestBlock, Math.max(0, left) >> PARTS_SHIFT);
    }

    /** Spends what was used already, whatever is left: more than all of it may become spent. */
    void spend(long amount) {
        if (amount <= 0) {
            return;
        }
        Stripes.Cell block = blocks.add(-amount);
        long value = block.get();
        if (value < 0) {
            long left = unassigned.get();
            long more = blockOf(left) - value;
            while (!unassigned.compareAndSet(left, left - more)) {
                left = unassigned.get();
                more = blockOf(left) - value;
            }
            block.getAndAdd(more);
        }
    }

    /** Whether not all of it is spent. */
    boolean isLeft() {
        return unassigned.get() > 0 || left() > 0;
    }

    /** Whether less than about a fifth is left. */
    boolean isNearEnd() {
        return unassigned.get() < fifth;
    }

    /** What is left; negative if more was spent than there was. */
    private long left() {
        return unassigned.get() + blocks.sum();
    }

    long spent() {
        return limit - left();
    }
}
