package dev.kmsenvelope.keystore;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.spi.Backends;
import java.lang.ref.WeakReference;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Key services by their settings, so that code which loads a KeyStore for every request opens the service once. A service
 * stays open as long as a KeyStore or a handle refers to it. Thread-safe.
 */
final class SharedServices {

    private static final Map<Configuration, Slot> SLOTS = new ConcurrentHashMap<>();

    private SharedServices() {}

    static KeyService open(Configuration configuration) {
        return SLOTS.computeIfAbsent(configuration, Slot::new).open();
    }

    /** One lock per settings: a service that opens slowly keeps nobody waiting but those who want the same one. */
    private static final class Slot {

        private final Configuration configuration;
        private WeakReference<@Nullable KeyService> opened = new WeakReference<>(null);

        Slot(Configuration configuration) {
            this.configuration = configuration;
        }

        synchronized KeyService open() {
            KeyService service = opened.get();
            if (service == null) {
                service = Backends.openService(configuration);
                opened = new WeakReference<>(service);
            }
            return service;
        }
    }
}
