package dev.kmsenvelope.hierarchy.item;

import java.util.List;
import java.util.Optional;

/**
 * Where items are, by the id of their branch key and their type. Thread-safe. Every method may throw a {@link
 * dev.kmsenvelope.kms.KmsException}.
 */
public interface ItemTable extends AutoCloseable {

    /**
     * Names the table for people.
     *
     * @return for example the path of a file
     */
    String name();

    /**
     * Looks one item up.
     *
     * @param id of the branch key
     * @param type of the item
     * @return the item, as it was written last
     */
    Optional<BranchKeyItem> get(String id, String type);

    /**
     * Looks all items of a branch key up.
     *
     * @param id of the branch key
     * @return its items, in any order
     */
    List<BranchKeyItem> all(String id);

    /**
     * The active versions of all branch keys.
     *
     * @return an item each, in any order
     */
    List<BranchKeyItem> active();

    /**
     * Writes the first items of a branch key, all or none.
     *
     * @param items of one branch key
     * @throws dev.kmsenvelope.hierarchy.BranchKeyConflictException if one is there already
     */
    void create(List<BranchKeyItem> items);

    /**
     * Writes a new version and replaces the active one, both or none.
     *
     * @param old the active version as it was read
     * @param version the new version
     * @param active the new active version
     * @throws dev.kmsenvelope.hierarchy.BranchKeyConflictException if the active version is not that one any more
     */
    void rotate(BranchKeyItem old, BranchKeyItem version, BranchKeyItem active);

    /** Releases what is held; idempotent. */
    @Override
    void close();
}
