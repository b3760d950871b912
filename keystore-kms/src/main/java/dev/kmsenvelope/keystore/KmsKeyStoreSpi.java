package dev.kmsenvelope.keystore;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.keystore.KeyEntries.PrivateEntry;
import dev.kmsenvelope.kms.KeyDescription;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KmsException;
import dev.kmsenvelope.provider.KeyPolicy;
import dev.kmsenvelope.spi.KeyServices;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.Key;
import java.security.KeyStore.Entry;
import java.security.KeyStore.LoadStoreParameter;
import java.security.KeyStore.PrivateKeyEntry;
import java.security.KeyStore.ProtectionParameter;
import java.security.KeyStore.SecretKeyEntry;
import java.security.KeyStoreException;
import java.security.KeyStoreSpi;
import java.security.PrivateKey;
import java.security.UnrecoverableKeyException;
import java.security.cert.Certificate;
import java.time.Duration;
import java.util.Collections;
import java.util.Date;
import java.util.Enumeration;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import javax.crypto.SecretKey;
import org.jspecify.annotations.Nullable;

/**
 * The keys of a key-management service as a keystore. Its aliases are those of the service, with their prefix: {@code
 * alias/orders}; {@code getKey} takes key ids too. Aliases are case-sensitive. It is live: what it shows was asked of the
 * service a few seconds ago at most, and a name that it does not know is always asked for. It is read-only: keys are created
 * and deleted through the service's administration, not here.
 *
 * <p>Passwords are accepted and ignored, for much code insists on giving one. Thread-safe once loaded.
 */
final class KmsKeyStoreSpi extends KeyStoreSpi {

    private static final System.Logger LOG = System.getLogger(KmsKeyStoreSpi.class.getName());

    /** How long what was told of keys may be shown. */
    static final String REFRESH = "keystore.refresh";

    private static final Duration DEFAULT_REFRESH = Duration.ofSeconds(10);

    private final Supplier<Configuration> providerConfiguration;
    private @Nullable Descriptions descriptions;
    private @Nullable KeyEntries entries;

    KmsKeyStoreSpi(Supplier<Configuration> providerConfiguration) {
        this.providerConfiguration = providerConfiguration;
    }

    @Override
    public void engineLoad(@Nullable InputStream stream, char @Nullable [] password) throws IOException {
        open(Configuration.empty(), stream);
    }

    @Override
    public void engineLoad(@Nullable LoadStoreParameter parameter) throws IOException {
        open(parameter instanceof KmsLoadStoreParameter ours ? ours.configuration() : Configuration.empty(), null);
    }

    /** What is explicit comes first, then the provider's argument, the stream, the system property. */
    private void open(Configuration explicit, @Nullable InputStream stream) throws IOException {
        try {
            Configuration all = explicit.orElse(providerConfiguration.get())
                    .orElse(stream == null ? Configuration.empty() : Configuration.read(stream))
                    .orElse(Configuration.ofSystem());
            Set<String> known = new TreeSet<>(KeyServices.configurationKeys(all));
            known.addAll(KeyPolicy.configurationKeys());
            known.addAll(Set.of(KeyEntries.CERTIFICATE_SETTING, REFRESH));
            all.requireKnown(known);
            KeyPolicy.requireValid(all);
            Duration refresh = all.getDuration(REFRESH, DEFAULT_REFRESH);
            use(SharedServices.open(all), all, refresh);
        } catch (KmsException e) {
            throw new IOException("the KMS keystore cannot be opened: " + e.getMessage(), e);
        }
    }

    /** Loads it with services that are open already. */
    void use(KeyServices services, Configuration configuration, Duration refresh) {
        descriptions = new Descriptions(services.main(), refresh, System::nanoTime);
        entries = new KeyEntries(services, configuration, PublicHalves.of(services.main()));
    }

    private Descriptions descriptions() {
        if (descriptions == null) {
            throw new IllegalStateException("the keystore is not loaded");
        }
        return descriptions;
    }

    private KeyEntries entries() {
        if (entries == null) {
            throw new IllegalStateException("the keystore is not loaded");
        }
        return entries;
    }

    /**
     * A name that no key of the service can have is no entry. A failure of the service must not look like one: it passes
     * from {@code getKey}; the other methods, which tools call for every entry, must not fail for one, and log it.
     */
    private Optional<KeyDescription> find(String alias) {
        KeyId id;
        try {
            id = KeyId.of(alias);
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
        return descriptions().find(id);
    }

    private Optional<KeyDescription> findQuietly(String alias) {
        try {
            return find(alias);
        } catch (KmsException e) {
            LOG.log(System.Logger.Level.WARNING, "the key {0} cannot be looked up: {1}", alias, e.getMessage());
            return Optional.empty();
        }
    }

    private Set<String> aliases() {
        return descriptions().aliases().keySet();
    }

    private Optional<PrivateEntry> findPrivateEntry(String alias) {
        return findQuietly(alias).flatMap(key -> entries().privateEntry(KeyId.of(alias), key));
    }

    @Override
    public @Nullable Key engineGetKey(String alias, char @Nullable [] password) throws UnrecoverableKeyException {
        Optional<KeyDescription> key;
        try {
            key = find(alias);
        } catch (KmsException e) {
            return entries().keyDuringOutage(KeyId.of(alias), e);
        }
        return key.isEmpty() ? null : entries().key(KeyId.of(alias), key.get());
    }

    /** With or without protection: there is no password that could be wrong. */
    @Override
    public @Nullable Entry engineGetEntry(String alias, @Nullable ProtectionParameter protection)
            throws UnrecoverableKeyException {
        Key key = engineGetKey(alias, null);
        if (key instanceof SecretKey secret) {
            return new SecretKeyEntry(secret);
        }
        Certificate[] chain = key == null ? null : engineGetCertificateChain(alias);
        return chain == null ? null : new PrivateKeyEntry((PrivateKey) key, chain);
    }

    @Override
    public @Nullable Date engineGetCreationDate(String alias) {
        return findQuietly(alias).map(key -> Date.from(key.created())).orElse(null);
    }

    @Override
    public Enumeration<String> engineAliases() {
        return Collections.enumeration(aliases());
    }

    @Override
    public boolean engineContainsAlias(String alias) {
        return findQuietly(alias).isPresent();
    }

    @Override
    public int engineSize() {
        return aliases().size();
    }

    @Override
    public boolean engineIsKeyEntry(String alias) {
        return findQuietly(alias)
                .filter(key -> entries().isKey(KeyId.of(alias), key))
                .isPresent();
    }

    @Override
    public boolean engineIsCertificateEntry(String alias) {
        return false;
    }

    @Override
    public Certificate @Nullable [] engineGetCertificateChain(String alias) {
        return findPrivateEntry(alias).map(entry -> entry.chain().clone()).orElse(null);
    }

    @Override
    public @Nullable Certificate engineGetCertificate(String alias) {
        return findPrivateEntry(alias).map(entry -> entry.chain()[0]).orElse(null);
    }

    @Override
    public @Nullable String engineGetCertificateAlias(@Nullable Certificate certificate) {
        return aliases().stream()
                .filter(alias -> certificate != null && certificate.equals(engineGetCertificate(alias)))
                .findFirst()
                .orElse(null);
    }

    @Override
    public void engineSetKeyEntry(String alias, Key key, char @Nullable [] password, Certificate @Nullable [] chain)
            throws KeyStoreException {
        throw readOnly();
    }

    @Override
    public void engineSetKeyEntry(String alias, byte[] key, Certificate @Nullable [] chain) throws KeyStoreException {
        throw readOnly();
    }

    @Override
    public void engineSetEntry(String alias, Entry entry, @Nullable ProtectionParameter protection)
            throws KeyStoreException {
        throw readOnly();
    }

    @Override
    public void engineSetCertificateEntry(String alias, Certificate certificate) throws KeyStoreException {
        throw readOnly();
    }

    @Override
    public void engineDeleteEntry(String alias) throws KeyStoreException {
        throw readOnly();
    }

    private static KeyStoreException readOnly() {
        return new KeyStoreException(
                "a live KMS keystore is read-only; keys are created and deleted in the key service,"
                        + " for the local one with 'kms-envelope key'");
    }

    /** There is nothing to store: aliases are live and stay in the service. */
    @Override
    public void engineStore(@Nullable OutputStream stream, char @Nullable [] password) {
        entries();
    }

    @Override
    public void engineStore(@Nullable LoadStoreParameter parameter) {
        entries();
    }

    /** Never guessed from content: configurations have no mark of their own. */
    @Override
    public boolean engineProbe(InputStream stream) {
        return false;
    }
}
