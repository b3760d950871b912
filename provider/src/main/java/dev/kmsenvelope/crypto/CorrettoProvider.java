package dev.kmsenvelope.crypto;

import java.lang.reflect.InvocationTargetException;
import java.security.Provider;
import java.security.Security;
import org.jspecify.annotations.Nullable;

/**
 * Amazon Corretto Crypto Provider, if it is installed or can be loaded from where this library is loaded from. It is looked
 * for once and has to have passed its self tests. A jar of it without the native library for this machine counts as absent.
 */
final class CorrettoProvider {

    private static final String CLASS_NAME = "com.amazon.corretto.crypto.provider.AmazonCorrettoCryptoProvider";

    private CorrettoProvider() {}

    /**
     * What was found.
     *
     * @param provider in working order; or null
     * @param reason why, or why not
     */
    record State(@Nullable Provider provider, String reason) {}

    private static final class Loaded {
        private static final State STATE = load();
    }

    static State state() {
        Provider installed = Security.getProvider(GcmProvider.CORRETTO);
        return installed == null ? Loaded.STATE : checked(installed, "installed");
    }

    private static State load() {
        try {
            Class<?> type = Class.forName(CLASS_NAME, true, CorrettoProvider.class.getClassLoader());
            return type.getField("INSTANCE").get(null) instanceof Provider provider
                    ? checked(provider, "on the class path")
                    : new State(null, "is of a version that is not known");
        } catch (ClassNotFoundException e) {
            return new State(null, "is not on the class path");
        } catch (ReflectiveOperationException | LinkageError e) {
            return new State(null, "cannot be loaded: " + e.getClass().getSimpleName());
        }
    }

    private static State checked(Provider provider, String where) {
        try {
            provider.getClass().getMethod("assertHealthy").invoke(provider);
            return new State(provider, where + " and healthy");
        } catch (InvocationTargetException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            return new State(
                    null,
                    "is " + where + " but not in working order: "
                            + cause.getClass().getSimpleName());
        } catch (ReflectiveOperationException | LinkageError e) {
            return new State(null, "is " + where + " but cannot tell whether it is healthy");
        }
    }
}
