package dev.kmsenvelope.hierarchy.item;

import dev.kmsenvelope.hierarchy.BranchKey;
import dev.kmsenvelope.hierarchy.BranchKeyDescription;
import dev.kmsenvelope.hierarchy.BranchKeyStore;
import dev.kmsenvelope.hierarchy.BranchKeyStoreException;
import dev.kmsenvelope.kms.InvalidCiphertextException;
import dev.kmsenvelope.kms.SecretBytes;
import java.util.List;
import java.util.UUID;

/** Branch keys in the items of a table. A branch key opens only if all attributes of its item are as they were written. */
public final class ItemStore implements BranchKeyStore {

    private final ItemTable table;
    private final BranchKeyWrapping wrapping;
    private final String logicalName;

    /**
     * Makes one.
     *
     * @param table where the items are; closed with this
     * @param wrapping how branch keys are encrypted in them; closed with this
     * @param logicalName the name of the table that is bound to each branch key
     */
    public ItemStore(ItemTable table, BranchKeyWrapping wrapping, String logicalName) {
        this.table = table;
        this.wrapping = wrapping;
        this.logicalName = logicalName;
    }

    @Override
    public String name() {
        return table.name();
    }

    @Override
    public BranchKey active(String id) {
        return open(Items.require(table, id, BranchKeyItem.ACTIVE));
    }

    @Override
    public BranchKey version(String id, UUID version) {
        return open(Items.require(table, id, BranchKeyItem.VERSION_PREFIX + version));
    }

    private BranchKey open(BranchKeyItem item) {
        UUID version = item.version();
        Items.requireAllowed(wrapping, item);
        SecretBytes key = unwrap(item);
        try {
            return new BranchKey(item.id(), version, key);
        } catch (IllegalArgumentException e) {
            key.close();
            throw new BranchKeyStoreException("the branch key " + item.id() + " has a wrong length", e);
        }
    }

    private SecretBytes unwrap(BranchKeyItem item) {
        try {
            return wrapping.unwrap(item.kmsKey(), item.encrypted(), item.context(logicalName));
        } catch (InvalidCiphertextException e) {
            throw Items.changed(table, item, e);
        }
    }

    @Override
    public BranchKeyDescription describe(String id) {
        return Items.describe(table, id);
    }

    @Override
    public List<BranchKeyDescription> list() {
        return Items.list(table);
    }

    @Override
    public void close() {
        try {
            table.close();
        } finally {
            wrapping.close();
        }
    }
}
