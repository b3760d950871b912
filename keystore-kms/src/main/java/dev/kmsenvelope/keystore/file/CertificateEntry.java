package dev.kmsenvelope.keystore.file;

import java.time.Instant;
import java.util.Arrays;

/**
 * A trusted certificate.
 *
 * @param alias the name of the entry
 * @param created when the entry was made
 * @param certificate in DER, 1 to 65536 bytes; copied. Not parsed here
 */
public record CertificateEntry(String alias, Instant created, byte[] certificate) implements StoreEntry {

    static final String KIND = "certificate";

    /**
     * Checks and copies the fields.
     *
     * @throws IllegalArgumentException if one is not as it should be
     */
    public CertificateEntry {
        alias = EntryFields.alias(alias);
        created = EntryFields.created(created);
        certificate = Bytes.require(certificate, StoreLimits.CERTIFICATE, "a certificate");
    }

    /**
     * The certificate.
     *
     * @return a copy
     */
    @Override
    public byte[] certificate() {
        return certificate.clone();
    }

    @Override
    public String kind() {
        return KIND;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof CertificateEntry that
                && alias.equals(that.alias)
                && created.equals(that.created)
                && Arrays.equals(certificate, that.certificate);
    }

    @Override
    public int hashCode() {
        return alias.hashCode();
    }

    @Override
    public String toString() {
        return "CertificateEntry[" + alias + "]";
    }
}
