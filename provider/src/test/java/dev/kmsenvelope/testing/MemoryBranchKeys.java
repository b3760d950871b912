package dev.kmsenvelope.testing;

import dev.kmsenvelope.hierarchy.BranchKey;
import dev.kmsenvelope.hierarchy.BranchKeyDescription;
import dev.kmsenvelope.hierarchy.BranchKeyDescription.Version;
import dev.kmsenvelope.hierarchy.BranchKeyStore;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyNotFoundException;
import dev.kmsenvelope.kms.SecretBytes;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Branch keys in memory, with a count of the calls, all keys that were handed out, and a fault that can hit every call. */
public final class MemoryBranchKeys implements BranchKeyStore {

    public final AtomicInteger calls = new AtomicInteger();
    public final Queue<BranchKey> handedOut = new ConcurrentLinkedQueue<>();

    /** What happens in each call before it looks at the keys. */
    public volatile Runnable before = () -> {};

    private final Map<String, Map<UUID, byte[]>> keys = new ConcurrentHashMap<>();
    private final Map<String, UUID> active = new ConcurrentHashMap<>();
    private final SecureRandom random = new SecureRandom();
    private volatile Supplier<? extends @Nullable RuntimeException> fault = () -> null;

    /** Makes a new version of a branch key, its first one too. */
    public UUID rotate(String id) {
        byte[] key = new byte[BranchKey.LENGTH];
        random.nextBytes(key);
        UUID version = UUID.randomUUID();
        keys.computeIfAbsent(id, absent -> Collections.synchronizedMap(new LinkedHashMap<>()))
                .put(version, key);
        active.put(id, version);
        return version;
    }

    public MemoryBranchKeys withKey(String id) {
        rotate(id);
        return this;
    }

    /** Takes a version away. */
    public void remove(String id, UUID version) {
        keys.get(id).remove(version);
    }

    public UUID activeVersion(String id) {
        return active.get(id);
    }

    /** Makes every call fail with what is supplied, or work again when that is null. */
    public void failWith(Supplier<? extends @Nullable RuntimeException> newFault) {
        fault = newFault;
    }

    private BranchKey hand(String id, @Nullable UUID version) {
        calls.incrementAndGet();
        before.run();
        RuntimeException failure = fault.get();
        if (failure != null) {
            throw failure;
        }
        byte[] key = version == null ? null : keys.getOrDefault(id, Map.of()).get(version);
        if (version == null || key == null) {
            throw new KeyNotFoundException("there is no branch key " + id + " of version " + version);
        }
        BranchKey handed = new BranchKey(id, version, SecretBytes.copyOf(key));
        handedOut.add(handed);
        return handed;
    }

    @Override
    public String name() {
        return "memory";
    }

    @Override
    public BranchKey active(String id) {
        return hand(id, active.get(id));
    }

    @Override
    public BranchKey version(String id, UUID version) {
        return hand(id, version);
    }

    @Override
    public BranchKeyDescription describe(String id) {
        if (!keys.containsKey(id)) {
            throw new KeyNotFoundException("there is no branch key " + id);
        }
        List<Version> versions = new ArrayList<>();
        keys.get(id).keySet().forEach(version -> versions.add(new Version(version.toString(), Instant.EPOCH)));
        return new BranchKeyDescription(id, "none", EncryptionContext.empty(), versions);
    }

    @Override
    public List<BranchKeyDescription> list() {
        return keys.keySet().stream().sorted().map(this::describe).toList();
    }

    @Override
    public void close() {
        keys.clear();
    }
}
