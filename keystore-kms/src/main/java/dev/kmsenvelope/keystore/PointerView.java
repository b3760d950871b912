package dev.kmsenvelope.keystore;

import dev.kmsenvelope.keystore.file.KeyPointer;
import dev.kmsenvelope.kms.KmsException;
import dev.kmsenvelope.text.Quoted;
import java.security.Key;
import java.security.KeyStore.Entry;
import java.security.UnrecoverableKeyException;
import java.security.cert.Certificate;
import java.util.Date;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** An alias in a file for a key of the service, which is as the service says it is now. Thread-safe. */
final class PointerView implements EntryView {

    private final KeyPointer entry;
    private final FileKeys keys;

    PointerView(KeyPointer entry, FileKeys keys) {
        this.entry = entry;
        this.keys = keys;
    }

    private Optional<EntryView> target() {
        return keys.pointedToQuietly(entry.key());
    }

    @Override
    public boolean isKey() {
        return target().filter(EntryView::isKey).isPresent();
    }

    @Override
    public boolean isCertificate() {
        return false;
    }

    @Override
    public boolean holds(Class<? extends Entry> type) {
        return target().filter(key -> key.holds(type)).isPresent();
    }

    @Override
    public @Nullable Key key() throws UnrecoverableKeyException {
        return requireTarget().key();
    }

    @Override
    public @Nullable Entry entry(Set<Entry.Attribute> attributes) throws UnrecoverableKeyException {
        return requireTarget().entry(attributes);
    }

    private EntryView requireTarget() throws UnrecoverableKeyException {
        Optional<EntryView> target;
        try {
            target = keys.pointedTo(entry.key());
        } catch (KmsException e) {
            throw FileKeys.unrecoverable(entry.alias(), e);
        }
        if (target.isEmpty()) {
            throw new UnrecoverableKeyException("the entry " + Quoted.of(entry.alias()) + " points to the key "
                    + entry.key() + ", which the service does not have");
        }
        return target.get();
    }

    @Override
    public Certificate @Nullable [] chain() {
        EntryView target = target().orElse(null);
        return target == null ? null : target.chain();
    }

    @Override
    public @Nullable Certificate certificate() {
        EntryView target = target().orElse(null);
        return target == null ? null : target.certificate();
    }

    @Override
    public Date created() {
        return Date.from(entry.created());
    }

    @Override
    public Set<Entry.Attribute> attributes() {
        return EntryAttributes.of(entry);
    }
}
