package dev.kmsenvelope.application;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.config.SecretFile;
import dev.kmsenvelope.crypto.OsRandom;
import dev.kmsenvelope.kms.KeyAdministration;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.KmsConfigurationException;
import dev.kmsenvelope.spi.BackendFactory;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Arrays;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The backend {@code application}: the AES keys of any JCA KeyStore. Settings:
 *
 * <ul>
 *   <li>{@code application.keystore}: the path of the keystore; without it the type must need none, as PKCS#11.
 *   <li>{@code application.keystore-type}: {@code PKCS12} by default.
 *   <li>{@code application.password-file}: a file with the password in its first line, for the keystore and its keys.
 *   <li>{@code application.namespace}: the provider id of what is encrypted, {@value #DEFAULT_NAMESPACE} by default.
 * </ul>
 *
 * A key is shown as {@code alias/} and its alias in the keystore, unless that starts with {@code alias/} itself; it is found
 * by either. The keystore is read once: keys that are added to it later are seen by services that are opened later.
 * Thread-safe.
 */
public final class ApplicationBackendFactory implements BackendFactory {

    /** The namespace of those who set none. */
    public static final String DEFAULT_NAMESPACE = "kms-envelope-application";

    static final String NAME = "application";

    private static final String KEYSTORE = "application.keystore";
    private static final String KEYSTORE_TYPE = "application.keystore-type";
    private static final String PASSWORD_FILE = "application.password-file";
    private static final String NAMESPACE = "application.namespace";
    private static final int MAX_NAMESPACE = 255;

    /** Makes one; does nothing. */
    public ApplicationBackendFactory() {}

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Set<String> configurationKeys() {
        return Set.of(KEYSTORE, KEYSTORE_TYPE, PASSWORD_FILE, NAMESPACE);
    }

    /**
     * {@inheritDoc}
     *
     * @throws KmsConfigurationException if a setting is missing or wrong, or the keystore does not open
     */
    @Override
    public KeyService openService(Configuration configuration) {
        String namespace = configuration.get(NAMESPACE).orElse(DEFAULT_NAMESPACE);
        if (namespace.getBytes(StandardCharsets.UTF_8).length > MAX_NAMESPACE || namespace.startsWith("aws-kms")) {
            throw Configuration.invalid(
                    NAMESPACE, namespace, "1 to " + MAX_NAMESPACE + " bytes, and not start with aws-kms");
        }
        String type = configuration.get(KEYSTORE_TYPE).orElse("PKCS12");
        if (type.equalsIgnoreCase("KMS")) {
            throw Configuration.invalid(KEYSTORE_TYPE, type, "a KeyStore that holds the keys itself, such as PKCS12");
        }
        Path file = configuration.getPath(KEYSTORE).orElse(null);
        if (file == null && type.equalsIgnoreCase("PKCS12")) {
            throw new KmsConfigurationException("the backend application needs the setting '" + KEYSTORE + "'");
        }
        char[] password =
                configuration.getPath(PASSWORD_FILE).map(SecretFile::read).orElse(null);
        try {
            KeyStore keyStore = load(type, file, password);
            return new ApplicationKeyService(namespace, ApplicationKey.readAll(keyStore, password), OsRandom.create());
        } catch (GeneralSecurityException | IOException e) {
            throw new KmsConfigurationException(
                    "the keystore " + (file == null ? "of type " + type : file) + " does not open as " + type
                            + (password == null
                                    ? " without a password; name a file with it in '" + PASSWORD_FILE + "'"
                                    : " with the password from '" + PASSWORD_FILE + "'"),
                    e);
        } finally {
            if (password != null) {
                Arrays.fill(password, '\0');
            }
        }
    }

    private static KeyStore load(String type, @Nullable Path file, char @Nullable [] password)
            throws GeneralSecurityException, IOException {
        KeyStore keyStore = KeyStore.getInstance(type);
        if (file == null) {
            keyStore.load(null, password);
        } else {
            try (InputStream in = Files.newInputStream(file)) {
                keyStore.load(in, password);
            }
        }
        return keyStore;
    }

    /**
     * Not offered: the keys are made and removed with the tools of the keystore, such as keytool.
     *
     * @param configuration the settings
     * @return never
     * @throws UnsupportedOperationException always
     */
    @Override
    public KeyAdministration openAdministration(Configuration configuration) {
        throw new UnsupportedOperationException("the keys of the backend application belong to the application:"
                + " make them with the tools of its keystore, for example"
                + " keytool -genseckey -keyalg AES -keysize 256 -storetype PKCS12");
    }
}
