package dev.kmsenvelope.keystore;

import java.security.KeyStoreException;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Private keys that were put into a KeyStore and are not stored yet. They are wrapped when they are: a server such as Tomcat
 * copies its key into a KeyStore that it never stores, and must need no leave to encrypt for that. Those who change it hold a
 * lock; those who read see either what was before a change or what is after it.
 */
final class UnwrappedKeys {

    /** One of them. */
    private record Unwrapped(PrivateKey key, Certificate @Nullable [] chain, EntryView view) {}

    private volatile Map<String, Unwrapped> keys = Map.of();

    /** Makes the entry of a private key. */
    @FunctionalInterface
    interface Wrapper {
        void wrap(String alias, PrivateKey key, Certificate @Nullable [] chain) throws KeyStoreException;
    }

    Set<String> aliases() {
        return keys.keySet();
    }

    boolean isEmpty() {
        return keys.isEmpty();
    }

    Optional<EntryView> find(String alias) {
        return Optional.ofNullable(keys.get(alias)).map(Unwrapped::view);
    }

    void put(String alias, PrivateKey key, Certificate @Nullable [] chain, EntryView view) {
        Map<String, Unwrapped> changed = new LinkedHashMap<>(keys);
        changed.put(alias, new Unwrapped(key, chain == null ? null : chain.clone(), view));
        keys = Collections.unmodifiableMap(changed);
    }

    void remove(String alias) {
        Map<String, Unwrapped> changed = new LinkedHashMap<>(keys);
        changed.remove(alias);
        keys = Collections.unmodifiableMap(changed);
    }

    /** Wraps them all. Those before one that fails are wrapped then, and it and those behind it stay as they are. */
    void wrapAll(Wrapper wrapper) throws KeyStoreException {
        for (Map.Entry<String, Unwrapped> each : keys.entrySet()) {
            wrapper.wrap(each.getKey(), each.getValue().key(), each.getValue().chain());
        }
    }
}
