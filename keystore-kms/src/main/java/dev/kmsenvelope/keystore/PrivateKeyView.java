package dev.kmsenvelope.keystore;

import dev.kmsenvelope.keystore.file.PrivateKeyEntry;
import dev.kmsenvelope.keystore.file.StoreContent;
import dev.kmsenvelope.kms.KmsException;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.KeyStore.Entry;
import java.security.PrivateKey;
import java.security.UnrecoverableKeyException;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.Date;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A private key in a file, with its chain. It is unwrapped when it is first asked for, and then kept as long as this KeyStore:
 * a key manager takes it for each handshake. Thread-safe.
 */
final class PrivateKeyView implements EntryView {

    private final StoreContent in;
    private final PrivateKeyEntry entry;
    private final FileKeys keys;
    private final @Nullable PrivateKey known;
    private final Once<PrivateKey> key = new Once<>(System::nanoTime);
    private final Once<X509Certificate[]> chain = new Once<>(System::nanoTime);

    PrivateKeyView(StoreContent in, PrivateKeyEntry entry, FileKeys keys) {
        this(in, entry, keys, null);
    }

    /**
     * Shows one.
     *
     * @param known the key itself, where the entry is only the plan of one: then nothing is unwrapped
     */
    PrivateKeyView(StoreContent in, PrivateKeyEntry entry, FileKeys keys, @Nullable PrivateKey known) {
        this.in = in;
        this.entry = entry;
        this.keys = keys;
        this.known = known;
    }

    /** Its entry; the plan of one as long as the key is not wrapped. */
    PrivateKeyEntry entry() {
        return entry;
    }

    /** Whether the key is not wrapped yet. */
    boolean isUnwrapped() {
        return known != null;
    }

    /** Key managers of the JDK take every key of which this is true, and fail altogether if one cannot be had. */
    @Override
    public boolean isKey() {
        try {
            return key() != null && chain() != null;
        } catch (UnrecoverableKeyException e) {
            keys.warn(entry.alias(), e);
            return false;
        }
    }

    @Override
    public boolean isCertificate() {
        return false;
    }

    @Override
    public boolean holds(Class<? extends Entry> type) {
        return type == KeyStore.PrivateKeyEntry.class;
    }

    @Override
    public PrivateKey key() throws UnrecoverableKeyException {
        if (known != null) {
            return known;
        }
        try {
            return key.get(() -> keys.unwrap(in, entry));
        } catch (KmsException
                | GeneralSecurityException
                | IOException
                | IllegalArgumentException
                | IllegalStateException e) {
            throw FileKeys.unrecoverable(entry.alias(), e);
        }
    }

    @Override
    public @Nullable Entry entry(Set<Entry.Attribute> attributes) throws UnrecoverableKeyException {
        return KeyStoreEntries.of(entry.alias(), key(), chain(), attributes);
    }

    @Override
    public Certificate @Nullable [] chain() {
        try {
            return chain.get(this::decode).clone();
        } catch (GeneralSecurityException e) {
            keys.warn(entry.alias(), e);
            return null;
        } catch (IOException e) {
            throw new IllegalStateException("decoding reads nothing", e);
        }
    }

    private X509Certificate[] decode() throws GeneralSecurityException {
        List<byte[]> encoded = entry.chain();
        X509Certificate[] certificates = new X509Certificate[encoded.size()];
        for (int i = 0; i < certificates.length; i++) {
            certificates[i] = i == 0
                    ? Certificates.decode(encoded.get(0), entry.algorithm())
                    : Certificates.decode(encoded.get(i));
        }
        return certificates;
    }

    @Override
    public @Nullable Certificate certificate() {
        Certificate[] certificates = chain();
        return certificates == null ? null : certificates[0];
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
