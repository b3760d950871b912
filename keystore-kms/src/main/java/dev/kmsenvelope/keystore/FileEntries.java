package dev.kmsenvelope.keystore;

import dev.kmsenvelope.keystore.file.CertificateEntry;
import dev.kmsenvelope.keystore.file.DataKeyEntry;
import dev.kmsenvelope.keystore.file.KeyPointer;
import dev.kmsenvelope.keystore.file.PrivateKeyEntry;
import dev.kmsenvelope.keystore.file.StoreContent;
import dev.kmsenvelope.keystore.file.StoreEntry;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The entries of a file as a KeyStore shows them. Each alias of a data key is its newest version; {@code alias@1} is version 1,
 * which is found and not listed. What an entry gave once it goes on giving as long as it is the same entry. Thread-safe: those
 * who read see either what was before a change or what is after it.
 */
final class FileEntries {

    private static final Pattern VERSION = Pattern.compile("(.+)@([1-9][0-9]{0,8})", Pattern.DOTALL);

    private final FileKeys keys;
    private volatile Snapshot now;

    private record Shown(StoreEntry entry, EntryView view) {}

    private record Snapshot(StoreContent content, Map<String, Shown> entries) {}

    FileEntries(StoreContent content, FileKeys keys) {
        this.keys = keys;
        this.now = new Snapshot(content, Map.of());
        change(content);
    }

    StoreContent content() {
        return now.content();
    }

    /** Shows other content of the same file. */
    void change(StoreContent content) {
        change(content, now.entries());
    }

    /**
     * Shows a private key that is not wrapped yet, in the place of an entry of the same alias.
     *
     * @throws IllegalArgumentException if there is no place for it
     */
    void put(PrivateKeyView unwrapped) {
        Map<String, Shown> known = new HashMap<>(now.entries());
        known.put(unwrapped.entry().alias(), new Shown(unwrapped.entry(), unwrapped));
        change(now.content().with(unwrapped.entry()), known);
    }

    /** The private keys that are not wrapped yet: the file must not be written with their entries. */
    List<PrivateKeyView> unwrapped() {
        return now.entries().values().stream()
                .map(Shown::view)
                .filter(PrivateKeyView.class::isInstance)
                .map(PrivateKeyView.class::cast)
                .filter(PrivateKeyView::isUnwrapped)
                .toList();
    }

    @SuppressWarnings("ReferenceEquality") // an entry that stays is the same object
    private void change(StoreContent content, Map<String, Shown> before) {
        Map<String, Shown> after = new LinkedHashMap<>();
        for (StoreEntry entry : content.entries()) {
            Shown known = before.get(entry.alias());
            after.put(
                    entry.alias(),
                    known != null && known.entry() == entry ? known : new Shown(entry, view(content, entry)));
        }
        now = new Snapshot(content, Collections.unmodifiableMap(after));
    }

    private EntryView view(StoreContent in, StoreEntry entry) {
        if (entry instanceof DataKeyEntry dataKey) {
            return new DataKeyView(in, dataKey, dataKey.newest(), keys);
        }
        if (entry instanceof PrivateKeyEntry privateKey) {
            return new PrivateKeyView(in, privateKey, keys);
        }
        return entry instanceof KeyPointer pointer
                ? new PointerView(pointer, keys)
                : new CertificateView((CertificateEntry) entry, keys);
    }

    /** The aliases in the order of the file. */
    Set<String> aliases() {
        return now.entries().keySet();
    }

    /** The entry of an alias, or a version of it. */
    Optional<EntryView> find(String alias) {
        Snapshot current = now;
        Shown shown = current.entries().get(alias);
        if (shown != null) {
            return Optional.of(shown.view());
        }
        Matcher version = VERSION.matcher(alias);
        if (!version.matches() || !(entry(current, version.group(1)) instanceof DataKeyEntry dataKey)) {
            return Optional.empty();
        }
        return dataKey.version(Integer.parseInt(version.group(2)))
                .map(found -> new DataKeyView(current.content(), dataKey, found, keys));
    }

    private static @Nullable StoreEntry entry(Snapshot current, String alias) {
        Shown shown = current.entries().get(alias);
        return shown == null ? null : shown.entry();
    }

    /** Whether an alias names a version of an entry rather than an entry. */
    static boolean isVersion(String alias) {
        return VERSION.matcher(alias).matches();
    }
}
