package dev.kmsenvelope.keystore;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.keystore.KeyEntries.PrivateEntry;
import dev.kmsenvelope.kms.KeyDescription;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KmsException;
import dev.kmsenvelope.spi.KeyServices;
import java.security.Key;
import java.security.KeyStore.Entry;
import java.security.KeyStore.PrivateKeyEntry;
import java.security.KeyStore.SecretKeyEntry;
import java.security.UnrecoverableKeyException;
import java.security.cert.Certificate;
import java.time.Duration;
import java.util.Date;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The keys of the service as entries: what it told of them a few seconds ago at most, and a name that it did not tell is
 * always asked for. Thread-safe.
 */
final class LiveEntries {

    private static final System.Logger LOG = System.getLogger(LiveEntries.class.getName());

    private final Descriptions descriptions;
    private final KeyEntries entries;

    LiveEntries(KeyServices services, Configuration configuration, Duration refresh) {
        descriptions = new Descriptions(services.main(), refresh, System::nanoTime);
        entries = new KeyEntries(services, configuration, PublicHalves.of(services.main()));
    }

    /** The aliases of the service, sorted. */
    Set<String> aliases() {
        return descriptions.aliases().keySet();
    }

    /**
     * A name that no key of the service can have is no entry. A failure of the service must not look like one: it passes
     * from here; those who are asked about every entry call {@link #findQuietly}.
     */
    Optional<EntryView> find(String name) {
        KeyId id;
        try {
            id = KeyId.of(name);
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
        return descriptions.find(id).map(key -> new LiveView(id, key));
    }

    /** As {@link #find}, but a failure of the service is logged, and is no entry. */
    Optional<EntryView> findQuietly(String name) {
        try {
            return find(name);
        } catch (KmsException e) {
            LOG.log(System.Logger.Level.WARNING, "the key {0} cannot be looked up: {1}", name, e.getMessage());
            return Optional.empty();
        }
    }

    /**
     * The handle to a key.
     *
     * @return null if there is no such key, or it is of no kind that can be used
     * @throws UnrecoverableKeyException if it should be usable and is not
     * @throws KmsException if the service fails, unless another one can open the key's messages
     */
    @Nullable
    Key key(String name) throws UnrecoverableKeyException {
        Optional<EntryView> found;
        try {
            found = find(name);
        } catch (KmsException e) {
            return entries.keyDuringOutage(KeyId.of(name), e);
        }
        return found.isEmpty() ? null : found.get().key();
    }

    /**
     * The handle with its chain, if it is to a private key.
     *
     * @return as {@link #key}
     * @throws UnrecoverableKeyException as {@link #key}
     * @throws KmsException as {@link #key}
     */
    @Nullable
    Entry entry(String name) throws UnrecoverableKeyException {
        Optional<EntryView> found;
        try {
            found = find(name);
        } catch (KmsException e) {
            return KeyStoreEntries.of(name, entries.keyDuringOutage(KeyId.of(name), e), null, Set.of());
        }
        return found.isEmpty() ? null : found.get().entry(Set.of());
    }

    private final class LiveView implements EntryView {

        private final KeyId name;
        private final KeyDescription key;

        LiveView(KeyId name, KeyDescription key) {
            this.name = name;
            this.key = key;
        }

        private Optional<PrivateEntry> privateEntry() {
            return entries.privateEntry(name, key);
        }

        @Override
        public boolean isKey() {
            return entries.isKey(name, key);
        }

        @Override
        public boolean isCertificate() {
            return false;
        }

        @Override
        public boolean holds(Class<? extends Entry> type) {
            return type == PrivateKeyEntry.class
                    ? privateEntry().isPresent()
                    : type == SecretKeyEntry.class && isKey() && privateEntry().isEmpty();
        }

        @Override
        public @Nullable Key key() throws UnrecoverableKeyException {
            return entries.key(name, key);
        }

        @Override
        public @Nullable Entry entry(Set<Entry.Attribute> attributes) throws UnrecoverableKeyException {
            return entries.entry(name, key, attributes);
        }

        @Override
        public Certificate @Nullable [] chain() {
            return privateEntry().map(entry -> entry.chain().clone()).orElse(null);
        }

        @Override
        public @Nullable Certificate certificate() {
            return privateEntry().map(entry -> entry.chain()[0]).orElse(null);
        }

        @Override
        public Date created() {
            return Date.from(key.created());
        }

        /** The service's own description tells more, and is asked for there. */
        @Override
        public Set<Entry.Attribute> attributes() {
            return Set.of();
        }
    }
}
