package dev.kmsenvelope.keystore;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.spi.Backends;
import java.lang.ref.WeakReference;
import java.util.HashMap;
import java.util.Map;

/**
 * Key services by their settings, so that code which loads a KeyStore for every request opens the service once. A service
 * stays open as long as a KeyStore or a handle refers to it. Thread-safe.
 */
final class SharedServices {

    private static final Map<Configuration, WeakReference<KeyService>> SERVICES = new HashMap<>();

    private SharedServices() {}

    static KeyService open(Configuration configuration) {
        synchronized (SERVICES) {
            SERVICES.values().removeIf(reference -> reference.get() == null);
            WeakReference<KeyService> known = SERVICES.get(configuration);
            KeyService service = known == null ? null : known.get();
            if (service == null) {
                service = Backends.openService(configuration);
                SERVICES.put(configuration, new WeakReference<>(service));
            }
            return service;
        }
    }
}
