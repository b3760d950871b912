package dev.kmsenvelope.application;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.crypto.GcmProvider;
import dev.kmsenvelope.kms.KmsConfigurationException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.Provider;
import java.security.ProviderException;
import java.security.Security;
import java.util.Locale;
import java.util.Set;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.jspecify.annotations.Nullable;

/**
 * Which KeyStore the settings mean, and whose code reads it.
 *
 * @param type its type
 * @param file where it is, or null for one that is no file, such as a token
 * @param provider who reads it, or null for the first installed provider that offers the type
 */
record KeyStoreSource(
        String type, @Nullable Path file, @Nullable Provider provider) {

    static final String KEYSTORE = "application.keystore";
    static final String TYPE = "application.keystore-type";
    static final String PROVIDER = "application.provider";
    static final String PKCS11_CONFIG = "application.pkcs11-config";

    private static final String PKCS11 = "PKCS11";
    private static final String BCFKS = "BCFKS";

    /** Types that would give an empty keystore without a file, rather than an error. */
    private static final Set<String> FILES = Set.of("PKCS12", "JKS", "CASEEXACTJKS", "JCEKS", BCFKS);

    /**
     * Reads the settings.
     *
     * @param configuration the settings
     * @return the source
     * @throws KmsConfigurationException if one is wrong, or they contradict each other
     */
    static KeyStoreSource of(Configuration configuration) {
        Path pkcs11 = configuration.getPath(PKCS11_CONFIG).orElse(null);
        String providerName = configuration.get(PROVIDER).orElse(null);
        String type = configuration.get(TYPE).orElse(pkcs11 == null ? "PKCS12" : PKCS11);
        Path file = configuration.getPath(KEYSTORE).orElse(null);
        if (type.equalsIgnoreCase("KMS")) {
            throw Configuration.invalid(TYPE, type, "a KeyStore that holds the keys itself, such as PKCS12");
        }
        if (pkcs11 != null && !type.equalsIgnoreCase(PKCS11)) {
            throw Configuration.invalid(TYPE, type, "PKCS11, or not set, because '" + PKCS11_CONFIG + "' is set");
        }
        if (pkcs11 != null && providerName != null) {
            throw new KmsConfigurationException(
                    "set '" + PROVIDER + "' or '" + PKCS11_CONFIG + "', not both: each says who reads the keystore");
        }
        if (file != null && type.equalsIgnoreCase(PKCS11)) {
            throw Configuration.invalid(
                    KEYSTORE, file.toString(), "not set for the type PKCS11, whose keys are in a token");
        }
        if (file == null && FILES.contains(type.toUpperCase(Locale.ROOT))) {
            throw new KmsConfigurationException("the backend application needs the setting '" + KEYSTORE
                    + "': the path of a keystore of type " + type);
        }
        return new KeyStoreSource(type, file, provider(type, providerName, pkcs11));
    }

    private static @Nullable Provider provider(String type, @Nullable String name, @Nullable Path pkcs11) {
        if (name != null) {
            Provider provider = Security.getProvider(name);
            if (provider == null || name.equals(GcmProvider.OWN_NAME)) {
                throw Configuration.invalid(PROVIDER, name, "the name of another installed security provider");
            }
            return provider;
        }
        if (pkcs11 != null) {
            return pkcs11Provider(pkcs11);
        }
        // Not registered: what else the process does with JCA is none of our business.
        return type.equalsIgnoreCase(BCFKS) ? new BouncyCastleProvider() : null;
    }

    /** Not registered either. */
    private static Provider pkcs11Provider(Path config) {
        Provider unconfigured = Security.getProvider("SunPKCS11");
        if (unconfigured == null) {
            throw new KmsConfigurationException(
                    "this Java has no provider SunPKCS11 (module jdk.crypto.cryptoki), which '" + PKCS11_CONFIG
                            + "' needs");
        }
        if (!Files.isReadable(config)) {
            throw Configuration.invalid(PKCS11_CONFIG, config.toString(), "a file that can be read");
        }
        try {
            // An absolute path cannot be mistaken for a configuration in place, which starts with two hyphens.
            return unconfigured.configure(config.toAbsolutePath().toString());
        } catch (IllegalArgumentException | ProviderException | UnsupportedOperationException e) {
            Throwable reason = e.getCause() == null ? e : e.getCause();
            throw new KmsConfigurationException(
                    "the PKCS#11 configuration " + config + " does not work: " + reason.getMessage(), e);
        }
    }

    /**
     * Opens the KeyStore.
     *
     * @param password of the file or token, or null for none
     * @return loaded
     * @throws GeneralSecurityException if nobody offers the type, or its integrity cannot be checked
     * @throws IOException if the file cannot be read, is of another type, or the password is wrong
     */
    KeyStore load(char @Nullable [] password) throws GeneralSecurityException, IOException {
        KeyStore keyStore = provider == null ? KeyStore.getInstance(type) : KeyStore.getInstance(type, provider);
        if (file == null) {
            keyStore.load(null, password);
        } else {
            try (InputStream in = Files.newInputStream(file)) {
                keyStore.load(in, password);
            }
            if (password == null && keyStore.size() == 0) {
                // PKCS12 leaves out what it cannot decrypt.
                throw new IOException("the keystore is empty, or all that it has is encrypted");
            }
        }
        return keyStore;
    }

    /**
     * The password of its entries.
     *
     * @param password of the KeyStore, or null for none
     * @return the same, but none for a token, which asks for it once
     */
    char @Nullable [] entryPassword(char @Nullable [] password) {
        return type.equalsIgnoreCase(PKCS11) ? null : password;
    }

    /** That it does not open, for an error text that goes on. */
    String doesNotOpen() {
        return file == null
                ? "the keystore of type " + type + " does not open"
                : "the keystore " + file + " does not open as " + type;
    }
}
