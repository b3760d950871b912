package dev.kmsenvelope.hierarchy.item;

import dev.kmsenvelope.hierarchy.BranchKeyAdministration;
import dev.kmsenvelope.hierarchy.BranchKeyDescription;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.InvalidCiphertextException;
import dev.kmsenvelope.kms.KeyId;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Creates and rotates branch keys in the items of a table. The key-management service is asked first, the table is written
 * last and at once, so what fails half-way leaves nothing behind. No branch key is ever decrypted here.
 */
public final class ItemAdministration implements BranchKeyAdministration {

    private final ItemTable table;
    private final BranchKeyWrapping wrapping;
    private final String logicalName;
    private final Clock clock;

    /**
     * Makes one.
     *
     * @param table where the items are; closed with this
     * @param wrapping how branch keys are encrypted in them; closed with this
     * @param logicalName the name of the table that is bound to each branch key
     * @param clock tells when a version was made
     */
    public ItemAdministration(ItemTable table, BranchKeyWrapping wrapping, String logicalName, Clock clock) {
        this.table = table;
        this.wrapping = wrapping;
        this.logicalName = logicalName;
        this.clock = clock;
    }

    @Override
    public BranchKeyDescription create(String id, EncryptionContext context) {
        KeyId.of(KeyId.ALIAS_PREFIX + id);
        if (KeyId.of(id).isAlias()) {
            throw new IllegalArgumentException("a branch key cannot be called " + id + ", like an alias");
        }
        Map<String, String> shared = BranchKeyItem.attributes(id, wrapping.currentKey(), Instant.now(clock), context);
        Pair pair = newVersion(shared);
        Map<String, String> beacon = BranchKeyItem.typed(shared, BranchKeyItem.BEACON);
        table.create(List.of(pair.version(), pair.active(), item(beacon, generate(beacon))));
        return Items.describe(table, id);
    }

    @Override
    public BranchKeyDescription rotate(String id) {
        BranchKeyItem old = Items.require(table, id, BranchKeyItem.ACTIVE);
        Items.requireAllowed(wrapping, old);
        verify(old);
        Pair pair = newVersion(BranchKeyItem.attributes(id, old.kmsKey(), Instant.now(clock), old.custom()));
        table.rotate(old, pair.version(), pair.active());
        return Items.describe(table, id);
    }

    /** What the new version takes over must be what was written: it would be bound to a changed context else. */
    private void verify(BranchKeyItem item) {
        EncryptionContext context = item.context(logicalName);
        try {
            wrapping.rewrap(item.kmsKey(), item.encrypted(), context, context);
        } catch (InvalidCiphertextException e) {
            throw Items.changed(table, item, e);
        }
    }

    private record Pair(BranchKeyItem version, BranchKeyItem active) {}

    /** One key, encrypted twice: with the context of the version, and with that of the active one. */
    private Pair newVersion(Map<String, String> shared) {
        String type = BranchKeyItem.VERSION_PREFIX + UUID.randomUUID();
        Map<String, String> version = BranchKeyItem.typed(shared, type);
        Map<String, String> active = BranchKeyItem.active(shared, type);
        byte[] encrypted = generate(version);
        byte[] again = wrapping.rewrap(
                kmsKey(shared),
                encrypted,
                BranchKeyItem.context(version, logicalName),
                BranchKeyItem.context(active, logicalName));
        return new Pair(item(version, encrypted), item(active, again));
    }

    private byte[] generate(Map<String, String> attributes) {
        return wrapping.generate(kmsKey(attributes), BranchKeyItem.context(attributes, logicalName));
    }

    private static String kmsKey(Map<String, String> attributes) {
        return attributes.getOrDefault(BranchKeyItem.KMS_KEY, "");
    }

    private static BranchKeyItem item(Map<String, String> attributes, byte[] encrypted) {
        return BranchKeyItem.of(attributes, encrypted);
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
