package dev.kmsenvelope.hierarchy;

import com.github.benmanes.caffeine.cache.Expiry;

/**
 * How long a branch key stays in the cache. Its time counts from when the store was asked, however long that took. Thread-safe.
 *
 * @param nanos in nanoseconds
 */
record BranchKeyLifetime(long nanos) implements Expiry<BranchKeyCache.Name, Slot> {

    @Override
    public long expireAfterCreate(BranchKeyCache.Name name, Slot slot, long now) {
        return Math.max(0, nanos - slot.age(now));
    }

    @Override
    public long expireAfterUpdate(BranchKeyCache.Name name, Slot slot, long now, long rest) {
        return expireAfterCreate(name, slot, now);
    }

    @Override
    public long expireAfterRead(BranchKeyCache.Name name, Slot slot, long now, long rest) {
        return rest;
    }
}
