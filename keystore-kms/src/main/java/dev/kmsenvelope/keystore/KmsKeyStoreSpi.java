package dev.kmsenvelope.keystore;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.keystore.file.StoreCodec;
import dev.kmsenvelope.provider.KmsPrivateKey;
import dev.kmsenvelope.spi.KeyServices;
import dev.kmsenvelope.text.Quoted;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.Key;
import java.security.KeyStore.Entry;
import java.security.KeyStore.LoadStoreParameter;
import java.security.KeyStore.PrivateKeyEntry;
import java.security.KeyStore.ProtectionParameter;
import java.security.KeyStore.SecretKeyEntry;
import java.security.KeyStore.TrustedCertificateEntry;
import java.security.KeyStoreException;
import java.security.KeyStoreSpi;
import java.security.PrivateKey;
import java.security.UnrecoverableKeyException;
import java.security.cert.Certificate;
import java.time.Duration;
import java.util.Collections;
import java.util.Date;
import java.util.Enumeration;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The KeyStore {@code KMS}: the entries of a keystore file, and the keys of the key-management service as live entries, or
 * both. A file's entries can be changed, and are stored sealed; live ones are read-only, for keys are created and deleted
 * through the service's administration. Of a name that both have, the file's entry is shown.
 *
 * <p>Aliases are case-sensitive. Passwords are accepted and ignored, for much code insists on giving one. Thread-safe once
 * loaded.
 */
final class KmsKeyStoreSpi extends KeyStoreSpi {

    private final Supplier<Configuration> providerConfiguration;
    private volatile @Nullable LoadedKeyStore loaded;

    KmsKeyStoreSpi(Supplier<Configuration> providerConfiguration) {
        this.providerConfiguration = providerConfiguration;
    }

    @Override
    public void engineLoad(@Nullable InputStream stream, char @Nullable [] password) throws IOException {
        byte[] read = stream == null ? null : stream.readNBytes(StoreCodec.MAX_LENGTH + 1);
        loaded = new KeyStoreLoader(providerConfiguration).load(Configuration.empty(), read, null);
    }

    @Override
    public void engineLoad(@Nullable LoadStoreParameter parameter) throws IOException {
        KeyStoreLoader loader = new KeyStoreLoader(providerConfiguration);
        loaded = parameter instanceof KmsLoadStoreParameter ours
                ? loader.load(ours.configuration(), null, ours.givenFile())
                : loader.load(Configuration.empty(), null, null);
    }

    /** Loads it with services that are open already. */
    void use(KeyServices services, Configuration configuration, Duration refresh) throws IOException {
        KeyStoreSettings settings = KeyStoreSettings.of(configuration);
        loaded = KeyStoreLoader.open(services, configuration, settings.withRefresh(refresh), null);
    }

    private LoadedKeyStore loaded() {
        LoadedKeyStore current = loaded;
        if (current == null) {
            throw new IllegalStateException("the keystore is not loaded");
        }
        return current;
    }

    @Override
    public @Nullable Key engineGetKey(String alias, char @Nullable [] password) throws UnrecoverableKeyException {
        return loaded().key(named(alias));
    }

    /** With or without protection: there is no password that could be wrong. */
    @Override
    public @Nullable Entry engineGetEntry(String alias, @Nullable ProtectionParameter protection)
            throws UnrecoverableKeyException {
        return loaded().entry(named(alias));
    }

    private Optional<EntryView> find(String alias) {
        return loaded().find(named(alias));
    }

    /** No entry is called null, and asking for it is a mistake in the program, as with other KeyStores. */
    private static String named(@Nullable String alias) {
        return Objects.requireNonNull(alias, "the alias is null");
    }

    @Override
    public boolean engineEntryInstanceOf(String alias, Class<? extends Entry> type) {
        return find(alias).filter(entry -> entry.holds(type)).isPresent();
    }

    /**
     * Overrides what {@code KeyStoreSpi} has from Java 18 on.
     *
     * @param alias the alias
     * @return an unmodifiable set, empty if there is no such entry or it is a live one
     */
    @SuppressWarnings("MissingOverride") // this is compiled for Java 17
    public Set<Entry.Attribute> engineGetAttributes(String alias) {
        return find(alias).map(EntryView::attributes).orElse(Set.of());
    }

    @Override
    public @Nullable Date engineGetCreationDate(String alias) {
        return find(alias).map(EntryView::created).orElse(null);
    }

    @Override
    public Enumeration<String> engineAliases() {
        return Collections.enumeration(loaded().aliases());
    }

    @Override
    public boolean engineContainsAlias(String alias) {
        return find(alias).isPresent();
    }

    @Override
    public int engineSize() {
        return loaded().aliases().size();
    }

    @Override
    public boolean engineIsKeyEntry(String alias) {
        return find(alias).filter(EntryView::isKey).isPresent();
    }

    @Override
    public boolean engineIsCertificateEntry(String alias) {
        return find(alias).filter(EntryView::isCertificate).isPresent();
    }

    @Override
    public Certificate @Nullable [] engineGetCertificateChain(String alias) {
        EntryView entry = find(alias).orElse(null);
        return entry == null ? null : entry.chain();
    }

    @Override
    public @Nullable Certificate engineGetCertificate(String alias) {
        EntryView entry = find(alias).orElse(null);
        return entry == null ? null : entry.certificate();
    }

    @Override
    public @Nullable String engineGetCertificateAlias(@Nullable Certificate certificate) {
        return loaded().aliases().stream()
                .filter(alias -> certificate != null && certificate.equals(engineGetCertificate(alias)))
                .findFirst()
                .orElse(null);
    }

    @Override
    public void engineSetKeyEntry(
            String alias, @Nullable Key key, char @Nullable [] password, Certificate @Nullable [] chain)
            throws KeyStoreException {
        setKey(alias, key, chain, Set.of());
    }

    private void setKey(
            String alias, @Nullable Key key, Certificate @Nullable [] chain, Set<Entry.Attribute> attributes)
            throws KeyStoreException {
        named(alias);
        if (key == null) {
            throw new KeyStoreException("there is no key for the entry " + Quoted.of(alias));
        }
        if (key instanceof PrivateKey plain && !(key instanceof KmsPrivateKey)) {
            loaded().put(alias, plain, chain);
        } else {
            loaded().change(alias, (maker, content) -> maker.key(content, alias, key, chain, attributes));
        }
    }

    /** Such bytes are protected by a password or by another keystore's key, and neither is known here. */
    @Override
    public void engineSetKeyEntry(String alias, byte[] key, Certificate @Nullable [] chain) throws KeyStoreException {
        throw new KeyStoreException("a key that is encrypted already cannot be the entry '" + alias
                + "': give it as a Key, which is encrypted here");
    }

    @Override
    public void engineSetEntry(String alias, Entry entry, @Nullable ProtectionParameter protection)
            throws KeyStoreException {
        if (entry instanceof SecretKeyEntry secret) {
            setKey(alias, secret.getSecretKey(), null, secret.getAttributes());
        } else if (entry instanceof PrivateKeyEntry own) {
            setKey(alias, own.getPrivateKey(), own.getCertificateChain(), own.getAttributes());
        } else if (entry instanceof TrustedCertificateEntry trusted) {
            engineSetCertificateEntry(alias, trusted.getTrustedCertificate());
        } else {
            throw new KeyStoreException("an entry is a secret key, a private key or a trusted certificate; a "
                    + entry.getClass().getName() + " is none");
        }
    }

    @Override
    public void engineSetCertificateEntry(String alias, @Nullable Certificate certificate) throws KeyStoreException {
        if (find(alias)
                        .filter(entry -> !entry.holds(TrustedCertificateEntry.class))
                        .isPresent()
                && loaded().isInFile(alias)) {
            throw new KeyStoreException("the entry " + Quoted.of(alias) + " is a key; delete it first");
        }
        loaded().change(alias, (maker, content) -> maker.certificate(alias, certificate));
    }

    @Override
    public void engineDeleteEntry(String alias) throws KeyStoreException {
        loaded().delete(named(alias));
    }

    /** Writes the entries of the file, sealed. Live ones stay in the service. */
    @Override
    public void engineStore(@Nullable OutputStream stream, char @Nullable [] password) throws IOException {
        if (stream == null) {
            loaded().requireSaved();
        } else {
            loaded().store(stream);
        }
    }

    @Override
    public void engineStore(@Nullable LoadStoreParameter parameter) throws IOException {
        if (parameter instanceof KmsLoadStoreParameter ours) {
            loaded().store(ours.file());
        } else {
            loaded().requireSaved();
        }
    }

    /** Only files are known by their first line: configurations have no mark of their own. */
    @Override
    public boolean engineProbe(InputStream stream) throws IOException {
        return StoreCodec.hasMagic(stream.readNBytes(StoreCodec.MAGIC_LENGTH));
    }
}
