package dev.kmsenvelope.keystore.file;

import dev.kmsenvelope.crypto.RandomSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What a keystore file holds, without its seal. Immutable and thread-safe.
 *
 * @param id 128 random bits in lower-case hexadecimal, the same for the file's whole life
 * @param generation how often the file was written, 0 for one that was not yet: each write adds one
 * @param entries at most 10,000, in the order of the file, with unique aliases
 */
public record StoreContent(String id, long generation, List<StoreEntry> entries) {

    private static final int ID_BYTES = 16;
    private static final Pattern ID = Pattern.compile("[0-9a-f]{32}");

    /**
     * Checks the fields.
     *
     * @throws IllegalArgumentException if one is not as it should be
     */
    public StoreContent {
        requireId(id);
        StoreLimits.require(
                generation >= 0 && generation < Long.MAX_VALUE, generation, "generations count from 0 to 2^63 - 2");
        entries = List.copyOf(entries);
        StoreLimits.require(
                entries.size() <= StoreLimits.ENTRIES,
                entries,
                "a keystore file has at most " + StoreLimits.ENTRIES + " entries, not " + entries.size());
        Set<String> aliases = new HashSet<>();
        for (StoreEntry entry : entries) {
            StoreLimits.require(aliases.add(entry.alias()), entry, "two entries have the same alias");
        }
    }

    static void requireId(String id) {
        StoreLimits.require(
                ID.matcher(id).matches(), id, "the id of a keystore file is 32 lower-case hexadecimal digits");
    }

    /**
     * A new file, with an id of its own and without entries.
     *
     * @return its content
     */
    public static StoreContent create() {
        return new StoreContent(
                HexFormat.of().formatHex(RandomSource.operatingSystem().next(ID_BYTES)), 0, List.of());
    }

    /**
     * What {@link StoreSeal#seal} writes of this: the same entries in the next generation.
     *
     * @return the content to go on with after a write
     */
    public StoreContent next() {
        return new StoreContent(id, generation + 1, entries);
    }

    /**
     * Adds an entry, or puts it in the place of the one with the same alias.
     *
     * @param entry the entry, wrapped for this file and its alias
     * @return the new content
     * @throws IllegalArgumentException if there are too many
     */
    public StoreContent with(StoreEntry entry) {
        List<StoreEntry> all = new ArrayList<>(entries);
        for (int i = 0; i < all.size(); i++) {
            if (all.get(i).alias().equals(entry.alias())) {
                all.set(i, entry);
                return new StoreContent(id, generation, all);
            }
        }
        all.add(entry);
        return new StoreContent(id, generation, all);
    }

    /**
     * Removes an entry.
     *
     * @param alias its alias
     * @return the new content; this one if there is no such entry
     */
    public StoreContent without(String alias) {
        return find(alias).isEmpty()
                ? this
                : new StoreContent(
                        id,
                        generation,
                        entries.stream()
                                .filter(entry -> !entry.alias().equals(alias))
                                .toList());
    }

    /**
     * Finds an entry.
     *
     * @param alias its alias, case-sensitive
     * @return the entry, or empty
     */
    public Optional<StoreEntry> find(String alias) {
        return entries.stream().filter(entry -> entry.alias().equals(alias)).findFirst();
    }
}
