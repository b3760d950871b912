package dev.kmsenvelope.keystore;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.kms.KeyAccessDeniedException;
import dev.kmsenvelope.kms.KeyDescription;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyNotFoundException;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.kms.KeyState;
import dev.kmsenvelope.kms.KeyUsage;
import dev.kmsenvelope.kms.KmsException;
import dev.kmsenvelope.kms.MacService;
import dev.kmsenvelope.kms.PublicKeyService;
import dev.kmsenvelope.provider.KeyPolicy;
import dev.kmsenvelope.provider.KmsMacKey;
import dev.kmsenvelope.provider.KmsPrivateKey;
import dev.kmsenvelope.provider.KmsSecretKey;
import dev.kmsenvelope.spi.KeyReference;
import dev.kmsenvelope.spi.KeyServices;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore.Entry;
import java.security.UnrecoverableKeyException;
import java.security.cert.X509Certificate;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What a key of the service is in a keystore, by its kind: a secret key, a private key with its chain, or nothing. Thread-safe. */
final class KeyEntries {

    /** The setting that supplies a chain. */
    static final String CERTIFICATE_SETTING = "key.*.certificate";

    private static final System.Logger LOG = System.getLogger(KeyEntries.class.getName());

    private final KeyServices services;
    private final KeyService service;
    private final Configuration configuration;
    private final PublicHalves publicHalves;
    private final Map<Supplied, X509Certificate[]> supplied = new ConcurrentHashMap<>();
    private final Set<String> warnings = ConcurrentHashMap.newKeySet();

    private record Supplied(KeyId name, KeyId key) {}

    /**
     * A private key and its chain.
     *
     * @param key the handle
     * @param chain its own certificate first
     */
    record PrivateEntry(KmsPrivateKey key, X509Certificate[] chain) {}

    private enum Kind {
        SECRET,
        MAC,
        PRIVATE,
        UNUSABLE
    }

    KeyEntries(KeyServices services, Configuration configuration, PublicHalves publicHalves) {
        this.services = services;
        this.service = services.main();
        this.configuration = configuration;
        this.publicHalves = publicHalves;
    }

    /** A service whose key pairs only wrap data keys keeps their public halves to itself. */
    private Kind kind(KeyDescription key) {
        boolean hasKeyPairs = service.capability(PublicKeyService.class).isPresent();
        if (key.spec() == KeySpec.SYMMETRIC_DEFAULT
                || (!hasKeyPairs && key.usage() == KeyUsage.ENCRYPT_DECRYPT && key.state() == KeyState.ENABLED)) {
            return Kind.SECRET;
        }
        if (key.spec().isAsymmetric()) {
            return hasKeyPairs ? Kind.PRIVATE : Kind.SECRET;
        }
        return key.spec() != KeySpec.OTHER
                        && service.capability(MacService.class).isPresent()
                ? Kind.MAC
                : Kind.UNUSABLE;
    }

    /** Whether a name is a key entry; if it could be one but something is wrong with it, that is logged. */
    boolean isKey(KeyId name, KeyDescription key) {
        return switch (kind(key)) {
            case SECRET -> true;
            case PRIVATE -> privateEntry(name, key).isPresent();
            case MAC, UNUSABLE -> {
                try {
                    yield key(name, key) != null;
                } catch (UnrecoverableKeyException e) {
                    warn(name, e);
                    yield false;
                }
            }
        };
    }

    /**
     * The handle.
     *
     * @return null if the key is of no kind that can be used
     * @throws UnrecoverableKeyException if it should be usable and is not
     */
    @Nullable
    Key key(KeyId name, KeyDescription key) throws UnrecoverableKeyException {
        return switch (kind(key)) {
            case SECRET -> secretKey(name, policyName(name, key));
            case MAC -> {
                KeyPolicy policy = KeyPolicy.of(configuration, policyName(name, key));
                try {
                    yield KmsMacKey.of(service, name, key.spec(), policy);
                } catch (KmsException e) {
                    throw unrecoverable(name, e);
                }
            }
            case PRIVATE -> requirePrivateEntry(name, key).key();
            case UNUSABLE -> {
                warnOnce("the key " + name + " is of a kind that cannot be used here, so it is no key entry");
                yield null;
            }
        };
    }

    /** The same with its chain, if it is a private key. */
    @Nullable
    Entry entry(KeyId name, KeyDescription key, Set<Entry.Attribute> attributes) throws UnrecoverableKeyException {
        if (kind(key) != Kind.PRIVATE) {
            return KeyStoreEntries.of(name.value(), key(name, key), null, attributes);
        }
        PrivateEntry whole = requirePrivateEntry(name, key);
        return KeyStoreEntries.of(name.value(), whole.key(), whole.chain(), attributes);
    }

    private KmsSecretKey secretKey(KeyId name, KeyId settings) {
        return KmsSecretKey.of(services, KeyReference.ofMain(name), KeyPolicy.of(configuration, settings));
    }

    /** An outage of the main service does not keep a handle away whose messages another service can open (RULES 19). */
    Key keyDuringOutage(KeyId name, KmsException failure) {
        if (failure.isRetryable() && KeyPolicy.isConfigured(configuration, name)) {
            KeyPolicy policy = KeyPolicy.of(configuration, name);
            if (Stream.concat(policy.recipients().stream(), policy.decryptKeys().stream())
                    .anyMatch(key -> key.service().isPresent())) {
                return secretKey(name, name);
            }
        }
        throw failure;
    }

    /** The private key of a name, if it is one and nothing is wrong with it; what is wrong is logged. */
    Optional<PrivateEntry> privateEntry(KeyId name, KeyDescription key) {
        if (kind(key) != Kind.PRIVATE) {
            return Optional.empty();
        }
        try {
            return Optional.of(requirePrivateEntry(name, key));
        } catch (UnrecoverableKeyException e) {
            warn(name, e);
            return Optional.empty();
        }
    }

    private PrivateEntry requirePrivateEntry(KeyId name, KeyDescription description) throws UnrecoverableKeyException {
        KeyId settings = policyName(name, description);
        KeyPolicy policy = KeyPolicy.of(configuration, settings);
        try {
            KmsPrivateKey key =
                    KmsPrivateKey.of(service, description, publicHalves.publicKey(service, description), policy);
            return new PrivateEntry(key, chain(settings, key, description));
        } catch (KmsException | GeneralSecurityException | IOException | IllegalStateException e) {
            throw unrecoverable(name, e);
        }
    }

    private X509Certificate[] chain(KeyId settings, KmsPrivateKey key, KeyDescription description)
            throws GeneralSecurityException, IOException {
        String setting = CERTIFICATE_SETTING.replace("*", settings.value());
        Optional<Path> file = configuration.getPath(setting);
        if (file.isEmpty()) {
            return new X509Certificate[] {publicHalves.certificate(key, description)};
        }
        Supplied which = new Supplied(settings, description.id());
        X509Certificate[] known = supplied.get(which);
        if (known == null) {
            known = Certificates.read(setting, file.get(), key);
            supplied.put(which, known);
        }
        return known.clone();
    }

    private static UnrecoverableKeyException unrecoverable(KeyId name, Exception cause) {
        UnrecoverableKeyException e =
                new UnrecoverableKeyException("the key " + name + " cannot be used: " + cause.getMessage());
        e.initCause(cause);
        return e;
    }

    /**
     * Under which name the settings of a handle stand: the one that it was asked for by, else the key's id. Another form of
     * a name, such as an ARN or an id without one, must not be a way around settings; another alias is another name.
     */
    private KeyId policyName(KeyId name, KeyDescription key) throws UnrecoverableKeyException {
        if (KeyPolicy.isConfigured(configuration, name)) {
            return name;
        }
        if (KeyPolicy.isConfigured(configuration, key.id())) {
            return key.id();
        }
        for (KeyId configured : KeyPolicy.configuredKeys(configuration)) {
            if (mayBeTheSame(configured, name) && means(configured, name, key)) {
                throw new UnrecoverableKeyException("the settings of " + name + " stand under key." + configured
                        + ".*: ask for the key by that name, or give it settings under this one");
            }
        }
        return name;
    }

    private static boolean mayBeTheSame(KeyId configured, KeyId name) {
        if (configured.isAlias() && name.isAlias()) {
            return alias(configured).equals(alias(name));
        }
        // The ARN of a key is its id, which has been compared.
        return configured.isAlias() || !configured.value().startsWith("arn:");
    }

    private static String alias(KeyId name) {
        return name.value().substring(name.value().indexOf(KeyId.ALIAS_PREFIX));
    }

    /** The service is asked too: it does not tell everybody all aliases of a key. */
    private boolean means(KeyId configured, KeyId name, KeyDescription key) throws UnrecoverableKeyException {
        if (key.aliases().contains(configured)) {
            return true;
        }
        try {
            return service.describe(configured).id().equals(key.id());
        } catch (KeyNotFoundException | KeyAccessDeniedException e) {
            return false; // Not this key, which this identity may look at.
        } catch (KmsException e) {
            throw unrecoverable(name, e);
        }
    }

    private void warn(KeyId name, UnrecoverableKeyException e) {
        warnOnce(name + " is no key entry: " + e.getMessage());
    }

    /** Once for each text: key managers ask for each handshake. */
    private void warnOnce(String text) {
        if (warnings.add(text)) {
            LOG.log(System.Logger.Level.WARNING, text);
        }
    }
}
