package dev.kmsenvelope.cli.keystore;

import java.security.Key;
import java.security.cert.Certificate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is to be taken over from another keystore.
 *
 * @param alias its name there
 * @param key a secret or private key in the clear; null for a certificate to trust
 * @param chain the certificates of a private key, its own first, or the one to trust
 */
record SourceEntry(String alias, @Nullable Key key, List<Certificate> chain) {

    /** Keys say of themselves what they like. */
    @Override
    public String toString() {
        return "SourceEntry[" + alias + "]";
    }
}
