package dev.kmsenvelope.hierarchy.item;

import dev.kmsenvelope.hierarchy.BranchKeyDescription;
import dev.kmsenvelope.hierarchy.BranchKeyStoreException;
import dev.kmsenvelope.kms.InvalidCiphertextException;
import dev.kmsenvelope.kms.KeyNotFoundException;
import dev.kmsenvelope.text.Quoted;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** What using and administering branch keys have in common. */
final class Items {

    private Items() {}

    /** The item of that name, and no other one. */
    static BranchKeyItem require(ItemTable table, String id, String type) {
        BranchKeyItem item = table.get(id, type).orElseThrow(() -> notFound(table, id, type));
        if (!item.id().equals(id) || !item.type().equals(type)) {
            throw new BranchKeyStoreException(
                    table.name() + " gave another item than was asked for: of the branch key " + id, null);
        }
        return item;
    }

    private static KeyNotFoundException notFound(ItemTable table, String id, String type) {
        return new KeyNotFoundException(
                type.startsWith(BranchKeyItem.VERSION_PREFIX)
                        ? "there is no version " + type.substring(BranchKeyItem.VERSION_PREFIX.length())
                                + " of the branch key " + id + " in " + table.name()
                        : "there is no branch key " + id + " in " + table.name());
    }

    /** Before the key-management service is asked. */
    static void requireAllowed(BranchKeyWrapping wrapping, BranchKeyItem item) {
        if (!wrapping.allows(item.kmsKey())) {
            throw new BranchKeyStoreException(
                    "the branch key " + item.id() + " is encrypted under the key "
                            + Quoted.key(item.kmsKey())
                            + ", which is not the one that the settings name",
                    null);
        }
    }

    static BranchKeyStoreException changed(ItemTable table, BranchKeyItem item, InvalidCiphertextException cause) {
        return new BranchKeyStoreException(
                "the item " + item.type() + " of the branch key " + item.id() + " in " + table.name()
                        + " is not as it was written, or 'hierarchical.logical-name' is another one than it was then",
                cause);
    }

    static BranchKeyDescription describe(ItemTable table, String id) {
        BranchKeyItem active = null;
        List<BranchKeyItem> older = new ArrayList<>();
        for (BranchKeyItem item : table.all(id)) {
            if (item.type().equals(BranchKeyItem.ACTIVE)) {
                active = item;
            } else if (!item.type().equals(BranchKeyItem.BEACON)) {
                older.add(item);
            }
        }
        if (active == null) {
            throw notFound(table, id, BranchKeyItem.ACTIVE);
        }
        BranchKeyDescription.Version current = active.described();
        List<BranchKeyDescription.Version> versions = new ArrayList<>();
        older.stream()
                .map(BranchKeyItem::described)
                .filter(version -> !version.id().equals(current.id()))
                .sorted(Comparator.comparing(BranchKeyDescription.Version::created))
                .forEach(versions::add);
        versions.add(current);
        return new BranchKeyDescription(id, active.kmsKey(), active.custom(), versions);
    }

    static List<BranchKeyDescription> list(ItemTable table) {
        return table.active().stream()
                .map(item ->
                        new BranchKeyDescription(item.id(), item.kmsKey(), item.custom(), List.of(item.described())))
                .sorted(Comparator.comparing(
                                (BranchKeyDescription each) -> each.active().created())
                        .thenComparing(BranchKeyDescription::id))
                .toList();
    }
}
