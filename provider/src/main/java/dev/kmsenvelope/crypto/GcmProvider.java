package dev.kmsenvelope.crypto;

import java.security.GeneralSecurityException;
import java.security.NoSuchAlgorithmException;
import java.security.Provider;
import java.security.Security;
import javax.crypto.Cipher;
import javax.crypto.NoSuchPaddingException;

/**
 * Chooses the JCA provider that does AES-GCM for us. It is always passed on as an object: a look-up by name alone could
 * find ourselves and recurse.
 */
public final class GcmProvider {

    /** The transformation that is looked for. */
    public static final String TRANSFORMATION = "AES/GCM/NoPadding";

    /** The setting that leaves the choice to this class. */
    public static final String AUTO = "auto";

    /** Our own name; never chosen. */
    public static final String OWN_NAME = "KmsEnvelope";

    private GcmProvider() {}

    /**
     * Finds the provider.
     *
     * @param name {@value #AUTO}, which means the JDK's SunJCE where it exists and else the first one in the list, or the
     *     name of an installed provider
     * @return a provider that offers AES/GCM/NoPadding and is not this library's
     * @throws IllegalArgumentException if there is none of that name, or it does not offer AES/GCM/NoPadding
     */
    public static Provider find(String name) {
        if (name.equalsIgnoreCase(AUTO)) {
            Provider sunJce = Security.getProvider("SunJCE");
            if (sunJce != null && offersGcm(sunJce)) {
                return sunJce;
            }
            for (Provider provider : Security.getProviders()) {
                if (offersGcm(provider)) {
                    return provider;
                }
            }
            throw new IllegalArgumentException("no installed security provider offers " + TRANSFORMATION);
        }
        Provider provider = Security.getProvider(name);
        if (provider == null) {
            throw new IllegalArgumentException("engine = " + name + ": no security provider of that name is installed");
        }
        if (!offersGcm(provider)) {
            throw new IllegalArgumentException("engine = " + name + ": that provider does not offer " + TRANSFORMATION);
        }
        return provider;
    }

    private static boolean offersGcm(Provider provider) {
        if (provider.getName().equals(OWN_NAME)) {
            return false;
        }
        try {
            newCipher(provider);
            return true;
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    static Cipher newCipher(Provider provider) throws NoSuchAlgorithmException, NoSuchPaddingException {
        return Cipher.getInstance(TRANSFORMATION, provider);
    }
}
