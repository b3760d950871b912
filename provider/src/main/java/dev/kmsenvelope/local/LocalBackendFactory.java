package dev.kmsenvelope.local;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.KmsConfigurationException;
import dev.kmsenvelope.spi.BackendFactory;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The backend {@code local}: keys in a directory of this machine, which needs no set-up. Settings:
 *
 * <ul>
 *   <li>{@code local.directory}: the key directory; else the environment variable {@code KMS_ENVELOPE_HOME}, else {@code
 *       ~/.kms-envelope}. It is made, for its owner only, with the first key.
 *   <li>{@code local.passphrase-file}: a file with a passphrase in its first line; else the environment variable {@code
 *       KMS_ENVELOPE_PASSPHRASE}; else a secret is generated beside the keys, and whoever can read the directory can read
 *       the keys.
 * </ul>
 *
 * Opening with a passphrase takes about half a second, which is what makes guessing it expensive. Thread-safe.
 */
public final class LocalBackendFactory implements BackendFactory {

    static final String NAME = "local";

    private static final String DIRECTORY = "local.directory";
    private static final String PASSPHRASE_FILE = "local.passphrase-file";
    private static final String HOME_VARIABLE = "KMS_ENVELOPE_HOME";

    private final Map<String, String> environment;

    /** Makes one; does nothing. */
    public LocalBackendFactory() {
        this(System.getenv());
    }

    LocalBackendFactory(Map<String, String> environment) {
        this.environment = environment;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Set<String> configurationKeys() {
        return Set.of(DIRECTORY, PASSPHRASE_FILE);
    }

    /**
     * {@inheritDoc}
     *
     * @throws KeyFileException if there is a key file and it cannot be opened
     */
    @Override
    public KeyService openService(Configuration configuration) {
        return new LocalKeyService(LocalStore.open(settings(configuration)));
    }

    /**
     * {@inheritDoc}
     *
     * <p>The key file is read by the first call, not here: a damaged one can be replaced by {@link
     * LocalKeyAdministration#restore}.
     */
    @Override
    public LocalKeyAdministration openAdministration(Configuration configuration) {
        return new LocalKeyAdministration(LocalStore.unread(settings(configuration)));
    }

    StoreSettings settings(Configuration configuration) {
        Path directory = configuration.getPath(DIRECTORY).orElseGet(this::defaultDirectory);
        return new StoreSettings(
                directory,
                configuration
                        .getPath(PASSPHRASE_FILE)
                        .map(PassphraseSource::ofFile)
                        .orElseGet(this::environmentPassphrase));
    }

    private Path defaultDirectory() {
        String home = environment.get(HOME_VARIABLE);
        return home != null && !home.isBlank()
                ? Configuration.path(HOME_VARIABLE, home)
                : Configuration.path("user.home", System.getProperty("user.home"))
                        .resolve(".kms-envelope");
    }

    private @Nullable PassphraseSource environmentPassphrase() {
        String passphrase = environment.get(PassphraseSource.ENVIRONMENT);
        if (passphrase != null && passphrase.isEmpty()) {
            // Most likely a secret that could not be fetched: a generated one instead would go unnoticed.
            throw new KmsConfigurationException("the environment variable " + PassphraseSource.ENVIRONMENT
                    + " is set but empty; unset it to use a generated secret");
        }
        if (passphrase != null && passphrase.indexOf('\uFFFD') >= 0) {
            // Java has put this in the place of what it could not decode: different passphrases would become one.
            throw new KmsConfigurationException("the environment variable " + PassphraseSource.ENVIRONMENT
                    + " cannot be decoded in this locale; use a UTF-8 locale or local.passphrase-file");
        }
        return passphrase == null ? null : PassphraseSource.ofEnvironment(passphrase);
    }
}
