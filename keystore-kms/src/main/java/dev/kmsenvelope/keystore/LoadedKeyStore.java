package dev.kmsenvelope.keystore;

import dev.kmsenvelope.keystore.file.StoreContent;
import dev.kmsenvelope.keystore.file.StoreEntry;
import dev.kmsenvelope.kms.KmsException;
import dev.kmsenvelope.text.Quoted;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.security.Key;
import java.security.KeyStore.Entry;
import java.security.KeyStoreException;
import java.security.PrivateKey;
import java.security.UnrecoverableKeyException;
import java.security.cert.Certificate;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A KeyStore that was loaded: the entries of a file, before those that are live if these are shown. Thread-safe: changes and
 * writes wait for one another, and nobody who reads waits for them.
 */
final class LoadedKeyStore {

    private static final System.Logger LOG = System.getLogger(LoadedKeyStore.class.getName());

    private final LiveEntries live;
    private final boolean showsLive;
    private final FileEntries file;
    private final EntryMaker maker;
    private final FileStorage storage;
    private final Warnings warnings = new Warnings(LoadedKeyStore.class);
    private final Object changes = new Object();

    LoadedKeyStore(LiveEntries live, boolean showsLive, FileEntries file, EntryMaker maker, FileStorage storage) {
        this.live = live;
        this.showsLive = showsLive;
        this.file = file;
        this.maker = maker;
        this.storage = storage;
    }

    /** A change that makes an entry for the content that it will be part of. */
    @FunctionalInterface
    interface Change {
        StoreEntry make(EntryMaker maker, StoreContent content) throws KeyStoreException;
    }

    /** The aliases of the file in its order, then those of the service. */
    Set<String> aliases() {
        Set<String> ofFile = file.aliases();
        if (!showsLive) {
            return ofFile;
        }
        Set<String> all = new LinkedHashSet<>(ofFile);
        for (String alias : liveAliases(!ofFile.isEmpty())) {
            if (!all.add(alias)) {
                warnings.warn("the alias " + Quoted.of(alias)
                        + " of the key service is hidden by an entry of the keystore file");
            }
        }
        return all;
    }

    /** When the service fails, the entries of a file are there all the same; where there is no file, there is nothing. */
    private Set<String> liveAliases(boolean hasOthers) {
        try {
            return live.aliases();
        } catch (KmsException e) {
            if (!hasOthers) {
                throw e;
            }
            LOG.log(System.Logger.Level.WARNING, "the keys of the service cannot be listed: {0}", e.getMessage());
            return Set.of();
        }
    }

    /** An entry, or a version of one. A failure of the service is logged, and is no entry. */
    Optional<EntryView> find(String alias) {
        Optional<EntryView> entry = file.find(alias);
        return entry.isPresent() || !showsLive ? entry : live.findQuietly(alias);
    }

    boolean isInFile(String alias) {
        return file.find(alias).isPresent();
    }

    /**
     * A key.
     *
     * @return null if there is no such key
     * @throws UnrecoverableKeyException if it should be usable and is not
     * @throws KmsException if the service fails to find a live one
     */
    @Nullable
    Key key(String alias) throws UnrecoverableKeyException {
        Optional<EntryView> entry = file.find(alias);
        if (entry.isPresent()) {
            return entry.get().key();
        }
        return showsLive ? live.key(alias) : null;
    }

    /**
     * The same with all that belongs to it, by one look. An entry of the file has no password that could be wrong: so what keeps
     * its key away is the service, and is thrown as such, for tools would ask for another password otherwise.
     *
     * @return null if there is no such entry
     * @throws UnrecoverableKeyException if it should be usable and is not
     * @throws KmsException if the service fails
     */
    @Nullable
    Entry entry(String alias) throws UnrecoverableKeyException {
        Optional<EntryView> found = file.find(alias);
        if (found.isEmpty()) {
            return showsLive ? live.entry(alias) : null;
        }
        EntryView view = found.get();
        try {
            return view.entry(view.attributes());
        } catch (UnrecoverableKeyException e) {
            if (e.getCause() instanceof KmsException failure) {
                throw failure;
            }
            throw e;
        }
    }

    /**
     * Puts an entry in, in the place of one of the same alias.
     *
     * @throws KeyStoreException if it cannot be one
     * @throws KmsException if the service fails
     */
    void change(String alias, Change change) throws KeyStoreException {
        synchronized (changes) {
            requireChangeable(alias);
            StoreContent content = file.content();
            StoreEntry entry = change.make(maker, content);
            try {
                file.change(content.with(entry));
            } catch (IllegalArgumentException e) {
                throw new KeyStoreException("the entry " + Quoted.of(alias) + " has no place: " + e.getMessage(), e);
            }
        }
    }

    /**
     * Puts a private key in, in the place of an entry of the same alias. It is wrapped when it is stored: a server such as
     * Tomcat copies its key into a KeyStore that it never stores, and must need no leave to encrypt for that.
     *
     * @throws KeyStoreException if it cannot be an entry
     */
    void put(String alias, PrivateKey key, Certificate @Nullable [] chain) throws KeyStoreException {
        synchronized (changes) {
            requireChangeable(alias);
            try {
                file.put(maker.unwrapped(file.content(), alias, key, chain));
            } catch (IllegalArgumentException e) {
                throw new KeyStoreException("the entry " + Quoted.of(alias) + " cannot be made: " + e.getMessage(), e);
            }
        }
    }

    /** Wraps the private keys that are not yet. When one fails, those before it are wrapped, and nothing is stored. */
    private void wrapAll() throws IOException {
        try {
            for (PrivateKeyView unwrapped : file.unwrapped()) {
                StoreContent content = file.content();
                file.change(content.with(maker.wrap(content, unwrapped)));
            }
        } catch (KeyStoreException e) {
            throw new IOException("the KMS keystore cannot be stored: " + e.getMessage(), e);
        }
    }

    /** Removes an entry of the file; where there is none there is nothing to do. */
    void delete(String alias) throws KeyStoreException {
        synchronized (changes) {
            requireChangeable(alias);
            file.change(file.content().without(alias));
        }
    }

    private void requireChangeable(String alias) throws KeyStoreException {
        if (FileEntries.isVersion(alias)) {
            throw new KeyStoreException(
                    Quoted.of(alias) + " names a version of a data key, which is not changed by itself");
        }
        if (!isInFile(alias) && showsLive && live.findQuietly(alias).isPresent()) {
            throw new KeyStoreException(
                    Quoted.of(alias) + " is a key of the key service, where a KMS keystore is read-only;"
                            + " such keys are created and deleted in the service, for the local one with 'kms-envelope key'");
        }
    }

    /** Writes the entries of the file to a stream. */
    void store(OutputStream out) throws IOException {
        synchronized (changes) {
            try {
                wrapAll();
                storage.write(file, out);
            } catch (KmsException e) {
                throw failed(e);
            }
        }
    }

    /** Writes the entries of the file to a file: that one, or else the one that was loaded. */
    void store(Optional<Path> path) throws IOException {
        synchronized (changes) {
            Optional<Path> target = path.or(storage::file);
            if (target.isEmpty()) {
                requireSaved();
                return;
            }
            try {
                wrapAll();
                storage.write(file, target.get());
            } catch (KmsException e) {
                throw failed(e);
            }
        }
    }

    private static IOException failed(KmsException e) {
        return new IOException("the KMS keystore cannot be stored: " + e.getMessage(), e);
    }

    /**
     * Says so if there are entries that nobody stored: without a stream there is nowhere to store them.
     *
     * @throws IOException if there are
     */
    void requireSaved() throws IOException {
        synchronized (changes) {
            if (storage.isUnsaved(file)) {
                throw new IOException(
                        "the KMS keystore has entries that are not stored, and nowhere to store them: give a"
                                + " file (keytool -keystore FILE, KeyStore.store with a stream or with a KmsLoadStoreParameter);"
                                + " keys of the service itself are created and deleted there, for the local one with"
                                + " 'kms-envelope key'");
            }
        }
    }
}
