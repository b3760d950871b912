package dev.kmsenvelope.keystore;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.kms.AliasExistsException;
import dev.kmsenvelope.kms.KeyAdministration;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyNotFoundException;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.kms.KmsConfigurationException;
import dev.kmsenvelope.spi.Backends;

/**
 * The key that keystore files are sealed under. It is pinned outside the file, for who could name it inside could put his own
 * file in its place (RULES 18). The local backend has one by default, which is made when it is first written with. Thread-safe.
 */
public final class PinnedKey {

    /** What it is called in the local backend if nothing else is set. */
    static final KeyId LOCAL = KeyId.of("alias/kms-envelope-keystore");

    private final KeyService service;
    private final Configuration configuration;
    private final KeyStoreSettings settings;
    private volatile boolean known;

    PinnedKey(KeyService service, Configuration configuration, KeyStoreSettings settings) {
        this.service = service;
        this.configuration = configuration;
        this.settings = settings;
    }

    /**
     * The key that settings pin.
     *
     * @param service the main service of those settings; must stay open as long as this is used
     * @param configuration the settings, of which {@code keystore.key} names the key
     * @return the key
     * @throws KmsConfigurationException if a setting of the keystore is wrong
     */
    public static PinnedKey of(KeyService service, Configuration configuration) {
        return new PinnedKey(service, configuration, KeyStoreSettings.of(configuration));
    }

    /**
     * The lowest generation that a file may have, which {@code keystore.min-generation} says.
     *
     * @return 0 if each may be opened
     */
    public long minGeneration() {
        return settings.minGeneration();
    }

    private boolean isByDefault() {
        return settings.key().isEmpty()
                && configuration.get(Backends.SETTING).orElse(Backends.DEFAULT).equals(Backends.DEFAULT);
    }

    /**
     * The key that files which are opened must be sealed under.
     *
     * @return its name
     * @throws KmsConfigurationException if none is set, and the backend has none by default
     */
    public KeyId toOpen() {
        if (isByDefault()) {
            return LOCAL;
        }
        return settings.key()
                .orElseThrow(() -> new KmsConfigurationException("a keystore file needs the setting '"
                        + KeyStoreSettings.KEY + "', which says what key of the service it is sealed under"));
    }

    /**
     * The key to seal with; in the local backend the default one is made now if it is not there.
     *
     * @return its name
     * @throws dev.kmsenvelope.kms.KmsException as {@link #toOpen}, or if it cannot be made
     */
    public KeyId toSeal() {
        if (isByDefault() && !known && isMissing()) {
            try (KeyAdministration keys = Backends.openAdministration(configuration)) {
                keys.createKey(KeySpec.SYMMETRIC_DEFAULT, LOCAL);
            } catch (AliasExistsException e) {
                // Somebody else made it meanwhile.
            }
        }
        known = true;
        return toOpen();
    }

    private boolean isMissing() {
        try {
            service.describe(LOCAL);
            return false;
        } catch (KeyNotFoundException e) {
            return true;
        }
    }
}
