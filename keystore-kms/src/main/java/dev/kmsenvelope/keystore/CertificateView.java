package dev.kmsenvelope.keystore;

import dev.kmsenvelope.keystore.file.CertificateEntry;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore.Entry;
import java.security.KeyStore.TrustedCertificateEntry;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.Date;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A trusted certificate in a file. Thread-safe. */
final class CertificateView implements EntryView {

    private final CertificateEntry entry;
    private final FileKeys keys;
    private final Once<X509Certificate> certificate = new Once<>(System::nanoTime);

    CertificateView(CertificateEntry entry, FileKeys keys) {
        this.entry = entry;
        this.keys = keys;
    }

    @Override
    public boolean isKey() {
        return false;
    }

    /** Who takes certificates to trust goes by this, and could do nothing with none. */
    @Override
    public boolean isCertificate() {
        return certificate() != null;
    }

    @Override
    public boolean holds(Class<? extends Entry> type) {
        return type == TrustedCertificateEntry.class && isCertificate();
    }

    @Override
    public @Nullable Key key() {
        return null;
    }

    @Override
    public @Nullable Entry entry(Set<Entry.Attribute> attributes) {
        X509Certificate trusted = decoded();
        return trusted == null ? null : new TrustedCertificateEntry(trusted, attributes);
    }

    @Override
    public Certificate @Nullable [] chain() {
        return null;
    }

    @Override
    public @Nullable Certificate certificate() {
        return decoded();
    }

    private @Nullable X509Certificate decoded() {
        try {
            return certificate.get(() -> Certificates.decode(entry.certificate()));
        } catch (GeneralSecurityException e) {
            keys.warn(entry.alias(), e);
            return null;
        } catch (IOException e) {
            throw new IllegalStateException("decoding reads nothing", e);
        }
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
