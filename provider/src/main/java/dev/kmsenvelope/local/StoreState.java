package dev.kmsenvelope.local;

import dev.kmsenvelope.kms.KeyDescription;
import dev.kmsenvelope.kms.KeyDescription.KeyVersion;
import dev.kmsenvelope.kms.KeyId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;

/**
 * Everything that the key file holds. Immutable but for {@link #wipe()}; changes make a new state, which shares the key
 * material of what did not change.
 *
 * @param lineage drawn when the store is created and again when it is restored: use counts mean something only within one
 * @param generation one more with every write
 * @param keys by id, in the order of creation
 * @param aliases by name; each with the ids of the keys it points to now (first) and pointed to before (latest first)
 */
record StoreState(UUID lineage, long generation, Map<String, StoredKey> keys, Map<String, List<String>> aliases) {

    StoreState {
        keys = Collections.unmodifiableMap(new LinkedHashMap<>(keys));
        Map<String, List<String>> sorted = new TreeMap<>();
        aliases.forEach((name, targets) -> sorted.put(name, List.copyOf(targets)));
        aliases = Collections.unmodifiableMap(sorted);
    }

    static StoreState empty(UUID lineage) {
        return new StoreState(lineage, 0, Map.of(), Map.of());
    }

    /** The state as it is at a time: without keys whose deletion date has come, and without what points to them. */
    StoreState at(Instant now) {
        if (keys.values().stream().noneMatch(key -> key.isDestroyedAt(now))) {
            return this;
        }
        Map<String, StoredKey> alive = new LinkedHashMap<>(keys);
        alive.values().removeIf(key -> key.isDestroyedAt(now));
        Map<String, List<String>> pointing = new TreeMap<>();
        aliases.forEach((name, targets) -> {
            if (alive.containsKey(targets.get(0))) {
                pointing.put(name, targets.stream().filter(alive::containsKey).toList());
            }
        });
        return new StoreState(lineage, generation, alive, pointing);
    }

    Optional<StoredKey> find(KeyId id) {
        List<String> targets = aliases.get(id.value());
        return Optional.ofNullable(keys.get(targets == null ? id.value() : targets.get(0)));
    }

    /** The ids of the keys that an alias points or pointed to, the current one first; of a key, its own. */
    List<String> targets(KeyId id) {
        List<String> targets = aliases.get(id.value());
        if (targets != null) {
            return targets;
        }
        return keys.containsKey(id.value()) ? List.of(id.value()) : List.of();
    }

    StoreState withKey(StoredKey key) {
        Map<String, StoredKey> changed = new LinkedHashMap<>(keys);
        changed.put(key.id(), key);
        return new StoreState(lineage, generation, changed, aliases);
    }

    /** Points an alias to a key; where it pointed before becomes its history. */
    StoreState withAlias(String name, String target) {
        List<String> targets = new ArrayList<>(aliases.getOrDefault(name, List.of()));
        targets.remove(target);
        targets.add(0, target);
        Map<String, List<String>> changed = new TreeMap<>(aliases);
        changed.put(name, targets);
        return new StoreState(lineage, generation, keys, changed);
    }

    StoreState withoutAlias(String name) {
        Map<String, List<String>> changed = new TreeMap<>(aliases);
        changed.remove(name);
        return new StoreState(lineage, generation, keys, changed);
    }

    StoreState withGeneration(UUID newLineage, long newGeneration) {
        return new StoreState(newLineage, newGeneration, keys, aliases);
    }

    KeyDescription describe(StoredKey key) {
        return new KeyDescription(
                KeyId.of(key.id()),
                aliases.entrySet().stream()
                        .filter(alias -> alias.getValue().get(0).equals(key.id()))
                        .map(alias -> KeyId.of(alias.getKey()))
                        .toList(),
                key.spec(),
                key.usage(),
                key.state(),
                key.created(),
                key.versions().stream()
                        .map(version -> new KeyVersion(
                                Integer.toString(version.number()), version.created(), version.reservedUses()))
                        .toList(),
                key.deletion());
    }

    void wipe() {
        keys.values().forEach(StoredKey::wipe);
    }
}
