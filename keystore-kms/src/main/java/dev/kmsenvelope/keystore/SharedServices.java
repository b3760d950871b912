package dev.kmsenvelope.keystore;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.spi.KeyServices;
import java.lang.ref.WeakReference;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Key services by their settings, so that code which loads a KeyStore for every request opens them once. The services of
 * one configuration stay open as long as a KeyStore or a handle refers to one of them, or until everything is shut down.
 * Thread-safe.
 */
final class SharedServices {

    private static final Map<Configuration, Slot> SLOTS = new ConcurrentHashMap<>();

    private SharedServices() {}

    static KeyServices open(Configuration configuration) {
        return SLOTS.computeIfAbsent(configuration, Slot::new).open();
    }

    /** One lock per settings: a service that opens slowly keeps nobody waiting but those who want the same one. */
    private static final class Slot {

        private final Configuration configuration;
        private WeakReference<@Nullable KeyServices> opened = new WeakReference<>(null);

        Slot(Configuration configuration) {
            this.configuration = configuration;
        }

        synchronized KeyServices open() {
            KeyServices services = opened.get();
            if (services == null || services.isClosed()) {
                services = KeyServices.open(configuration);
                opened = new WeakReference<>(services);
            }
            return services;
        }
    }
}
