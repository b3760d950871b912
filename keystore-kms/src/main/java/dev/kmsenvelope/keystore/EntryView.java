package dev.kmsenvelope.keystore;

import java.security.Key;
import java.security.KeyStore.Entry;
import java.security.UnrecoverableKeyException;
import java.security.cert.Certificate;
import java.util.Date;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An entry as a KeyStore shows it, whether it is live in the service or kept in a file. Only {@link #key()} and {@link #entry}
 * throw: tools ask all else of every entry, and must not fail for one.
 */
interface EntryView {

    /**
     * Whether {@link #key()} gives a key. Key managers ask this before they take one, so what cannot be had is none.
     */
    boolean isKey();

    /** Whether this is a trusted certificate. */
    boolean isCertificate();

    /** Whether this is an entry of that type. */
    boolean holds(Class<? extends Entry> type);

    /**
     * The key.
     *
     * @return null if it is no key entry
     * @throws UnrecoverableKeyException if it should be usable and is not
     */
    @Nullable
    Key key() throws UnrecoverableKeyException;

    /**
     * The key with all that belongs to it, by one look at the service; or the trusted certificate.
     *
     * @param attributes what there is to know of it besides
     * @return null if it is neither
     * @throws UnrecoverableKeyException if it should be usable and is not
     */
    @Nullable
    Entry entry(Set<Entry.Attribute> attributes) throws UnrecoverableKeyException;

    /** A copy of the chain of a private key, its own certificate first; else null. */
    Certificate @Nullable [] chain();

    /** The first certificate of a chain, or the trusted one, or null. */
    @Nullable
    Certificate certificate();

    /** When it was made. */
    Date created();

    /** What there is to know of it besides. */
    Set<Entry.Attribute> attributes();
}
