package dev.kmsenvelope.crypto;

import java.security.GeneralSecurityException;
import java.security.NoSuchAlgorithmException;
import java.security.Provider;
import java.security.Security;
import javax.crypto.Cipher;
import javax.crypto.NoSuchPaddingException;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the JCA provider that does AES-GCM for us. It is always passed on as an object: a look-up by name alone could
 * find ourselves and recurse. Nothing is registered for others.
 */
public final class GcmProvider {

    /** The transformation that is looked for. */
    public static final String TRANSFORMATION = "AES/GCM/NoPadding";

    /** The setting that leaves the choice to this class. */
    public static final String AUTO = "auto";

    /** Our own name; never chosen. */
    public static final String OWN_NAME = "KmsEnvelope";

    /** Amazon Corretto Crypto Provider. */
    public static final String CORRETTO = "AmazonCorrettoCryptoProvider";

    private static final String SUN_JCE = "SunJCE";

    private GcmProvider() {}

    /**
     * A provider, and why it was chosen.
     *
     * @param provider offers AES/GCM/NoPadding and is not this library's
     * @param reason half a sentence, for people
     */
    public record Choice(Provider provider, String reason) {}

    /**
     * Finds the provider.
     *
     * @param name {@value #AUTO}, or the name of a provider, as {@link #choose} says
     * @return a provider that offers AES/GCM/NoPadding and is not this library's
     * @throws IllegalArgumentException if there is none of that name, or it does not offer AES/GCM/NoPadding
     */
    public static Provider find(String name) {
        return choose(name).provider();
    }

    /**
     * Finds the provider, and says why.
     *
     * @param name {@value #AUTO}, which means {@value #CORRETTO} where it is on the class path or installed and in working
     *     order, else the JDK's SunJCE, else the first one in the list; or the name of an installed provider; {@value
     *     #CORRETTO} need not be installed
     * @return the choice
     * @throws IllegalArgumentException if there is none of that name, or it does not offer AES/GCM/NoPadding
     */
    public static Choice choose(String name) {
        return name.equalsIgnoreCase(AUTO) ? automatic() : named(name);
    }

    private static Choice automatic() {
        CorrettoProvider.State corretto = CorrettoProvider.state();
        Provider fastest = corretto.provider();
        if (fastest != null && offersGcm(fastest)) {
            return new Choice(fastest, "the fastest there is, " + corretto.reason());
        }
        Provider sunJce = Security.getProvider(SUN_JCE);
        if (sunJce != null && offersGcm(sunJce)) {
            return new Choice(sunJce, "the JDK's own; " + CORRETTO + " " + corretto.reason());
        }
        for (Provider provider : Security.getProviders()) {
            if (offersGcm(provider)) {
                return new Choice(provider, "the first in the list of providers; there is no " + SUN_JCE);
            }
        }
        throw new IllegalArgumentException("no installed security provider offers " + TRANSFORMATION);
    }

    private static Choice named(String name) {
        Provider provider = Security.getProvider(name);
        if (name.equals(CORRETTO)) {
            CorrettoProvider.State corretto = CorrettoProvider.state();
            provider = corretto.provider();
            if (provider == null) {
                throw new IllegalArgumentException("engine = " + name + ": it " + corretto.reason());
            }
        }
        if (provider == null) {
            throw new IllegalArgumentException("engine = " + name + ": no security provider of that name is installed");
        }
        if (!offersGcm(provider)) {
            throw new IllegalArgumentException("engine = " + name + ": that provider does not offer " + TRANSFORMATION);
        }
        return new Choice(provider, "named by the setting engine");
    }

    private static boolean offersGcm(@Nullable Provider provider) {
        if (provider == null || provider.getName().equals(OWN_NAME)) {
            return false;
        }
        try {
            newCipher(provider);
            return true;
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    /** Whether a provider leaves alone what stands in the output array beside its output, where other threads may write. */
    static boolean staysWithin(Provider provider) {
        return provider.getName().equals(SUN_JCE) || provider.getName().equals(CORRETTO);
    }

    static Cipher newCipher(Provider provider) throws NoSuchAlgorithmException, NoSuchPaddingException {
        return Cipher.getInstance(TRANSFORMATION, provider);
    }
}
