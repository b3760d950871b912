package dev.kmsenvelope.crypto;

import java.security.NoSuchAlgorithmException;
import java.security.Provider;
import org.bouncycastle.jce.provider.BouncyCastleProvider;

/**
 * Who does AES-GCM and who the HMAC of HKDF, down to the classes that do it. Whether two are separate is told by those
 * classes and not by names: a provider can offer another one's classes under its own name. What cannot be seen is a class
 * that hands its work on to another provider.
 *
 * @param gcm offers AES-GCM
 * @param hmac offers HMAC-SHA512
 * @param gcmClass what does AES-GCM
 * @param hmacClass what does HMAC-SHA512
 */
public record CryptoImplementation(Provider gcm, Provider hmac, Class<?> gcmClass, Class<?> hmacClass) {

    private static final String HMAC = "HmacSHA512";

    /** In the order in which {@link javax.crypto.Cipher} looks for the transformation. */
    private static final String[] GCM_NAMES = {GcmProvider.TRANSFORMATION, "AES/GCM", "AES//NoPadding", "AES"};

    private static final class OwnBouncyCastle {
        private static final Provider INSTANCE = new BouncyCastleProvider();
    }

    /**
     * BouncyCastle, as an instance of this library's that is registered nowhere: what others do with the list of providers
     * does not touch it.
     *
     * @return the same instance always
     */
    public static Provider bouncyCastle() {
        return OwnBouncyCastle.INSTANCE;
    }

    /**
     * Looks at the classes of providers.
     *
     * @param gcm does AES-GCM
     * @param hmac does HMAC-SHA512
     * @return both, with their classes
     * @throws IllegalArgumentException if one does not offer what it is for
     */
    public static CryptoImplementation of(Provider gcm, Provider hmac) {
        return new CryptoImplementation(
                gcm, hmac, implementation(gcm, "Cipher", GCM_NAMES), implementation(hmac, "Mac", HMAC));
    }

    private static Class<?> implementation(Provider provider, String type, String... names) {
        for (String name : names) {
            Provider.Service service = provider.getService(type, name);
            if (service != null) {
                try {
                    return service.newInstance(null).getClass();
                } catch (NoSuchAlgorithmException e) {
                    throw new IllegalArgumentException(
                            "the provider " + provider.getName() + " does not offer " + names[0] + " as it says", e);
                }
            }
        }
        throw new IllegalArgumentException("the provider " + provider.getName() + " does not offer " + names[0]);
    }

    /**
     * Tells whether a fault in one can be a fault in the other, as far as their classes tell.
     *
     * @param other another implementation
     * @return false only if no class of the one is of the same provider, package or family as one of the other that does the
     *     same
     */
    public boolean sharesCodeWith(CryptoImplementation other) {
        return gcm.getClass().equals(other.gcm.getClass())
                || hmac.getClass().equals(other.hmac.getClass())
                || related(gcmClass, other.gcmClass)
                || related(hmacClass, other.hmacClass);
    }

    private static boolean related(Class<?> one, Class<?> other) {
        return one.isAssignableFrom(other)
                || other.isAssignableFrom(one)
                || one.getPackageName().equals(other.getPackageName());
    }

    /**
     * For people.
     *
     * @return the names of the providers
     */
    @Override
    public String toString() {
        return gcm.getName() + (gcm.getName().equals(hmac.getName()) ? "" : " with HMAC by " + hmac.getName());
    }
}
