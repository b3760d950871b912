package dev.kmsenvelope.application;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.config.SecretFile;
import dev.kmsenvelope.crypto.OaepHash;
import dev.kmsenvelope.crypto.OsRandom;
import dev.kmsenvelope.kms.KeyAdministration;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.KmsConfigurationException;
import dev.kmsenvelope.spi.BackendFactory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The backend {@code application}: the AES and RSA keys of any JCA KeyStore. An entry that is a trusted certificate with an
 * RSA key encrypts only. Settings:
 *
 * <ul>
 *   <li>{@code application.keystore}: the path of the keystore; not set for one that is no file, such as a PKCS#11 token.
 *   <li>{@code application.keystore-type}: {@code PKCS12} by default; {@code BCFKS} needs no registered provider.
 *   <li>{@code application.password-file}: a file with the password or PIN in its first line, for the keystore and its keys.
 *   <li>{@code application.pkcs11-config}: a configuration file of the JDK's SunPKCS11; means the type {@code PKCS11}. The
 *       provider that is made from it is not registered.
 *   <li>{@code application.provider}: the name of the installed provider that reads the keystore; the first one that offers
 *       the type by default.
 *   <li>{@code application.namespace}: the provider id of what is encrypted, {@value #DEFAULT_NAMESPACE} by default.
 *   <li>{@code application.rsa-hash}: the hash of RSA-OAEP and its MGF1: {@code SHA-256} by default, {@code SHA-1}, {@code
 *       SHA-384} or {@code SHA-512}.
 * </ul>
 *
 * A key is shown as {@code alias/} and its alias in the keystore, unless that starts with {@code alias/} itself; it is found
 * by either. Entries whose alias has blanks or other characters than printable ASCII are left out. The keystore is read once:
 * what changes in it later is seen by services that are opened later. Thread-safe.
 */
public final class ApplicationBackendFactory implements BackendFactory {

    /** The namespace of those who set none. */
    public static final String DEFAULT_NAMESPACE = "kms-envelope-application";

    static final String NAME = "application";

    private static final String PASSWORD_FILE = "application.password-file";
    private static final String NAMESPACE = "application.namespace";
    private static final String RSA_HASH = "application.rsa-hash";
    private static final int MAX_NAMESPACE = 255;

    /** Makes one; does nothing. */
    public ApplicationBackendFactory() {}

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Set<String> configurationKeys() {
        return Set.of(
                KeyStoreSource.KEYSTORE,
                KeyStoreSource.TYPE,
                KeyStoreSource.PROVIDER,
                KeyStoreSource.PKCS11_CONFIG,
                PASSWORD_FILE,
                NAMESPACE,
                RSA_HASH);
    }

    /**
     * {@inheritDoc}
     *
     * @throws KmsConfigurationException if a setting is missing or wrong, or the keystore does not open
     */
    @Override
    public KeyService openService(Configuration configuration) {
        SecureRandom random = OsRandom.create();
        KeyReader reader = new KeyReader(namespace(configuration), hash(configuration), random);
        KeyStoreSource source = KeyStoreSource.of(configuration);
        char[] password =
                configuration.getPath(PASSWORD_FILE).map(SecretFile::read).orElse(null);
        try {
            return new ApplicationKeyService(
                    reader.readAll(source.load(password), source.entryPassword(password)), random);
        } catch (GeneralSecurityException | IOException | RuntimeException e) {
            // KeyStores answer a file or a password that they do not expect with any exception there is.
            throw doesNotOpen(source, password, e);
        } finally {
            if (password != null) {
                Arrays.fill(password, '\0');
            }
        }
    }

    private static String namespace(Configuration configuration) {
        String namespace = configuration.get(NAMESPACE).orElse(DEFAULT_NAMESPACE);
        if (namespace.getBytes(StandardCharsets.UTF_8).length > MAX_NAMESPACE || namespace.startsWith("aws-kms")) {
            throw Configuration.invalid(
                    NAMESPACE, namespace, "1 to " + MAX_NAMESPACE + " bytes, and not start with aws-kms");
        }
        return namespace;
    }

    private static OaepHash hash(Configuration configuration) {
        String name = configuration.get(RSA_HASH).orElse(OaepHash.SHA_256.algorithm());
        return OaepHash.of(name).orElseThrow(() -> Configuration.invalid(RSA_HASH, name, OaepHash.names()));
    }

    private static KmsConfigurationException doesNotOpen(
            KeyStoreSource source, char @Nullable [] password, Exception cause) {
        return new KmsConfigurationException(
                source.doesNotOpen()
                        + (password == null
                                ? " without a password; name a file with it in '" + PASSWORD_FILE + "'"
                                : " with the password from '" + PASSWORD_FILE + "'"),
                cause);
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
