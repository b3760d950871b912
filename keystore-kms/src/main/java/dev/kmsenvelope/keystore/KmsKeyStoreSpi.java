package dev.kmsenvelope.keystore;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.kms.KeyDescription;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.KmsException;
import dev.kmsenvelope.provider.KeyPolicy;
import dev.kmsenvelope.provider.KmsSecretKey;
import dev.kmsenvelope.spi.KeyReference;
import dev.kmsenvelope.spi.KeyServices;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.Key;
import java.security.KeyStore.Entry;
import java.security.KeyStore.LoadStoreParameter;
import java.security.KeyStore.ProtectionParameter;
import java.security.KeyStore.SecretKeyEntry;
import java.security.KeyStoreException;
import java.security.KeyStoreSpi;
import java.security.UnrecoverableKeyException;
import java.security.cert.Certificate;
import java.util.Collections;
import java.util.Date;
import java.util.Enumeration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Stream;
import javax.crypto.SecretKey;
import org.jspecify.annotations.Nullable;

/**
 * The keys of a key-management service as a keystore. Its aliases are those of the service, with their prefix: {@code
 * alias/orders}; {@code getKey} takes key ids too. Aliases are case-sensitive. It is live: every call asks the service. It is
 * read-only: keys are created and deleted through the service's administration, not here.
 *
 * <p>Passwords are accepted and ignored, for much code insists on giving one. Thread-safe once loaded.
 */
final class KmsKeyStoreSpi extends KeyStoreSpi {

    private static final System.Logger LOG = System.getLogger(KmsKeyStoreSpi.class.getName());

    private final Supplier<Configuration> providerConfiguration;
    private @Nullable Configuration configuration;
    private @Nullable KeyServices services;

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
            all.requireKnown(known);
            KeyPolicy.requireValid(all);
            services = SharedServices.open(all);
            configuration = all;
        } catch (KmsException e) {
            throw new IOException("the KMS keystore cannot be opened: " + e.getMessage(), e);
        }
    }

    private KeyServices services() {
        if (services == null) {
            throw new IllegalStateException("the keystore is not loaded");
        }
        return services;
    }

    private KeyService service() {
        return services().main();
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
        try {
            return Optional.of(service().describe(id));
        } catch (dev.kmsenvelope.kms.KeyNotFoundException e) {
            return Optional.empty();
        }
    }

    private Optional<KeyDescription> findQuietly(String alias) {
        try {
            return find(alias);
        } catch (KmsException e) {
            LOG.log(System.Logger.Level.WARNING, "the key {0} cannot be looked up: {1}", alias, e.getMessage());
            return Optional.empty();
        }
    }

    private List<String> aliases() {
        TreeMap<String, KeyId> aliases = new TreeMap<>();
        for (KeyDescription key : service().list()) {
            key.aliases().forEach(alias -> aliases.put(alias.value(), key.id()));
        }
        return List.copyOf(aliases.keySet());
    }

    @Override
    public @Nullable Key engineGetKey(String alias, char @Nullable [] password) throws UnrecoverableKeyException {
        Optional<KeyDescription> key;
        try {
            key = find(alias);
        } catch (KmsException e) {
            return handleDuringOutage(KeyId.of(alias), e);
        }
        if (key.isEmpty()) {
            return null;
        }
        if (configuration == null) {
            throw new UnrecoverableKeyException("the keystore is not loaded");
        }
        KeyId id = KeyId.of(alias);
        KeyPolicy policy = KeyPolicy.of(configuration, policyName(configuration, id, key.get()));
        return KmsSecretKey.of(services(), KeyReference.ofMain(id), policy);
    }

    /** An outage of the main service does not keep a handle away whose messages another service can open (RULES 19). */
    private Key handleDuringOutage(KeyId id, KmsException failure) {
        if (failure.isRetryable() && configuration != null && KeyPolicy.isConfigured(configuration, id)) {
            KeyPolicy policy = KeyPolicy.of(configuration, id);
            if (Stream.concat(policy.recipients().stream(), policy.decryptKeys().stream())
                    .anyMatch(key -> key.service().isPresent())) {
                return KmsSecretKey.of(services(), KeyReference.ofMain(id), policy);
            }
        }
        throw failure;
    }

    /**
     * Under which name the settings of a handle stand: the one that it was asked for by, else the key's id. A key id must
     * not be a way around the settings of the key's alias.
     */
    private static KeyId policyName(Configuration configuration, KeyId name, KeyDescription key)
            throws UnrecoverableKeyException {
        if (KeyPolicy.isConfigured(configuration, name)) {
            return name;
        }
        if (KeyPolicy.isConfigured(configuration, key.id())) {
            return key.id();
        }
        for (KeyId alias : key.aliases()) {
            if (!name.isAlias() && KeyPolicy.isConfigured(configuration, alias)) {
                throw new UnrecoverableKeyException("the settings of " + name + " stand under key." + alias
                        + ".*: ask for the key by that name, or give it settings under this one");
            }
        }
        return name;
    }

    /** With or without protection: there is no password that could be wrong. */
    @Override
    public @Nullable Entry engineGetEntry(String alias, @Nullable ProtectionParameter protection)
            throws UnrecoverableKeyException {
        return engineGetKey(alias, null) instanceof SecretKey key ? new SecretKeyEntry(key) : null;
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
        return findQuietly(alias).isPresent();
    }

    @Override
    public boolean engineIsCertificateEntry(String alias) {
        return false;
    }

    @Override
    public Certificate @Nullable [] engineGetCertificateChain(String alias) {
        return null;
    }

    @Override
    public @Nullable Certificate engineGetCertificate(String alias) {
        return null;
    }

    @Override
    public @Nullable String engineGetCertificateAlias(Certificate certificate) {
        return null;
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
        service();
    }

    @Override
    public void engineStore(@Nullable LoadStoreParameter parameter) {
        service();
    }

    /** Never guessed from content: configurations have no mark of their own. */
    @Override
    public boolean engineProbe(InputStream stream) {
        return false;
    }
}
