package dev.kmsenvelope.provider;

import dev.kmsenvelope.crypto.GcmProvider;
import java.security.GeneralSecurityException;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;
import java.security.Key;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.Provider;
import java.security.ProviderException;
import java.security.Security;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.jspecify.annotations.Nullable;

/**
 * Finds who does what this provider does not do itself: the installed providers in their order, without ourselves, and behind
 * them BouncyCastle's, installed or not. Providers are always passed on as objects: a look-up by name alone could find
 * ourselves and recurse.
 */
final class OtherProviders {

    /** Something that a provider may refuse. */
    @FunctionalInterface
    interface Attempt<T> {
        T with(Provider provider) throws GeneralSecurityException;
    }

    private static final class BouncyCastle {
        private static final Provider PROVIDER = new BouncyCastleProvider();
    }

    private OtherProviders() {}

    static Provider bouncyCastle() {
        return BouncyCastle.PROVIDER;
    }

    /**
     * A name under which something may be found.
     *
     * @param type of the service
     * @param algorithm its name
     * @param attempt what to do with a provider that has it
     */
    record Way<T>(String type, String algorithm, Attempt<T> attempt) {}

    /** As JCA would choose for a key, if this provider were not there: the first that takes it. */
    static <T> T firstFor(String type, String algorithm, Key key, Attempt<T> attempt)
            throws InvalidKeyException, InvalidAlgorithmParameterException {
        return firstFor(key, List.of(new Way<>(type, algorithm, attempt)));
    }

    /** The same, under the first of several names that an installed provider has; BouncyCastle is asked for the first one. */
    static <T> T firstFor(Key key, List<Way<T>> ways) throws InvalidKeyException, InvalidAlgorithmParameterException {
        Refusals refusals = new Refusals();
        T result = firstOf(ways, service -> service.supportsParameter(key), refusals);
        if (result == null && refusals.none()) {
            // an object that JCA bound too early asks its provider whatever the key is: so does this, for its words
            result = firstOf(ways, service -> true, refusals);
        }
        Way<T> first = ways.get(0);
        if (result == null && refusals.none()) {
            result = attempt(bouncyCastle(), first.attempt(), refusals);
        }
        if (result == null) {
            throw refusals.exception(first.type() + " " + first.algorithm());
        }
        return result;
    }

    private static <T> @Nullable T firstOf(List<Way<T>> ways, Predicate<Provider.Service> takes, Refusals refusals) {
        for (Way<T> way : ways) {
            for (Provider provider : Security.getProviders()) {
                Provider.Service service = provider.getService(way.type(), way.algorithm());
                boolean other = !provider.getName().equals(GcmProvider.OWN_NAME);
                T result = other && service != null && takes.test(service)
                        ? attempt(provider, way.attempt(), refusals)
                        : null;
                if (result != null) {
                    return result;
                }
            }
        }
        return null;
    }

    private static <T> @Nullable T attempt(Provider provider, Attempt<T> attempt, Refusals refusals) {
        try {
            return attempt.with(provider);
        } catch (GeneralSecurityException | RuntimeException e) {
            refusals.add(e);
            return null;
        }
    }

    /** One of the preferred providers that is installed and offers something, else the first other one that does. */
    static <T> T preferred(String type, String algorithm, List<String> names, Attempt<T> attempt) {
        List<Provider> candidates = new ArrayList<>();
        for (String name : names) {
            Provider provider = Security.getProvider(name);
            if (provider != null) {
                candidates.add(provider);
            }
        }
        candidates.addAll(List.of(Security.getProviders()));
        for (Provider provider : candidates) {
            if (!provider.getName().equals(GcmProvider.OWN_NAME) && provider.getService(type, algorithm) != null) {
                try {
                    return attempt.with(provider);
                } catch (GeneralSecurityException e) {
                    throw new ProviderException(provider.getName() + " does not do what it offers", e);
                }
            }
        }
        try {
            return attempt.with(bouncyCastle());
        } catch (GeneralSecurityException e) {
            throw new ProviderException("no security provider offers " + type + " " + algorithm, e);
        }
    }

    static MessageDigest digest(String algorithm) {
        return preferred(
                "MessageDigest", algorithm, List.of("SUN"), provider -> MessageDigest.getInstance(algorithm, provider));
    }

    /** What was refused, and why first; parameters that are wrong say more than a key that is. */
    private static final class Refusals {

        private @Nullable Exception first;
        private @Nullable InvalidAlgorithmParameterException parameters;

        void add(Exception e) {
            if (e instanceof NoSuchAlgorithmException) {
                return; // listed, but not offered for what was asked; the next one may
            }
            first = first == null ? e : first;
            if (parameters == null && e instanceof InvalidAlgorithmParameterException wrong) {
                parameters = wrong;
            }
        }

        boolean none() {
            return first == null;
        }

        InvalidKeyException exception(String what) throws InvalidAlgorithmParameterException {
            if (parameters != null) {
                throw parameters;
            }
            if (first instanceof RuntimeException e) {
                throw e;
            }
            return first instanceof InvalidKeyException e
                    ? e
                    : new InvalidKeyException("no installed provider takes this key for " + what, first);
        }
    }
}
