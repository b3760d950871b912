package dev.kmsenvelope.keystore;

import dev.kmsenvelope.keystore.file.DataKeyEntry;
import dev.kmsenvelope.keystore.file.DataKeyEntry.Version;
import dev.kmsenvelope.keystore.file.StoreContent;
import dev.kmsenvelope.kms.KmsException;
import dev.kmsenvelope.provider.KmsDataKey;
import dev.kmsenvelope.provider.KmsStoredKey;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore.Entry;
import java.security.KeyStore.SecretKeyEntry;
import java.security.UnrecoverableKeyException;
import java.security.cert.Certificate;
import java.util.Date;
import java.util.Set;
import javax.crypto.SecretKey;
import org.jspecify.annotations.Nullable;

/** One version of a data key in a file. Thread-safe. */
final class DataKeyView implements EntryView {

    private final StoreContent in;
    private final DataKeyEntry entry;
    private final Version version;
    private final FileKeys keys;

    /** Made by the first use; threads that meet there make equal ones. */
    private volatile @Nullable KmsStoredKey handle;

    /** Whether an extractable key could be had once. What became of that copy does not matter here. */
    private final Once<Boolean> extracted = new Once<>(System::nanoTime);

    DataKeyView(StoreContent in, DataKeyEntry entry, Version version, FileKeys keys) {
        this.in = in;
        this.entry = entry;
        this.version = version;
        this.keys = keys;
    }

    /**
     * The handle, whatever the entry says of extracting.
     *
     * @throws UnrecoverableKeyException if there are settings for it that a data key cannot have
     */
    KmsStoredKey handle() throws UnrecoverableKeyException {
        KmsStoredKey known = handle;
        if (known != null) {
            return known;
        }
        try {
            known = keys.handle(in, entry, version);
            handle = known;
            return known;
        } catch (KmsException | IllegalArgumentException e) {
            throw FileKeys.unrecoverable(entry.alias(), e);
        }
    }

    /**
     * The key in the clear, of an entry that is marked as extractable.
     *
     * @throws UnrecoverableKeyException if the service does not give it
     */
    KmsDataKey extract() throws UnrecoverableKeyException {
        try {
            return handle().extract();
        } catch (KmsException | IllegalStateException e) {
            throw FileKeys.unrecoverable(entry.alias(), e);
        }
    }

    /** Key managers of the JDK take every key of which this is true, and fail altogether if one cannot be had. */
    @Override
    public boolean isKey() {
        try {
            if (entry.extractable()) {
                return extracted.get(this::canExtract);
            }
            handle();
            return true;
        } catch (UnrecoverableKeyException e) {
            keys.warn(entry.alias(), e);
            return false;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("extracting a key throws neither", e);
        }
    }

    private boolean canExtract() throws UnrecoverableKeyException {
        extract().destroy();
        return true;
    }

    @Override
    public boolean isCertificate() {
        return false;
    }

    @Override
    public boolean holds(Class<? extends Entry> type) {
        return type == SecretKeyEntry.class;
    }

    /** An opaque handle; for an extractable entry the key in the clear, of which the caller has a copy of his own. */
    @Override
    public SecretKey key() throws UnrecoverableKeyException {
        return entry.extractable() ? extract() : handle();
    }

    @Override
    public Entry entry(Set<Entry.Attribute> attributes) throws UnrecoverableKeyException {
        return new SecretKeyEntry(key(), attributes);
    }

    @Override
    public Certificate @Nullable [] chain() {
        return null;
    }

    @Override
    public @Nullable Certificate certificate() {
        return null;
    }

    @Override
    public Date created() {
        return Date.from(version.created());
    }

    @Override
    public Set<Entry.Attribute> attributes() {
        return EntryAttributes.of(entry, version);
    }
}
