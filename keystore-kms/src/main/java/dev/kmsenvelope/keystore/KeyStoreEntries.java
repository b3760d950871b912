package dev.kmsenvelope.keystore;

import java.security.Key;
import java.security.KeyStore.Entry;
import java.security.KeyStore.PrivateKeyEntry;
import java.security.KeyStore.SecretKeyEntry;
import java.security.PrivateKey;
import java.security.UnrecoverableKeyException;
import java.security.cert.Certificate;
import java.util.Set;
import javax.crypto.SecretKey;
import org.jspecify.annotations.Nullable;

/** Entries as {@link java.security.KeyStore} gives them, out of keys. */
final class KeyStoreEntries {

    private KeyStoreEntries() {}

    /**
     * Puts together what belongs together.
     *
     * @return null where there is no key, or a private one without certificates
     * @throws UnrecoverableKeyException if the certificates are not those of the key
     */
    static @Nullable Entry of(
            String alias, @Nullable Key key, Certificate @Nullable [] chain, Set<Entry.Attribute> attributes)
            throws UnrecoverableKeyException {
        if (key instanceof SecretKey secret) {
            return new SecretKeyEntry(secret, attributes);
        }
        if (key == null || chain == null) {
            return null;
        }
        try {
            return new PrivateKeyEntry((PrivateKey) key, chain, attributes);
        } catch (IllegalArgumentException e) {
            throw FileKeys.unrecoverable(alias, e);
        }
    }
}
